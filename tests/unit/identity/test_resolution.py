from dataclasses import replace

import pytest

from hub.errors import Held
from hub.identity.demographics import Demographics
from hub.identity.directory import Directory
from hub.identity.resolution import SEVERAL, Resolution, SourceRecord

HAROLD = Demographics(
    name="Harold Andrews",
    family="andrews",
    given="harold",
    birth_date="1955-09-14",
    sex="male",
    phones=("8455550142",),
    address="14millstreet|12508",
    keys=("urn:mercy|70045",),
)
ELSEWHERE = replace(HAROLD, keys=("urn:busy|B-1021",))


def known(*patients: tuple[str, Demographics]) -> Directory:
    return Directory(SourceRecord(p.keys[0], person, p) for person, p in patients)


def resolved(patient: Demographics, *others: tuple[str, Demographics]) -> Resolution:
    return known(*others).resolve(patient)


def test_an_identifier_of_the_same_authority_names_the_person() -> None:
    """A message under a known number is about that person, though it says little else."""
    found = resolved(Demographics(keys=("urn:mercy|70045",)), ("p1", HAROLD))
    assert (found.person_id, found.rule, found.records) == ("p1", "identifier", ())


def test_the_same_number_of_another_authority_is_somebody_else() -> None:
    """A number means nothing without the authority that gave it."""
    other = Demographics(keys=("urn:lakeside|70045",), family="brooks", given="ellen", birth_date="1960-02-02")
    assert resolved(other, ("p1", HAROLD)).rule == "new"


def test_name_birth_date_sex_and_one_more_link() -> None:
    """Two systems' records are one person when name, birth date, sex and the phone number agree."""
    found = resolved(replace(ELSEWHERE, address=""), ("p1", HAROLD))
    assert (found.person_id, found.rule) == ("p1", "demographics")
    assert found.evidence == ("name, birth date and sex agree", "the phone number agrees")
    assert [record.key for record in found.records] == ["urn:busy|B-1021"]


@pytest.mark.parametrize(
    "other",
    [
        replace(ELSEWHERE, phones=(), address=""),
        replace(ELSEWHERE, sex=""),
        replace(ELSEWHERE, given="henry"),
        replace(ELSEWHERE, birth_date="1955-09-15"),
    ],
    ids=["nothing more", "no sex", "a twin", "another birth date"],
)
def test_anything_less_is_a_person_of_its_own(other: Demographics) -> None:
    """Without exact agreement and corroboration nobody is linked."""
    assert resolved(other, ("p1", HAROLD)).rule == "new"


def test_a_father_and_a_son_of_one_name_are_two_people() -> None:
    """Senior and junior are never linked, nor are two social security numbers."""
    assert resolved(replace(ELSEWHERE, suffix="jr"), ("p1", replace(HAROLD, suffix="sr"))).rule == "new"
    assert resolved(replace(ELSEWHERE, ssn="123456789"), ("p1", replace(HAROLD, ssn="987654321"))).rule == "new"


def test_two_who_fit_link_none() -> None:
    """When several known persons fit, the message makes a person of its own and says so."""
    twin_record = replace(HAROLD, keys=("urn:lakeside|9",))
    found = resolved(ELSEWHERE, ("p1", HAROLD), ("p2", twin_record))
    assert (found.rule, found.warnings) == ("new", (SEVERAL,))


def test_an_identifier_of_somebody_else_is_held() -> None:
    """A known number with another name and another birth date is kept for a person to look at."""
    wrong = replace(HAROLD, family="brooks", given="ellen", birth_date="1960-02-02")
    with pytest.raises(Held) as held:
        resolved(wrong, ("p1", HAROLD))
    assert (held.value.code, held.value.path) == ("identity-conflict", "PID-3")


def test_a_corrected_name_or_birth_date_is_believed() -> None:
    """One of the two may change under a known number; the source record is restated."""
    found = resolved(replace(HAROLD, family="andrewes"), ("p1", HAROLD))
    assert found.person_id == "p1"
    assert [record.demographics.family for record in found.records] == ["andrewes"]


def test_what_a_message_leaves_out_is_kept() -> None:
    """An empty member is no statement: the phone number is not forgotten."""
    directory = known(("p1", HAROLD))
    directory.resolve(replace(HAROLD, phones=(), address="9oakroad|12508"))
    (record,) = directory.changed
    assert (record.demographics.phones, record.demographics.address) == (("8455550142",), "9oakroad|12508")


def test_a_second_number_of_one_message_is_learned() -> None:
    """A number that is sent together with a known one finds the person from then on."""
    directory = known(("p1", HAROLD))
    directory.resolve(replace(HAROLD, keys=("urn:mercy|70045", "urn:empi|1")))
    assert directory.resolve(Demographics(keys=("urn:empi|1",))).person_id == "p1"


def test_numbers_of_two_persons_warn() -> None:
    """A message whose numbers belong to two persons goes to the first and says so."""
    found = resolved(replace(HAROLD, keys=("urn:mercy|70045", "urn:busy|B-1021")), ("p1", HAROLD), ("p2", ELSEWHERE))
    assert found.person_id == "p1"
    assert found.warnings


def test_the_same_patient_without_any_number_is_one_person() -> None:
    """Without a number the demographics are the key: the same words, the same person."""
    nobody = replace(HAROLD, keys=())
    assert resolved(nobody).person_id == resolved(nobody).person_id


def test_a_merge_moves_every_record_with_its_evidence() -> None:
    """After a merge messages under the retired number are the survivor's, and the evidence says why."""
    directory = known(("p1", HAROLD), ("p2", ELSEWHERE))
    directory.move("p2", "p1", "merged by message m1")
    assert directory.resolve(Demographics(keys=("urn:busy|B-1021",))).person_id == "p1"
    assert directory.changed[0].evidence == ("merged by message m1",)


PAPER = Demographics(name="Harold Andrews", family="andrews", given="harold", birth_date="1955-09-14")


def test_a_document_with_a_known_referral_number_finds_its_patient() -> None:
    """Name, birth date and a referral number that is known for that person are enough for a document."""
    found = known(("p1", HAROLD)).resolve_document(PAPER, {"REF-2201": {"p1"}})
    assert (found.person_id, found.rule, found.records) == ("p1", "document", ())


def test_a_document_with_the_number_alone_finds_its_patient() -> None:
    """On paper a medical record number stands without its authority; it corroborates nevertheless."""
    printed = replace(PAPER, keys=("urn:carering:feed:fax|70045",))
    assert known(("p1", HAROLD)).resolve_document(printed, {}).person_id == "p1"


@pytest.mark.parametrize(
    ("others", "referred"),
    [
        ([("p1", HAROLD)], {}),
        ([("p1", HAROLD)], {"REF-2201": {"p9"}}),
        ([("p1", HAROLD), ("p2", ELSEWHERE)], {"REF-2201": {"p1"}}),
        ([], {"REF-2201": {"p1"}}),
    ],
    ids=["name and birth date only", "a stranger's referral", "two of that name", "nobody"],
)
def test_a_document_is_held_unless_one_person_fits(
    others: list[tuple[str, Demographics]], referred: dict[str, set[str]]
) -> None:
    """A document is never filed by name and birth date alone, nor when several persons have them."""
    with pytest.raises(Held, match="birth date") as held:
        known(*others).resolve_document(PAPER, referred)
    assert held.value.code == "no-unique-patient"

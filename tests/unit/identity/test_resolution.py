from dataclasses import replace

import pytest

from hub.errors import Held
from hub.identity.demographics import Demographics
from hub.identity.directory import Directory
from hub.identity.resolution import SEVERAL, SLIP, Resolution, SourceRecord, could_be_one

HAROLD = Demographics(
    name="Harold Andrews",
    family="andrews",
    given="harold",
    birth_date="1955-09-14",
    sex="male",
    phones=("8455550142",),
    street="14 mill st",
    postal="12508",
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


def test_name_birth_date_and_one_more_link() -> None:
    """Two systems' records are one person when name, birth date and the phone number agree; the evidence says it."""
    found = resolved(replace(ELSEWHERE, street=""), ("p1", HAROLD))
    assert (found.person_id, found.rule) == ("p1", "demographics")
    assert "born: same (+14.5)" in found.evidence
    assert any(line.startswith("phone: same") for line in found.evidence)
    assert [record.key for record in found.records] == ["urn:busy|B-1021"]


@pytest.mark.parametrize(
    "other",
    [
        replace(ELSEWHERE, phones=(), street=""),
        replace(ELSEWHERE, given="henry"),
        replace(ELSEWHERE, middle="james"),
        replace(ELSEWHERE, birth_date="1985-09-14"),
    ],
    ids=["nothing more", "a twin", "a twin of one first name", "another birth date"],
)
def test_anything_less_is_a_person_of_its_own(other: Demographics) -> None:
    """Without agreement in name and birth date, and one thing more, nobody is linked."""
    assert resolved(other, ("p1", replace(HAROLD, middle="lee"))).rule == "new"


def test_a_middle_initial_is_no_other_name() -> None:
    """An initial stands for a middle name, and a middle name that is left out says nothing."""
    for middle in ("l", "lee", ""):
        assert resolved(replace(ELSEWHERE, middle=middle), ("p1", replace(HAROLD, middle="lee"))).person_id == "p1"


def test_people_without_a_name_are_never_linked() -> None:
    """Two unknown patients are two people, whatever was filled in for both."""
    unknown = replace(HAROLD, family="unknown", given="unknown")
    assert resolved(replace(unknown, keys=("urn:busy|1",)), ("p1", unknown)).rule == "new"


def test_a_father_and_a_son_of_one_name_are_two_people() -> None:
    """Senior and junior are never linked, nor are two social security numbers."""
    assert resolved(replace(ELSEWHERE, suffix="jr"), ("p1", replace(HAROLD, suffix="sr"))).rule == "new"
    assert resolved(replace(ELSEWHERE, ssn="123456789"), ("p1", replace(HAROLD, ssn="987654321"))).rule == "new"


def test_two_who_fit_link_none() -> None:
    """When several known persons fit, the message makes a person of its own and says so."""
    twin_record = replace(HAROLD, keys=("urn:lakeside|9",))
    found = resolved(ELSEWHERE, ("p1", HAROLD), ("p2", twin_record))
    assert (found.rule, found.warnings) == ("new", (SEVERAL,))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(HAROLD, family="brooks", given="ellen", birth_date="1960-02-02"),
        replace(HAROLD, birth_date="1985-09-14"),
        replace(HAROLD, birth_date="1960-02-02"),
        replace(HAROLD, given="henry", birth_date="1955-09-15"),
    ],
    ids=["somebody else", "a son of the same name", "another birth date", "another given name and day"],
)
def test_an_identifier_of_somebody_else_is_held(wrong: Demographics) -> None:
    """A known number with a birth date that is another person's is kept for somebody to look at."""
    with pytest.raises(Held) as held:
        resolved(wrong, ("p1", HAROLD))
    assert (held.value.code, held.value.path) == ("identity-conflict", "PID-3")


@pytest.mark.parametrize("born", ["1955-09-15", "1955-08-14", "1956-09-14", "1955", ""])
def test_a_slip_in_the_birth_date_is_believed(born: str) -> None:
    """One part of a birth date may be corrected under the same name and number; what is left out says nothing."""
    assert resolved(replace(HAROLD, birth_date=born), ("p1", HAROLD)).person_id == "p1"


def test_day_and_month_may_be_exchanged() -> None:
    """A birth date whose day and month were exchanged is the same one, and is told as a warning."""
    found = resolved(replace(HAROLD, birth_date="1955-04-09"), ("p1", replace(HAROLD, birth_date="1955-09-04")))
    assert (found.person_id, found.warnings) == ("p1", (SLIP,))


def test_a_corrected_name_is_believed() -> None:
    """The name may change under a known number; the source record is restated."""
    found = resolved(replace(HAROLD, family="andrewes"), ("p1", HAROLD))
    assert (found.person_id, found.warnings) == ("p1", ())
    assert [record.demographics.family for record in found.records] == ["andrewes"]


def test_an_unknown_patient_is_identified_under_the_same_number() -> None:
    """Who came without a name has the name and the birth date that are found out later."""
    unknown = replace(HAROLD, family="doe", given="john", birth_date="1980-01-01")
    assert resolved(HAROLD, ("p1", unknown)).person_id == "p1"


def test_the_record_of_another_person_is_not_restated() -> None:
    """A message whose numbers belong to two persons says nothing about the second one."""
    ellen = replace(ELSEWHERE, family="brooks", given="ellen", birth_date="1960-02-02")
    directory = known(("p1", HAROLD), ("p2", ellen))
    directory.resolve(replace(HAROLD, phones=("8455550199",), keys=(*HAROLD.keys, *ellen.keys)))
    assert [record.key for record in directory.changed] == list(HAROLD.keys)


@pytest.mark.parametrize(
    ("other", "one"),
    [
        (HAROLD, True),
        (replace(HAROLD, family="andrewes", birth_date=""), True),
        (replace(HAROLD, family="doe", given="john", birth_date=""), True),
        (replace(HAROLD, given="henry"), False),
        (replace(HAROLD, birth_date="1985-09-14"), False),
        (replace(HAROLD, suffix="jr"), False),
    ],
)
def test_two_who_share_a_visit_number_may_be_one(other: Demographics, one: bool) -> None:
    """Records that contradict each other in birth date, given name or suffix are of two people."""
    assert could_be_one(other, replace(HAROLD, suffix="sr")) is one


def test_what_a_message_leaves_out_is_kept() -> None:
    """An empty member is no statement: the phone number is not forgotten."""
    directory = known(("p1", HAROLD))
    directory.resolve(replace(HAROLD, phones=(), street="9 oak rd", postal="12508"))
    (record,) = directory.changed
    assert (record.demographics.phones, record.demographics.address) == (("8455550142",), "9 oak rd|12508")


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

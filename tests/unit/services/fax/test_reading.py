from pathlib import Path

import pytest

from hub.ocr.text_layer import TextLayer
from hub.ports import Page
from hub.services.fax.known import Known, read_referrals, read_roster
from hub.services.fax.matching import NEW
from hub.services.fax.pages import PageReader, page_reader
from hub.services.fax.reading import DocumentRead, Fax, Verdict, read_fax

NOTES = Path(__file__).parents[4] / "fixtures" / "messages" / "consult_note"
ROSTER = (
    b"id,last_name,first_name,dob,mrn,phone\np7,Andrews,Harold,1955-09-14,B-1021,\np8,Brooks,Ellen,1960-02-02,B-2,\n"
)
NOTE = (
    *("Love Cardiology Group", "CONSULTATION NOTE"),
    *("Patient: Harold Andrews", "DOB: 09/14/1955", "MRN: B-1021", "Referral: REF-2201", "Sex: M"),
)


def read(*lines: str, known: Known = Known()) -> DocumentRead:
    fax = read_fax("fax.pdf", b"%PDF-", known, lambda body, kind: (Page.of(1, *lines),))
    (document,) = fax.documents
    return document


def roster(rows: bytes = ROSTER) -> Known:
    return Known(roster=read_roster([rows]))


def test_a_consult_note_is_read() -> None:
    """The text layer of a PDF gives its kind, the patient, the author and the number of the referral."""
    name = "consult_note_for_referral.pdf"
    (document,) = read_fax(name, (NOTES / name).read_bytes(), Known(), page_reader().read).documents
    assert document.type == "consult_note"
    said = {field: found.value for field, found in document.fields.items()}
    assert said.items() >= {"patient_last": "Andrews", "dob": "1955-09-14", "referral_id": "REF-2201"}.items()


def test_the_one_patient_of_the_roster_is_found() -> None:
    """A document is filed where name, birth date and a number agree with one patient and nothing speaks against it."""
    document = read(*NOTE, known=roster())
    assert (document.fields["patient_key"].value, document.decision) == ("p7", Verdict.AUTO)


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (ROSTER, (*NOTE[:4], "MRN: 999888", *NOTE[5:])),
        (ROSTER + b"p9,Andrews,Harold,1955-09-14,B-3,\n", (*NOTE[:4], *NOTE[5:])),
        (ROSTER, (*NOTE[:4], "MRN: B-2222", *NOTE[5:])),
        (ROSTER.replace(b"Harold", b"Harald"), (*NOTE[:4], *NOTE[5:])),
        (ROSTER.replace(b"1955-09-14,B-1021", b"1955-09-14,").replace(b"B-2,", b"B-1021,"), NOTE),
        (ROSTER, (*NOTE, "Patient: Ellen Brooks")),
        (ROSTER, (NOTE[0], *NOTE[2:])),
    ],
    ids=[
        "nothing corroborates",
        "two of that name and birth date",
        "another number",
        "a name nearly the same",
        "a number that is another's",
        "two patients named",
        "no title",
    ],
)
def test_what_a_person_looks_at(rows: bytes, lines: tuple[str, ...]) -> None:
    """Whatever leaves a doubt whose a document is, or what it is, is for a person, with the reason."""
    document = read(*lines, known=roster(rows))
    assert document.decision is Verdict.REVIEW
    assert document.reasons


def test_somebody_new() -> None:
    """A patient whom nobody on the roster comes near is new."""
    document = read(NOTE[1], "Patient: Sadie Booker", "DOB: 08/29/1962", known=roster())
    assert document.fields["patient_key"].value == NEW


def test_twins_are_not_confused() -> None:
    """A twin is another patient: the birth date and the family name are not enough."""
    twins = b"id,last_name,first_name,dob,mrn\nt1,Andrews,Harold,1955-09-14,B-1\nt2,Andrews,Howard,1955-09-14,B-2\n"
    document = read(*NOTE[:4], "MRN: B-2", known=roster(twins))
    assert document.decision is Verdict.REVIEW


def test_a_referral_corroborates_its_patient() -> None:
    """A referral number that waits for this patient is the one thing more; another patient's contradicts."""
    lines = (*NOTE[:4], *NOTE[5:])
    for owner, verdict in (("p7", Verdict.AUTO), ("p8", Verdict.REVIEW)):
        waiting = read_referrals([b"referral_id,patient_key\nREF-2201," + owner.encode() + b"\n"])
        assert read(*lines, known=Known(read_roster([ROSTER]), waiting)).decision is verdict


def test_a_cover_sheet_is_not_filed() -> None:
    """A cover sheet goes with what follows it."""
    assert read("FAX COVER SHEET", "To: Busy Family Medicine", "From: Love Cardiology").decision is Verdict.REJECT


def test_a_scan_says_what_is_missing() -> None:
    """A document without a text layer is an error that says what would read it, where no engine is installed."""
    text_only = PageReader([TextLayer()])
    fax: Fax = read_fax("no_text.pdf", (NOTES / "no_text.pdf").read_bytes(), Known(), text_only.read)
    assert not fax.documents
    assert "install the extra fax" in fax.error

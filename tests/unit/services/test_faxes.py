from pathlib import Path

from hub.services.faxes import ALONE, CORROBORATED, Fax, Known, read_fax, read_referrals, read_roster

NOTES = Path(__file__).parent.parent.parent.parent / "fixtures" / "messages" / "consult_note"
ROSTER = b"id,last_name,first_name,dob,mrn\np7,Andrews,Harold,1955-09-14,B-1021\np8,Brooks,Ellen,1960-02-02,B-2\n"


def read(name: str, known: Known = Known()) -> Fax:
    return read_fax(name, (NOTES / name).read_bytes(), known)


def values(fax: Fax) -> dict[str, str]:
    return {field.name: field.value for field in fax.fields}


def test_a_consult_note_is_read() -> None:
    """The text layer of a PDF gives its kind, the patient, the author and the number of the referral."""
    fields = values(read("consult_note_for_referral.pdf"))
    assert (
        fields.items()
        >= {
            "document_type_loinc": "11488-4",
            "patient_family": "Andrews",
            "birth_date": "1955-09-14",
            "referral_number": "REF-2201",
        }.items()
    )


def test_the_one_patient_of_the_roster_is_found() -> None:
    """A patient is named when exactly one row has the name and the birth date, surer when a number agrees too."""
    fax = read("consult_note_for_referral.pdf", Known(roster=read_roster([ROSTER])))
    (found,) = [field for field in fax.fields if field.name == "patient_key"]
    assert found.value == "p7"
    assert found.confidence in (ALONE, CORROBORATED)


def test_nobody_is_guessed() -> None:
    """Two rows of the same name and birth date name nobody."""
    twice = read_roster([ROSTER + b"p9,Andrews,Harold,1955-09-14,B-3\n"])
    assert "patient_key" not in values(read("consult_note_for_referral.pdf", Known(roster=twice)))


def test_a_referral_that_waits_is_named() -> None:
    """A number on the document that is among the referrals is named as the referral."""
    known = Known(referrals=read_referrals([b"referral_id,to\nREF-2201,Love\n"]))
    assert values(read("consult_note_for_referral.pdf", known))["referral"] == "REF-2201"


def test_a_scan_says_what_is_missing() -> None:
    """A document without a text layer is an error that says what would read it."""
    fax = read("no_text.pdf")
    assert not fax.fields
    assert "scanned pages" in fax.error

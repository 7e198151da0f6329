import pytest

from hub.formats.document import DocumentFields, read_document
from hub.ports import Page

NOTE = (
    "Love Cardiology Group",
    "22 Harbor Street, Fairview, NY 12508  Phone: (845) 555-0190  NPI 9999999999",
    "CONSULTATION NOTE",
    "Patient: Harold J. Andrews     DOB: 09/14/1955   Sex: M   Phone: (845) 555-0142",
    "MRN: B-1021   Date of service: 02/24/2026",
    "Referring provider: Dr. Beatrice Busy   NPI: 1234567893",
    "Author: Laura Love, MD   NPI: 1111111112",
    "Referral: REF-2201",
    "Impression",
    "Heart failure with reduced",
    "ejection fraction.",
    "Plan",
    "Return in six weeks. Phone: (845) 555-0000",
    "Electronically signed by Laura Love, MD on 02/24/2026 4:10 PM",
)


def read(*lines: str, date_format: str = "%m/%d/%Y") -> DocumentFields:
    return read_document([Page(1, lines)], date_format)


def test_the_fields_of_a_note() -> None:
    """Labelled fields are read from one line or several, whatever stands beside them."""
    found = read(*NOTE)
    assert (found.title, found.type.loinc) == ("CONSULTATION NOTE", "11488-4")
    assert (found.patient.family, found.patient.given) == ("Andrews", ("Harold", "J"))
    assert (found.birth_date, found.sex, found.mrn) == ("1955-09-14", "male", "B-1021")
    assert (found.author.name.family, found.organization) == ("Love", "Love Cardiology Group")
    assert (found.date, found.signed_at) == ("2026-02-24", "2026-02-24T16:10:00")
    assert found.referral_numbers == ("REF-2201",)
    assert found.impression == "Heart failure with reduced ejection fraction."
    assert found.final


def test_an_npi_belongs_to_the_person_before_it() -> None:
    """The author's NPI is the one after the author's name, not the letterhead's and not the referring clinician's."""
    assert read(*NOTE).author.npi == "1111111112"


def test_a_letterheads_phone_is_not_the_patients() -> None:
    """The patient's phone is the one in his block, neither the letterhead's nor one in the text."""
    assert read(*NOTE).phone == "(845) 555-0142"
    assert read(*NOTE[:3], "Patient: Harold Andrews", *NOTE[8:]).phone == ""


def test_values_below_their_labels() -> None:
    """A label that stands alone has its value on the next line."""
    found = read("Patient name", "Andrews, Harold", "Date of birth:", "1955-09-14")
    assert (found.patient.family, found.patient.given, found.birth_date) == ("Andrews", ("Harold",), "1955-09-14")


def test_a_letter() -> None:
    """A letter names its patient after RE, without a label for the birth date's colon."""
    found = read("Kidney Nephrology", "Consultation report", "RE: Harold Andrews, DOB 9/14/1955", "Stable.")
    assert (found.patient.family, found.birth_date) == ("Andrews", "1955-09-14")


def test_prose_is_no_label() -> None:
    """Words of the text that happen to be labels are not fields."""
    found = read("The patient was referred to cardiology. Date unknown, sex not stated.", "He was born abroad.")
    assert not found.patient
    assert (found.birth_date, found.date, found.sex) == ("", "", "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DOB: 1955-09-14", "1955-09-14"),
        ("DOB: September 14, 1955", "1955-09-14"),
        ("DOB: 14 Sep 1955", "1955-09-14"),
        ("DOB: 09/14/1955", "1955-09-14"),
        ("DOB: 31/12/1955", ""),
        ("DOB: 02/30/1955", ""),
        ("DOB: 09/14/55", ""),
    ],
)
def test_birth_dates(line: str, expected: str) -> None:
    """A date that cannot be read surely is not read."""
    assert read("Patient: A B", line).birth_date == expected


def test_the_feeds_date_format() -> None:
    """Numeric dates are read as the feed says."""
    assert read("Patient: A B", "DOB: 14.09.1955", date_format="%d.%m.%Y").birth_date == "1955-09-14"


@pytest.mark.parametrize(
    ("lines", "final"),
    [
        (("FINAL REPORT",), True),
        (("Signed by: Laura Love, MD",), True),
        (("PRELIMINARY", "Signed by: Laura Love, MD"), False),
        (("Status: final",), True),
        (("Status: preliminary", "Signed by: Laura Love"), False),
        (("Consultation note",), False),
    ],
)
def test_final_or_not(lines: tuple[str, ...], final: bool) -> None:
    """A note is final when it says so or is signed, and says nowhere that it is not."""
    assert read(*lines).final is final


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Consult Note", "11488-4"),
        ("CARDIOLOGY CONSULTATION REPORT", "11488-4"),
        ("Discharge Summary", "18842-5"),
        ("Progress note", "11506-3"),
        ("Invoice", ""),
        ("Please see the consultation note that was sent to you on Monday by the group", ""),
    ],
)
def test_titles(title: str, code: str) -> None:
    """The kind of document is what its title means; an unknown title means none."""
    assert read(title).type.loinc == code


def test_several_pages_are_one_text() -> None:
    """The text is that of all pages, and a footer that repeats the patient changes nothing."""
    found = read_document([Page(1, NOTE), Page(2, ("Patient: Somebody Else  page 2",))])
    assert found.patient.family == "Andrews"
    assert found.text.endswith("page 2")

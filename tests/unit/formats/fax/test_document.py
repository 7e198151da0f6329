import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.formats.fax import FaxDocument, read_documents
from hub.ports import Box, Line, Page

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


def read(*lines: str, date_format: str = "%m/%d/%Y") -> FaxDocument:
    (document,) = read_documents([Page.of(1, *lines)], date_format)
    return document


def test_the_fields_of_a_note() -> None:
    """Labelled fields are read from one line or several, whatever stands beside them."""
    found = read(*NOTE)
    assert (found.title, found.type.loinc) == ("CONSULTATION NOTE", "11488-4")
    assert (found.patient.family, found.patient.given) == ("Andrews", ("Harold", "J"))
    assert tuple(map(found.value, ("dob", "sex", "mrn"))) == ("1955-09-14", "M", "B-1021")
    assert (found.author.name.family, found.organization) == ("Love", "Love Cardiology Group")
    assert (found.value("date_of_service"), found.signed_at) == ("2026-02-24", "2026-02-24T16:10:00")
    assert found.referral_numbers == ("REF-2201",)
    assert found.section("impression") == "Heart failure with reduced ejection fraction."
    assert found.final


def test_an_npi_belongs_to_the_person_before_it() -> None:
    """The author's NPI is the one after the author's name, not the letterhead's and not the referring clinician's."""
    assert read(*NOTE).author.npi == "1111111112"


def test_a_letterheads_phone_is_not_the_patients() -> None:
    """The patient's phone is the one in his block, neither the letterhead's nor one in the text."""
    assert read(*NOTE).value("phone") == "8455550142"
    assert read(*NOTE[:3], "Patient: Harold Andrews", *NOTE[8:]).value("phone") == ""


def test_values_below_their_labels() -> None:
    """A label that stands alone has its value on the next line."""
    found = read("Patient name", "Andrews, Harold", "Date of birth:", "1955-09-14")
    assert (found.patient.family, found.patient.given, found.value("dob")) == ("Andrews", ("Harold",), "1955-09-14")


def test_a_letter() -> None:
    """A letter names its patient after RE, without a label for the birth date's colon."""
    found = read("Kidney Nephrology", "Consultation report", "RE: Harold Andrews, DOB 9/14/1955", "Stable.")
    assert (found.patient.family, found.value("dob")) == ("Andrews", "1955-09-14")


def test_prose_is_no_label() -> None:
    """Words of the text that happen to be labels are not fields."""
    found = read("The patient was referred to cardiology. Date unknown, sex not stated.", "He was born abroad.")
    assert not found.patient
    assert not found.fields


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DOB: 1955-09-14", "1955-09-14"),
        ("DOB: September 14, 1955", "1955-09-14"),
        ("DOB: 14 Sep 1955", "1955-09-14"),
        ("DOB: 09/14/1955", "1955-09-14"),
        ("DOB: 31/12/1955", ""),
        ("DOB: 02/30/1955", ""),
        ("DOB: 09/14/55", "1955-09-14"),
        ("DOB: 09/14/25", ""),
    ],
)
def test_birth_dates(line: str, expected: str) -> None:
    """A date that cannot be read surely is not read."""
    assert read("Patient: A B", line).value("dob") == expected


def test_the_feeds_date_format() -> None:
    """Numeric dates are read as the feed says."""
    assert read("Patient: A B", "DOB: 14.09.1955", date_format="%d.%m.%Y").value("dob") == "1955-09-14"


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
    (found,) = read_documents([Page.of(1, *NOTE), Page.of(2, "Patient: Harold Andrews  page 2")])
    assert found.patient.family == "Andrews"
    assert found.text.endswith("page 2")
    assert not found.contradictions


def test_pages_of_two_patients() -> None:
    """A page that names somebody else says so, and does not name him."""
    (found,) = read_documents([Page.of(1, *NOTE), Page.of(2, "Patient: Somebody Else  page 2")])
    (said,) = found.contradictions
    assert "Else" not in said


def form(*places: tuple[float, float, str]) -> FaxDocument:
    """A form: texts by left edge and top, in shares of the page."""
    lines = (Line(text, Box(left, top, left + 0.008 * len(text), top + 0.012)) for left, top, text in places)
    (document,) = read_documents([Page(1, tuple(lines))])
    return document


def test_a_form_of_boxes() -> None:
    """In a form with small labels above their values, two boxes side by side do not mix."""
    found = form(
        *((0.1, 0.2, "Patient Name"), (0.5, 0.2, "D.O.B.")),
        *((0.1, 0.215, "Booker, Sadie A"), (0.5, 0.215, "08/29/1962")),
        *((0.1, 0.24, "Chart No."), (0.5, 0.24, "Gender")),
        *((0.1, 0.255, "1281100"), (0.5, 0.255, "Female")),
    )
    assert (found.patient.family, found.patient.given) == ("Booker", ("Sadie", "A"))
    assert tuple(map(found.value, ("dob", "mrn", "sex"))) == ("1962-08-29", "1281100", "F")
    assert found.fields["dob"].box.left == 0.5


def test_two_columns_of_people() -> None:
    """Where patient and referring physician stand side by side, each keeps his own phone."""
    found = form(
        *((0.1, 0.20, "Patient: Sadie Booker"), (0.5, 0.20, "Referring Physician: Kwame Osei, MD")),
        *((0.1, 0.22, "DOB: 08/29/1962"), (0.5, 0.22, "NPI: 1234567943")),
        *((0.1, 0.24, "Phone: (845) 555-0121"), (0.5, 0.24, "Phone: (631) 555-0199")),
    )
    assert found.value("phone") == "8455550121"
    assert (found.value("referring_provider"), found.referrer.npi) == ("Osei, Kwame", "1234567943")


@pytest.mark.parametrize(
    ("line", "family", "given"),
    [
        ("Patient Name:BOOKER,SADIE", "BOOKER", ("SADIE",)),
        ("Patient: Booker. Sadie A", "Booker", ("Sadie", "A")),
        ("Patient: SadieBooker", "Booker", ("Sadie",)),
        ("Patiert Name: Sadie McDonald", "McDonald", ("Sadie",)),
        ("Pt Name: Sadie O'Brien Jr.", "O'Brien", ("Sadie",)),
    ],
)
def test_names_as_recognition_leaves_them(line: str, family: str, given: tuple[str, ...]) -> None:
    """Lost blanks, commas read as dots and a wrong letter in a label do not hide a name."""
    found = read("Some clinic", line, "DOB: 08/29/1962")
    assert (found.patient.family, found.patient.given) == (family, given)


def test_labels_without_colons() -> None:
    """A label that runs into its value is found by what follows it."""
    found = read("Clinic", "DiagnosisE11.9 Type 2 diabetes", "Referral Number.REF-97246", "Date Written2026-03-08")
    assert found.diagnoses == ("E11.9",)
    assert (found.value("referral_id"), found.value("date_of_service")) == ("REF-97246", "2026-03-08")


@given(st.lists(st.text(max_size=60), max_size=30))
def test_any_text(lines: list[str]) -> None:
    """Whatever is on a page, documents come out whose pages are the page, and whose values stand on it."""
    for document in read_documents([Page.of(1, *lines)]):
        assert [page.number for page in document.pages] == [1]
        assert all(0 <= found.confidence <= 1 and found.value for found in document.fields.values())

import base64

import pytest

from hub.errors import Held
from hub.mappers import convert
from hub.model import Format, Json
from hub.ports import Page
from tests.unit.mappers.clinical import at, feed, one_of, raw

LINES = (
    "Love Cardiology Group",
    "CONSULTATION NOTE",
    "Patient: Harold J. Andrews  DOB: 09/14/1955  Sex: M",
    "MRN: B-1021  Date of service: 02/24/2026  Referral: REF-2201",
    "Author: Laura Love, MD  NPI: 1111111112",
    "Medication changes",
    "Furosemide 40 → 80 mg daily",
    "Electronically signed by Laura Love, MD on 02/24/2026 16:10",
)
PDF = b"%PDF-1.4 a document"


def bundle_of(*lines: str, **known: object) -> Json:
    source = raw(PDF, Format.DOCUMENT, "application/pdf")
    return convert(source, feed(**known), (Page.of(1, *lines),)).bundle


def test_a_consult_note() -> None:
    """A note has its type, patient, author, time, referral number and changes of treatment."""
    bundle = bundle_of(*LINES)
    made = one_of(bundle, "DocumentReference")
    assert made["type"]["coding"][0]["code"] == "11488-4"
    assert (made["docStatus"], made["date"]) == ("final", "2026-02-24T16:10:00-05:00")
    author = at(bundle, made["author"][0])
    assert at(bundle, author["practitioner"])["identifier"][0]["value"] == "1111111112"
    assert made["context"]["related"][0]["identifier"]["value"] == "REF-2201"
    assert made["extension"][0]["valueString"] == "Furosemide 40 → 80 mg daily"
    assert made["extension"][1] == {"url": "urn:carering:confidence", "valueDecimal": 0.99}
    patient = one_of(bundle, "Patient")
    assert (patient["name"][0], patient["birthDate"]) == ({"family": "Andrews", "given": ["Harold", "J"]}, "1955-09-14")


def test_the_original_stays_where_it_is() -> None:
    """The pages are kept as text; the document itself is named by size, hash and place, and not copied."""
    original, text = (c["attachment"] for c in one_of(bundle_of(*LINES), "DocumentReference")["content"])
    assert (original["contentType"], original["size"]) == ("application/pdf", len(PDF))
    assert original["url"] == f"urn:carering:message:{raw(PDF).id}"
    assert "data" not in original
    assert base64.b64decode(text["data"]).decode().splitlines() == list(LINES)


def test_the_same_document_twice() -> None:
    """The same bytes are the same document, whatever feed or reader brought them."""
    assert len({one_of(bundle_of(*lines), "DocumentReference")["id"] for lines in (LINES, LINES[:7])}) == 1


@pytest.mark.parametrize(("missing", "reason"), [("DOB: 09/14/1955", "birth date"), ("Harold J. Andrews", "name")])
def test_whose_it_is_must_be_read(missing: str, reason: str) -> None:
    """A document without the patient's name or birth date is held for a person, and the reason names neither."""
    with pytest.raises(Held, match=reason) as held:
        bundle_of(*(line.replace(missing, "") for line in LINES))
    assert (held.value.code, held.value.path) == ("patient-not-read", "page 1")
    assert "Andrews" not in str(held.value)


def test_pages_without_text() -> None:
    """A document of pictures only is held: nothing could be read."""
    with pytest.raises(Held) as held:
        bundle_of(" ", "")
    assert held.value.code == "no-text"


def test_numbers_of_a_known_authority() -> None:
    """A feed that says whose numbers are on its documents gives them their authority."""
    constants = {"mrn_authority": "BUSY", "referral_authority": "urn:oid:1.2.3.4"}
    bundle = bundle_of(*LINES, constants=constants, namespaces={"BUSY": "urn:oid:1.2.3"})
    assert one_of(bundle, "Patient")["identifier"][0]["system"] == "urn:oid:1.2.3"
    related = one_of(bundle, "DocumentReference")["context"]["related"][0]["identifier"]
    assert (related["system"], related["value"]) == ("urn:oid:1.2.3.4", "REF-2201")


def test_an_unknown_kind_is_not_coded() -> None:
    """A document whose title says nothing is named so, and is no final note."""
    made = one_of(bundle_of("Some clinic", LINES[2]), "DocumentReference")
    assert made["type"] == {"text": "Document"}
    assert made["docStatus"] == "preliminary"

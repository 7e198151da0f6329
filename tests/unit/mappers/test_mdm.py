import base64

import pytest

from hub.model import Json
from tests.unit.mappers.clinical import LOVE, all_of, at, fixture, message, one_of

TXA = "TXA|1|{kind}|TX|202603201615-0400|{love}|{dated}||||||DOC-1^CN|||||{completion}||{availability}"
NOTE = "OBX|1|TX|11488-4^Consult note^LN||Stable.||||||F"


def document(
    *obx: str, kind: str = "CN", dated: str = "202603201615-0400", completion: str = "AU", availability: str = "AV",
    event: str = "T02",
) -> Json:  # fmt: skip
    txa = TXA.format(kind=kind, love=LOVE, dated=dated, completion=completion, availability=availability)
    return one_of(message(f"MDM^{event}", txa, *(obx or (NOTE,))).bundle, "DocumentReference")


def text_of(made: Json, place: int = 0) -> str:
    return base64.b64decode(made["content"][place]["attachment"]["data"]).decode()


def test_a_consult_note() -> None:
    """A note has its number, type, author, date and text, and the visit it belongs to."""
    bundle = fixture("mdm_t02/consult_note_without_order")
    made = one_of(bundle, "DocumentReference")
    assert made["masterIdentifier"]["value"] == "DOC-9120"
    assert made["type"]["coding"][0] == {"system": "http://loinc.org", "code": "11488-4", "display": "Consult note"}
    assert at(bundle, made["author"][0])["identifier"][0]["value"] == "1111111112"
    assert made["date"] == "2026-03-20T16:15:00-04:00"
    assert text_of(made).startswith("Stable after discharge")
    assert "related" not in made["context"]
    assert at(bundle, made["context"]["encounter"][0])["resourceType"] == "Encounter"


def test_new_drugs_of_a_discharge_summary() -> None:
    """Every change of treatment that the text names is said by itself."""
    made = one_of(fixture("mdm_t02/discharge_summary"), "DocumentReference")
    changes = [e["valueString"] for e in made["extension"] if e["url"] == "urn:carering:treatment-change"]
    assert len(changes) == 3
    assert changes[1] == "NEW: spironolactone 25 mg daily"


def test_the_orders_it_answers() -> None:
    """The numbers of ORC, TXA-14 and TXA-15 are what the document is related to, each once."""
    made = one_of(fixture("mdm_t02/note_for_referral"), "DocumentReference")
    assert [r["identifier"]["value"] for r in made["context"]["related"]] == ["REF-2207", "CN-4410"]
    assert made["description"] == "Cardiology consultation"


def test_formatted_text_is_kept_as_sent() -> None:
    """Formatted text is readable as plain text, and stands beside it as it was sent."""
    made = document("OBX|1|FT|1^A^L||Line one.\\.br\\Line two.||||||F")
    assert [c["attachment"]["contentType"] for c in made["content"]] == ["text/plain; charset=utf-8", "text/hl7v2"]
    assert text_of(made).splitlines() == ["Line one.", "Line two."]
    assert text_of(made, 1) == "Line one.\\.br\\Line two."


@pytest.mark.parametrize(
    ("kind", "code"), [("CN", "11488-4"), ("DS^Discharge summary", "18842-5"), ("34117-2^H and P^LN", "34117-2")]
)
def test_type_in_loinc(kind: str, code: str) -> None:
    """The type of a document is coded in LOINC: as sent, or by what table 0270 means."""
    assert document("OBX|1|TX|X^Text^L||a||||||F", kind=kind)["type"]["coding"][0]["code"] == code


def test_an_unknown_type_stays_as_sent() -> None:
    """A type that nothing explains keeps its code and claims no other."""
    coding = document("OBX|1|TX|X^Text^L||a||||||F", kind="QQ^Something^99CN")["type"]["coding"]
    assert [c["code"] for c in coding] == ["QQ"]


@pytest.mark.parametrize(
    ("event", "completion", "availability", "status", "doc_status"),
    [
        ("T02", "AU", "AV", "current", "final"),
        ("T02", "LA", "", "current", "final"),
        ("T02", "DI", "AV", "current", "preliminary"),
        ("T02", "AU", "OB", "superseded", "final"),
        ("T02", "AU", "CA", "entered-in-error", "final"),
        ("T11", "AU", "AV", "entered-in-error", "entered-in-error"),
    ],
)
def test_status(event: str, completion: str, availability: str, status: str, doc_status: str) -> None:
    """TXA-19 says whether a document stands, TXA-17 whether it is final; T11 takes it back."""
    made = document(event=event, completion=completion, availability=availability)
    assert (made["status"], made["docStatus"]) == (status, doc_status)


@pytest.mark.parametrize(("name", "code"), [("mdm_t06/addendum", "appends"), ("mdm_t10/replacement", "replaces")])
def test_relation_to_the_parent(name: str, code: str) -> None:
    """An addendum and a replacement name the document that they add to or replace."""
    (relation,) = one_of(fixture(name), "DocumentReference")["relatesTo"]
    assert (relation["code"], relation["target"]["identifier"]["value"]) == (code, "DOC-9120")


def test_a_day_is_no_instant() -> None:
    """An origination date without a time is no instant: the document has a period instead of a date."""
    made = one_of(fixture("mdm_t01/notice_without_content"), "DocumentReference")
    assert "date" not in made
    assert made["context"]["period"] == {"start": "2026-03-20"}


def test_large_attachments_stay_in_the_raw_message() -> None:
    """An attachment over 256 KiB is not copied: the bundle says its size and hash, and where it is."""
    data = base64.b64encode(b"x" * 300_000).decode()
    attachment = document(f"OBX|1|ED|1^Scan^L||CN^IM^TIFF^Base64^{data}||||||F")["content"][0]["attachment"]
    assert "data" not in attachment
    assert (attachment["contentType"], attachment["size"]) == ("image/tiff", 300_000)
    assert attachment["url"].startswith("urn:carering:message:")


def test_a_document_without_txa() -> None:
    """Without TXA there is no document: the other segments are mapped by themselves, and that is said."""
    made = message("MDM^T02", NOTE)
    assert "TXA" in {issue.path for issue in made.issues}
    assert one_of(made.bundle, "Observation")["valueString"] == "Stable."


def test_the_history_of_a_document() -> None:
    """Who wrote, transcribed, edited, authenticated and got a document, and when, are Provenance of their own."""
    told = [p for p in all_of(fixture("mdm_t02/every_field"), "Provenance") if "activity" in p]
    said = {p["activity"]["text"]: p for p in told if p["activity"]["text"] != "edit"}
    assert said["transcription"]["agent"][0]["who"]["display"] == "Tina Typist"
    assert said["authentication"]["occurredDateTime"] == "2026-03-20T18:00:00-04:00"
    assert len(said["distribution"]["agent"]) == 2
    edits = [p for p in told if p["activity"]["text"] == "edit"]
    assert [p.get("reason", [{}])[0].get("text", "") for p in edits] == ["", "Potassium corrected"]


def test_where_a_document_is_kept() -> None:
    """Folder, storage, specialty, keeper and due date of a document have their places."""
    bundle = fixture("mdm_t02/every_field")
    made = one_of(bundle, "DocumentReference")
    assert {folder["title"] for folder in all_of(bundle, "List")} == {"Heart failure folder", "Folder of 2026"}
    assert made["meta"]["tag"][0]["code"] == "AC"
    assert made["context"]["practiceSetting"]["text"] == "Cardiology"
    assert at(bundle, made["custodian"])["name"] == "CARDIONET"
    assert one_of(bundle, "Task")["restriction"]["period"]["end"] == "2026-03-27"


def test_a_restated_order_is_no_new_referral() -> None:
    """An order that the document answers is said again as far as the message goes, but it refers nobody anew."""
    bundle = fixture("mdm_t02/every_field")
    order = one_of(bundle, "ServiceRequest")
    assert order["code"]["coding"][0]["code"] == "57133-1"
    assert "category" not in order
    assert at(bundle, one_of(bundle, "DocumentReference")["context"]["related"][0]) == order


def test_observations_beside_a_document() -> None:
    """A number among the OBX of a document is an Observation that the document is related to."""
    bundle = fixture("mdm_t02/several_kinds_of_content")
    made = one_of(bundle, "DocumentReference")
    types = [c["attachment"]["contentType"].partition(";")[0] for c in made["content"]]
    assert types == ["text/plain", "text/plain", "text/hl7v2", "image/jpeg", "video/mp4"]
    related = [at(bundle, r)["code"]["text"] for r in made["context"]["related"]]
    assert related == ["Systolic blood pressure", "Access site"]


def test_several_documents_of_one_message() -> None:
    """Each TXA is a document with the OBX that follow it."""
    made = all_of(fixture("mdm_t02/two_documents"), "DocumentReference")
    assert [(d["masterIdentifier"]["value"], text_of(d)) for d in made] == [
        ("DOC-9302", "First."),
        ("DOC-9303", "Second."),
    ]


def test_a_consent() -> None:
    """A CON is the patient's consent with its form, its term and who gave it."""
    bundle = fixture("mdm_t02/every_field")
    consent = one_of(bundle, "Consent")
    assert consent["provision"]["period"] == {"start": "2026-03-20", "end": "2026-06-20"}
    assert consent["sourceReference"]["identifier"]["value"] == "CF-998"
    assert at(bundle, consent["performer"][0])["relationship"][0]["text"] == "Next of Kin"

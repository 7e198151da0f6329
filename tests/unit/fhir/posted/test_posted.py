"""What systems post as FHIR R4, and what the hub makes of it."""

from typing import Any

import orjson
import pytest

from hub.errors import Held
from hub.fhir.check import check
from hub.fhir.posted.faults import faults
from hub.fhir.posted.messages import messages_in_text
from hub.model import Json
from hub.routing.statements import DocumentStatement, EncounterStatement, ReferralSignal
from tests.unit.fhir.posted.posting import FEED, bundle, made, one, order, patient, raws, reading, task, to

NPI = "http://hl7.org/fhir/sid/us-npi"


def signal(body: Json) -> ReferralSignal:
    (found,) = [s for s in reading(body).statements if isinstance(s, ReferralSignal)]
    return found


def test_a_resource_is_kept_whole() -> None:
    """Meta, text and extensions stay as they were posted; the id becomes the hub's, the address an identifier."""
    posted = order(
        meta={"versionId": "3", "profile": ["http://example.org/p"]},
        text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
        extension=[{"url": "http://example.org/e", "valueDecimal": 1.5}],
    )
    kept = one(made(posted), "ServiceRequest")
    assert {name: kept[name] for name in ("meta", "text", "extension", "status", "category")} == {
        name: posted[name] for name in ("meta", "text", "extension", "status", "category")
    }
    assert kept["id"] != "SR1"
    assert [(i["system"], i["value"]) for i in kept["identifier"]] == [("urn:carering:feed:busy", "ServiceRequest/SR1")]


def test_the_same_address_is_the_same_resource() -> None:
    """Whatever changes in it, and however it is posted, a resource at one address has one id."""
    alone = one(made(order()), "ServiceRequest")["id"]
    assert one(made(order(priority="stat")), "ServiceRequest")["id"] == alone
    assert one(made(bundle("transaction", order(), patient())), "ServiceRequest")["id"] == alone
    assert one(made(order(id="SR2")), "ServiceRequest")["id"] != alone


def test_whom_only_a_reference_names() -> None:
    """A patient who is not in the message stands there with the numbers that it names him by."""
    by_address = one(made(order()), "Patient")
    assert [i["value"] for i in by_address["identifier"]] == ["Patient/p1"]
    number = {"system": "urn:oid:1.2.3", "value": "70045"}
    for subject in ({"identifier": number}, to("Patient?identifier=urn:oid:1.2.3|70045")):
        assert one(made(order(subject=subject)), "Patient")["identifier"] == [number]


def test_references_lead_to_entries_or_name_identifiers() -> None:
    """A reference to an entry leads there, by whatever name; one that leads out says by which identifier."""
    posted = bundle("transaction", patient(), order(), task(requester=to("https://ehr.example/fhir/Organization/o1")))
    made_of = made(posted)
    ids = {e["resource"]["resourceType"]: e["fullUrl"] for e in made_of["entry"]}
    found = one(made_of, "Task")
    assert (found["focus"]["reference"], found["for"]["reference"]) == (ids["ServiceRequest"], ids["Patient"])
    assert "reference" not in found["requester"]
    assert found["requester"]["identifier"]["value"] == "https://ehr.example/fhir/Organization/o1"
    assert found["requester"]["identifier"]["system"] == "urn:ietf:rfc:3986"


def test_a_relative_reference_is_on_the_server_of_what_refers() -> None:
    """``Patient/p1`` in an entry of https://ehr.example is that server's Patient/p1."""
    entry = {"fullUrl": "https://ehr.example/ServiceRequest/SR1", "resource": order()}
    found = one(made({"resourceType": "Bundle", "type": "collection", "entry": [entry]}), "Patient")
    assert [i["value"] for i in found["identifier"]] == ["https://ehr.example/Patient/p1"]


@pytest.mark.parametrize(
    ("body", "path", "says"),
    [
        ({"resourceType": "Patientt"}, "Patientt.resourceType", "no resource"),
        (order(status="aktiv"), "ServiceRequest.status", "value set"),
        (bundle("searchset", patient()), "Bundle.type", "must be one of"),
        (bundle("history", patient()), "Bundle.type", "must be one of"),
        ({"resourceType": "Bundle", "type": "collection"}, "Bundle.entry", "holds no resource"),
        (bundle("collection", bundle("collection", patient())), "Bundle.entry[0].resource", "no resource that can"),
        (bundle("collection", patient(), patient()), "Bundle.entry[1].resource", "already"),
        (
            bundle("collection", patient(), order(subject=to("Patient/p2"))),
            "Bundle.entry[1].resource.subject",
            "another",
        ),
        (
            {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": patient()}]},
            "Bundle.entry[0]",
            "request and a resource",
        ),
        (
            {
                "resourceType": "Bundle",
                "type": "transaction",
                "entry": [{"resource": patient(), "request": {"method": "DELETE", "url": "Patient/p1"}}],
            },
            "Bundle.entry[0].request.method",
            "POST or PUT",
        ),
        (
            {
                "resourceType": "Bundle",
                "type": "transaction",
                "entry": [{"resource": patient(), "request": {"method": "PUT", "url": "Patient/p2"}}],
            },
            "Bundle.entry[0].request.url",
            "the id of the resource",
        ),
        (
            {
                "resourceType": "Bundle",
                "type": "transaction",
                "entry": [{"resource": patient(), "request": {"method": "POST", "url": "Person"}}],
            },
            "Bundle.entry[0].request.url",
            "the type of the resource",
        ),
    ],
)
def test_what_cannot_be_taken(body: Any, path: str, says: str) -> None:
    """What is wrong is said in the sender's own terms, by place; conversion holds it for the same reason."""
    found = faults(body, FEED.name)
    assert any(p.path == path and says in p.text for p in found), found
    (raw,) = raws(orjson.dumps(body))
    with pytest.raises(Held):
        made(body)
    assert raw.type == ""


def test_a_batch_is_as_many_messages_patients_first() -> None:
    """The entries of a batch have nothing to do with one another; order holds for the patient's own address."""
    text = orjson.dumps(bundle("batch", order(), patient(), task(id="T9", **{"for": to("Patient/p2")})))
    found = messages_in_text(text, FEED.name)
    assert [(m.type, m.number, m.key.rpartition("|")[2]) for m in found] == [
        ("Patient", 1, "Patient/p1"),
        ("ServiceRequest", 0, "Patient/p1"),
        ("Task", 2, "Patient/p2"),
    ]


def test_what_is_valid_stays_valid() -> None:
    """What nothing is wrong in becomes a bundle that is FHIR R4, contained resources and attachments included."""
    note = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": to("Patient/p1"),
        "contained": [
            {"resourceType": "Practitioner", "id": "love", "identifier": [{"system": NPI, "value": "1111111112"}]}
        ],
        "author": [to("#love")],
        "content": [{"attachment": {"url": "Binary/b1"}}],
        "context": {"related": [to("ServiceRequest/SR1")]},
    }
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "eA=="}
    body = bundle("transaction", note, binary)
    assert check(made(body)) == []
    assert one(made(body), "DocumentReference")["content"][0]["attachment"]["url"].startswith("urn:uuid:")
    (statement,) = reading(body).statements
    assert isinstance(statement, DocumentStatement)
    assert (statement.author.npi, statement.referral_keys) == (
        "1111111112",
        ("urn:carering:feed:busy|ServiceRequest/SR1",),
    )


@pytest.mark.parametrize(
    ("status", "more", "step"),
    [
        ("requested", {}, "requested"),
        ("received", {}, "received"),
        ("accepted", {}, "accepted"),
        ("rejected", {}, "declined"),
        ("cancelled", {}, "cancelled"),
        ("completed", {}, "note"),
        (
            "in-progress",
            {"output": [{"type": {"text": "note"}, "valueReference": to("DocumentReference/D1")}]},
            "interim-note",
        ),
        ("in-progress", {"businessStatus": {"coding": [{"code": "5.1.2"}]}}, "no-show"),
    ],
)
def test_a_task_alone_moves_its_referral(status: str, more: Json, step: str) -> None:
    """A Task whose order was posted before says by its status how far the referral is, and begins none."""
    found = signal(task(status, **more))
    assert (found.step, found.keys, found.opens) == (step, ("urn:carering:feed:busy|ServiceRequest/SR1",), False)
    assert bool(found.document) is ("output" in more)


def test_an_order_that_is_no_referral() -> None:
    """A laboratory order and its Task say nothing of referrals, unless one of that address is known."""
    laboratory = order(category=[{"text": "Laboratory"}])
    assert not reading(laboratory).statements
    assert not reading(bundle("transaction", laboratory, task(), patient())).statements


@pytest.mark.parametrize(("status", "step"), [("active", "requested"), ("revoked", "cancelled"), ("draft", "")])
def test_an_order_without_a_task(status: str, step: str) -> None:
    """Without a Task the order's own status says what it asks."""
    found = [s.step for s in reading(order(status=status)).statements if isinstance(s, ReferralSignal)]
    assert found == ([step] if step else [])


def test_an_appointment_is_known_by_its_address() -> None:
    """An appointment that is changed later needs to name neither the referral nor a number."""
    member = {"actor": to("Patient/p1"), "status": "accepted"}
    start = {"start": "2026-03-17T10:00:00Z", "end": "2026-03-17T10:30:00Z", "participant": [member]}
    booked = {
        "resourceType": "Appointment",
        "id": "A9",
        "status": "booked",
        **start,
        "basedOn": [to("ServiceRequest/SR1")],
    }
    missed = {"resourceType": "Appointment", "id": "A9", "status": "noshow", **start}
    assert (signal(booked).step, signal(booked).keys) == ("scheduled", ("urn:carering:feed:busy|ServiceRequest/SR1",))
    assert (signal(missed).step, signal(missed).keys) == ("no-show", ())
    assert signal(booked).learned == signal(missed).learned == ("urn:carering:feed:busy|Appointment/A9",)


@pytest.mark.parametrize(
    ("status", "trigger"), [("arrived", "A04"), ("in-progress", "A01"), ("finished", "A03"), ("cancelled", "A11")]
)
def test_a_visit_moves_by_its_status(status: str, trigger: str) -> None:
    """A posted Encounter says what the event of HL7 v2 says; beside an order it is only where that takes place."""
    visit = {
        "resourceType": "Encounter",
        "id": "e1",
        "status": status,
        "class": {"code": "IMP"},
        "subject": to("Patient/p1"),
    }
    (statement,) = reading(visit).statements
    assert isinstance(statement, EncounterStatement)
    assert (statement.trigger, statement.cls) == (trigger, "IMP")
    beside = reading(bundle("transaction", visit, order(encounter=to("Encounter/e1")))).statements
    assert [type(s) for s in beside] == [ReferralSignal]


def test_when_it_happened() -> None:
    """The newest moment that the resources state is when it happened; a bundle's time stands for none."""
    assert reading(task(lastModified="2026-03-10T09:15:00-04:00")).source.occurred_at == "2026-03-10T09:15:00-04:00"
    stamped = bundle("collection", task(), timestamp="2026-03-11T10:00:00Z")
    assert reading(stamped).source.occurred_at == "2026-03-11T10:00:00Z"


def test_a_message_keeps_its_header() -> None:
    """The MessageHeader of a message stays the first, whole; its id numbers the message."""
    url = "urn:uuid:00000000-0000-4000-8000-000000000001"
    header = {
        "resourceType": "MessageHeader",
        "id": url[9:],
        "eventUri": "http://e.example/x",
        "source": {"endpoint": "http://s"},
    }
    entries = [{"fullUrl": url, "resource": header}, {"resource": order()}]
    body = {"resourceType": "Bundle", "type": "message", "entry": entries}
    first = made(body)["entry"][0]["resource"]
    assert (first["resourceType"], first["eventUri"], first["source"]) == (
        "MessageHeader",
        "http://e.example/x",
        {"endpoint": "http://s"},
    )
    assert raws(orjson.dumps(body))[0].control_id == url[9:]

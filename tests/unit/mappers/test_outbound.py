"""What came in as HL7 v2 says the same again when it goes out: fixtures become bundles, bundles messages, and these
bundles again."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.formats.hl7v2.message import parse
from hub.mappers import convert
from hub.mappers.outbound import Envelope, message
from hub.model import Json
from tests.fuzz.outcome import judge
from tests.unit.mappers.clinical import FIXTURES as ROOM
from tests.unit.mappers.clinical import feed, fixture, raw
from tests.unit.mappers.clinical import message as arrived

ENVELOPE = Envelope("CARERING", "HUB", "EHR", "BUSY", "OUT-1", "2026-03-20T16:20:00-04:00")


def sent(bundle: Json, kind: str) -> str:
    """The message as text, a segment a line."""
    return message(bundle, kind, ENVELOPE).decode().replace("\r", "\n")


def again(bundle: Json, kind: str) -> Json:
    """The bundle of the message of a bundle."""
    return convert(raw(message(bundle, kind, ENVELOPE)), feed()).bundle


SAME = {
    "Patient": ("identifier", "name", "gender", "birthDate", "address", "maritalStatus", "deceasedDateTime"),
    "Encounter": ("identifier", "class", "period", "type", "serviceType", "participant"),
    "Practitioner": ("identifier",),
    "Observation": ("status", "code", "valueQuantity", "valueString", "valueCodeableConcept", "interpretation", "note"),
    "DiagnosticReport": ("identifier", "status", "code", "issued", "effectiveDateTime", "category", "result"),
    "ServiceRequest": ("identifier", "code", "priority", "occurrencePeriod", "category", "requester", "performer"),
    "Task": ("identifier", "status"),
    "Appointment": ("identifier", "status", "start", "end", "reasonCode", "appointmentType", "basedOn", "comment"),
    "DocumentReference": ("masterIdentifier", "status", "docStatus", "type", "date", "author", "relatesTo"),
}
"""The elements that are the same after the way out and in."""

ABOUT = {
    "ADT": {"Patient", "Encounter"},
    "ORU": {"Patient", "DiagnosticReport", "Observation"},
    "OMG": {"Patient", "ServiceRequest", "Task"},
    "OSU": {"ServiceRequest", "Task"},
    "SIU": {"Patient", "Appointment"},
    "MDM": {"Patient", "DocumentReference"},
    "REF": {"Patient", "ServiceRequest", "Task"},
    "RRI": {"Patient", "ServiceRequest", "Task"},
}
"""The resources that a message of that type never loses."""

FIXTURES = (
    ("adt_a01/inpatient_admit", "ADT^A01"),
    ("adt_a01/full_demographics", "ADT^A01"),
    ("adt_a03/inpatient_discharge", "ADT^A03"),
    ("adt_a03/death", "ADT^A03"),
    ("adt_a04/ed_arrival", "ADT^A04"),
    ("adt_a08/escapes", "ADT^A08"),
    ("oru_r01/potassium_critical", "ORU^R01"),
    ("oru_r01/every_value_type", "ORU^R01"),
    ("oru_r01/coded_and_repeated", "ORU^R01"),
    ("oru_r01/codes_with_every_component", "ORU^R01"),
    ("oru_r01/grouped_by_sub_id", "ORU^R01"),
    ("oru_r01/structured_numeric", "ORU^R01"),
    ("oru_r01/text_report", "ORU^R01"),
    ("oru_r01/two_reports", "ORU^R01"),
    ("omg_o19/referral_request", "OMG^O19"),
    ("osu_o51/referral_accepted", "OSU^O51"),
    ("siu_s12/visit_booked_for_referral", "SIU^S12"),
    ("siu_s12/several_resources", "SIU^S12"),
    ("siu_s12/every_field", "SIU^S12"),
    ("siu_s15/cancelled", "SIU^S15"),
    ("siu_s26/no_show_by_appointment_id_only", "SIU^S26"),
    ("mdm_t02/consult_note_without_order", "MDM^T02"),
    ("mdm_t02/note_for_referral", "MDM^T02"),
    ("mdm_t02/every_field", "MDM^T02"),
    ("mdm_t06/addendum", "MDM^T06"),
    ("mdm_t10/replacement", "MDM^T10"),
    ("ref_i12/referral_request", "REF^I12"),
    ("ref_i12/every_field", "REF^I12"),
    ("rri_i12/referral_accepted", "RRI^I12"),
    ("rri_i12/referral_declined", "RRI^I12"),
)


def said(bundle: Json) -> dict[tuple[str, str], Json]:
    """The elements of each resource that the way back keeps, by its type and id."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    return {
        (r["resourceType"], r["id"]): {name: plain(r[name]) for name in SAME[r["resourceType"]] if name in r}
        for r in resources
        if r["resourceType"] in SAME
    }


def plain(element: Any) -> Any:
    """An element without extensions: what a message of version 2.5.1 has no component for. Lists are compared without
    their order: PID-3 has all numbers, of which some came in fields of their own."""
    if isinstance(element, list):
        return sorted((plain(one) for one in element), key=str)
    if isinstance(element, dict):
        return {name: plain(one) for name, one in element.items() if name != "extension" and not name.startswith("_")}
    return element


@pytest.mark.parametrize(("name", "kind"), FIXTURES)
def test_the_way_back_keeps_what_was_said(name: str, kind: str) -> None:
    """A message that became a bundle, goes out and comes in again says the same of the same resources."""
    first = fixture(name)
    second = json.loads(orjson.dumps(again(first, kind)))
    before, after = said(first), said(second)
    assert {key for key in before if key[0] in ABOUT[kind[:3]]} <= after.keys()
    for key in before.keys() & after.keys():
        assert after[key] == before[key], key


@pytest.mark.parametrize(("bundle", "kind"), [({"entry": []}, "MDM^T02"), ({"entry": []}, "ACK^A01")])
def test_what_cannot_be_sent(bundle: Json, kind: str) -> None:
    """A bundle without what the message is about, and a type that the hub does not send, are refused."""
    with pytest.raises(ValueError, match=r"DocumentReference|ACK"):
        message(bundle, kind, ENVELOPE)


def test_text_is_escaped() -> None:
    """Delimiters in a text are escaped on the way out."""
    bundle = fixture("siu_s12/several_resources")
    appointment = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Appointment")
    appointment["comment"] = "bring A|B & C^D"
    assert r"NTE|1||bring A\F\B \T\ C\S\D" in sent(bundle, "SIU^S12")


def test_numbers_go_out_digit_for_digit() -> None:
    """A number that came with a trailing zero goes out with it."""
    came = arrived("ORU^R01", "OBR|1||L1^Q|1^A^L", "OBX|1|NM|1^A^L||72.50||||||F")
    assert "|72.50|" in sent(came.bundle, "ORU^R01")


NEEDED = {
    "ADT^A08": "Patient",
    "MDM^T02": "DocumentReference",
    "ORU^R01": "DiagnosticReport",
    "OMG^O19": "ServiceRequest",
    "OSU^O51": "ServiceRequest",
    "SIU^S12": "Appointment",
    "REF^I12": "ServiceRequest",
    "RRI^I12": "ServiceRequest",
}
"""The resource that a message of a type is about."""


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.hl7")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_message_can_go_out(path: Path) -> None:
    """Whatever a message says, the types that its bundle is enough for can be made of it, and are messages."""
    if (bundle := judge(path.read_bytes())) is None:
        return
    held = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    for kind, needed in NEEDED.items():
        if needed in held:
            assert parse(message(bundle, kind, ENVELOPE)).type == kind[:3]

"""What drives each transition, in every form in which it comes: 360X, plain HL7 v2, FHIR, CSV, documents."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from hub.mappers import convert
from hub.routing.reading.message import read
from hub.routing.referrals.said import signals
from hub.services.conversion.files import messages_in
from hub.settings import Feed, PluginUse

MESSAGES = Path(__file__).parents[4] / "fixtures" / "messages"
RECEIVED = datetime(2026, 3, 2, 18, tzinfo=UTC)
FEED = Feed(name="any", adapter=PluginUse(kind="mllp"), time_zone="America/New_York")
Change = tuple[bytes, bytes]

ORM = (b"OMG^O19^OMG_O19", b"ORM^O01^ORM_O01")
COMPLETED = (b'"status": "accepted"', b'"status": "completed"')
DRIVERS: dict[str, list[tuple[str, list[Change]]]] = {
    "requested": [
        ("omg_o19/referral_request.hl7", []),
        ("omg_o19/referral_request.hl7", [ORM]),
        ("ref_i12/referral_request.hl7", []),
        ("ref_i13/referral_changed.hl7", []),
        ("fhir_transaction/referral_requested.json", []),
        ("fhir_service_request/patient_by_identifier.json", []),
        ("csv_referral/sent.csv", []),
    ],
    "received": [("fhir_task/accepted.json", [(b'"accepted"', b'"received"')])],
    "accepted": [
        ("osu_o51/referral_accepted.hl7", []),
        ("rri_i12/referral_accepted.hl7", []),
        ("fhir_task/accepted.json", []),
        ("csv_referral/accepted.csv", []),
    ],
    "declined": [
        ("osu_o51/referral_declined.hl7", []),
        ("rri_i12/referral_declined.hl7", []),
        ("fhir_task/rejected_with_a_reason.json", []),
        ("csv_referral/declined.csv", []),
        ("csv_referral_status/declined.csv", []),
    ],
    "scheduled": [
        ("siu_s12/visit_booked_for_referral.hl7", []),
        ("siu_s13/rescheduled.hl7", []),
        ("siu_s14/modified.hl7", [(b"|Started|", b"||")]),
        ("fhir_appointment/booked.json", []),
        ("csv_referral/scheduled.csv", []),
        ("csv_referral_status/scheduled.csv", []),
        ("csv_appointment/booked.csv", []),
    ],
    "appointment-cancelled": [
        ("siu_s15/cancelled.hl7", []),
        ("fhir_appointment/booked.json", [(b'"booked"', b'"cancelled"')]),
        ("csv_appointment/cancelled_by_its_status.csv", []),
    ],
    "no-show": [
        ("siu_s26/no_show_by_appointment_id_only.hl7", []),
        ("siu_s26/no_show_of_360x.hl7", []),
        ("fhir_appointment/noshow_by_its_id_alone.json", []),
        ("csv_referral/no_show.csv", []),
        ("csv_appointment/no_show.csv", []),
    ],
    "visited": [
        ("siu_s14/modified.hl7", []),
        ("fhir_appointment/booked.json", [(b'"booked"', b'"fulfilled"')]),
    ],
    "interim-note": [
        ("mdm_t02/preliminary_note.hl7", []),
        ("fhir_task/interim_note.json", []),
        ("fhir_document_reference/consult_note.json", [(b'"docStatus": "final"', b'"docStatus": "preliminary"')]),
    ],
    "note": [
        ("mdm_t02/note_for_referral.hl7", []),
        ("mdm_t02/consult_note_without_order.hl7", []),
        ("oru_r01/order_number_only.hl7", []),
        ("fhir_document_reference/consult_note.json", []),
        ("csv_referral/note_received.csv", []),
        ("consult_note/consult_note_for_referral.pdf", []),
    ],
    "retracted": [("mdm_t11/document_cancelled.hl7", []), ("oru_r01/report_withdrawn.hl7", [])],
    "cancel-requested": [("osu_o51/referral_cancelled.hl7", [])],
    "cancelled": [
        ("osu_o51/cancelled_as_requested.hl7", []),
        ("ref_i14/referral_cancelled.hl7", []),
        ("rri_i14/cancellation_confirmed.hl7", []),
        ("fhir_task/cancelled.json", []),
        ("csv_referral/cancelled.csv", []),
    ],
    "read": [
        ("fhir_task/accepted.json", [COMPLETED, (b"Accepted by Love Cardiology Group", b"reviewed")]),
        ("csv_referral/note_received.csv", [(b"note-received", b"reviewed")]),
    ],
    "expired": [("rri_i12/referral_declined.hl7", [(b"RF1|R", b"RF1|E")])],
}


def steps(fixture: str, changes: list[Change]) -> list[str]:
    """The steps that the only message of a fixture drives, after some changes of its bytes (what it becomes is
    its expected bundle, where nothing is changed)."""
    if not changes:
        found = orjson.loads((MESSAGES / fixture).with_suffix(".expected.json").read_bytes())
        bundle = found[0] if isinstance(found, list) else found
    else:
        ((_, raw),) = messages_in(MESSAGES / fixture, FEED, RECEIVED)
        body = raw.body
        for old, new in changes:
            assert old in body
            body = body.replace(old, new)
        bundle = orjson.loads(orjson.dumps(convert(replace(raw, body=body), FEED).bundle))
    return [str(s.signal.step) for s in signals(read(bundle, "m", "p", "2026-03-02T18:00:00.000000Z", FEED.name))]


@pytest.mark.parametrize(
    ("step", "fixture", "changes"), [(step, *example) for step, examples in DRIVERS.items() for example in examples]
)
def test_what_drives_a_transition(step: str, fixture: str, changes: list[Change]) -> None:
    """Each message says the step that the table of drivers has for it."""
    assert step in steps(fixture, changes)

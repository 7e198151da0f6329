"""PID-18 → Account (HL7 v2.9, chapter 3.4.2.18)."""

from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.model import Json


def pid_accounts(pid: Segment, ctx: Context) -> list[Json]:
    """Adds the Account of PID-18, with the patient at hand; some senders repeat the field."""
    return [_account(typed(number, "AN"), ctx) for number in each(pid[18], cx_identifier, ctx)]


def _account(number: Json, ctx: Context) -> Json:
    return ctx.add(
        {
            "resourceType": "Account",
            "identifier": [number],
            "status": "active",
            "subject": [ctx.subject] if ctx.subject else None,
        },
        identifier_key(number, ctx.feed.name),
    )

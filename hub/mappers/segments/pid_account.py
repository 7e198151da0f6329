"""PID-18 → Account (HL7 v2.9, chapter 3.4.2.18)."""

from hub.fhir.build import identified
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import remembered_segment
from hub.model import Json


def pid_accounts(pid: Segment, ctx: Context) -> list[Json]:
    """Adds the Account of PID-18, with the patient at hand; some senders repeat the field."""
    return [ctx.keep(account) for account in _accounts(pid, ctx, ctx.whom["reference"])]


@remembered_segment
def _accounts(pid: Segment, ctx: Mentions, subject: str) -> list[Json]:
    return [_account(typed(number, "AN"), subject, ctx) for number in each(pid[18], cx_identifier, ctx)]


def _account(number: Json, subject: str, ctx: Notes) -> Json:
    return identified(
        {
            "resourceType": "Account",
            "identifier": [number],
            "status": "active",
            "subject": [{"reference": subject}],
        },
        identifier_key(number, ctx.feed.name),
    )

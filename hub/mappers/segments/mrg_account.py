"""MRG-3 → the Account that is given up, or the former number of one (HL7 v2.9, chapter 3.4.7)."""

from hub.fhir.build import complete
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.model import Json


def mrg_account(mrg: Segment, owner: Json, survivor: Json | None, ctx: Context) -> Json | None:
    """Adds the account of MRG-3 with that patient; it is inactive, and part of the one that stays (PID-18), once
    that takes its place."""
    number = typed(cx_identifier(mrg[3].first, ctx), "AN")
    if not number or (survivor is not None and number in survivor["identifier"]):
        return None
    return ctx.add(
        {
            "resourceType": "Account",
            "identifier": [number],
            "status": "inactive" if survivor is not None else "unknown",
            "subject": [ctx.reference(owner)],
            "partOf": ctx.reference(survivor) if survivor is not None else None,
        },
        identifier_key(number, ctx.feed.name),
    )


def mrg_old_account(mrg: Segment, ctx: Context) -> None:
    """MRG-3 as the former number of the patient's account; it is the account itself when PID-18 names none (A44)."""
    number = typed(cx_identifier(mrg[3].first, ctx), "AN")
    if not number:
        return
    if ctx.account is None:
        account = {"resourceType": "Account", "identifier": [number], "status": "active"}
        subject = {"subject": [ctx.subject]} if ctx.subject else {}
        ctx.account = ctx.add({**account, **subject}, identifier_key(number, ctx.feed.name))
    elif number not in ctx.account["identifier"]:
        complete(ctx.account, {"identifier": [{**number, "use": "old"}]})

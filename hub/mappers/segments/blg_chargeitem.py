"""BLG and OBR-23 → ChargeItem and Account: to whom an order is billed (HL7 v2.9, chapters 4.5.2 and 7.4.1.23)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_WHEN, _TYPE, _REASON = Table("0100"), Table("0122"), Table("0475")
_CHARGE = {"text": "Charge for an order"}


@segment("BLG")
def blg_alone(blg: Segment, ctx: Context) -> Json | None:
    """A BLG that stands by itself; without a patient nobody can be charged."""
    if ctx.subject is None:
        zzz_basic(blg, ctx)
        return None
    return order_charge(None, blg, {}, ctx)


def order_charge(obr: Segment | None, blg: Segment | None, of: Json, ctx: Context) -> Json:
    """Adds the ChargeItem of an order (``of``, a resource): OBR-23 amount and charge code, BLG-1 when to charge, -2
    type of charge, -3 account, -4 why it is of that type."""
    moc = obr[23].first if obr is not None else None
    charged = cwe_codeableconcept(moc.inner(2), ctx) if moc else {}
    account = _account(blg, ctx) if blg is not None else None
    kind = cwe_codeableconcept(blg[2], ctx, _TYPE) if blg is not None and blg[2] else {}
    return ctx.add(
        {
            "resourceType": "ChargeItem",
            "status": "not-billable" if kind and blg is not None and blg[2].text == "NC" else "unknown",
            "code": charged or of.get("code") or _CHARGE,
            "subject": ctx.subject,
            "context": ctx.visit,
            **(_when(blg, ctx) if blg is not None else {}),
            "priceOverride": _price(moc.inner(1)[1], moc.inner(1)[2]) if moc else None,
            "overrideReason": kind.get("text", ""),
            "reason": present([cwe_codeableconcept(blg[4], ctx, _REASON)]) if blg is not None and blg[4] else None,
            "account": [ctx.reference(account)] if account else None,
            "supportingInformation": [ctx.reference(of)] if of else None,
        },
        of.get("id", ctx.raw.id),
        *(str(segment.line) for segment in (obr, blg) if segment is not None),
    )


def _account(blg: Segment, ctx: Context) -> Json | None:
    number = cx_identifier(blg[3].first, ctx)
    kind = cwe_codeableconcept(blg[2], ctx, _TYPE) if blg[2] else None
    if not number and not kind:
        return None
    members = {
        "resourceType": "Account",
        "identifier": [number] if number else None,
        "status": "active" if number else "unknown",
        "type": kind,
        "subject": [ctx.subject] if ctx.subject else None,
    }
    return ctx.add(compact(members), identifier_key(number, ctx.feed.name) if number else f"{ctx.raw.id}|{blg.line}")


def _when(blg: Segment, ctx: Context) -> Json:
    """BLG-1 (CCD): .1 the event that charges, .2 when."""
    moment = dtm_datetime(blg[1].first[2], ctx, blg.path(1))
    event = blg[1].text.strip()
    words = f"Charge on: {_WHEN.names.get(event, '')} ({event})"
    return {"occurrenceDateTime": moment, "note": [{"text": words}] if event else None}


def _price(number: str, currency: str) -> Json:
    value = nm_decimal(number)
    return {} if value is None else compact({"value": value, "currency": currency})

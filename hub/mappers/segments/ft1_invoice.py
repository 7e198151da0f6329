"""FT1 → Invoice: the prices of a charge (HL7 v2.9, chapter 6.5.1)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cp_money import cp_money
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.model import Json

_TYPE = Table("0017")
_FEE_SCHEDULE = Table("0024")
_PRICES = (
    (12, "base", "Unit amount"),
    (15, "informational", "Insurance amount"),
    (22, "informational", "Unit cost"),
    (51, "informational", "Rental price"),
    (52, "informational", "Purchase price"),
)


def ft1_invoice(ft1: Segment, charge: Json, ctx: Context) -> None:
    """Adds a draft Invoice of one line: sort of transaction (FT1-6), fee schedule (-17), unit amount (-12), insurance
    amount (-15), unit cost (-22), and the payment's number (-30)."""
    kind = cwe_codeableconcept(ft1[6], ctx, _TYPE)
    prices = _prices(ft1, ctx)
    payments = each(ft1[30], cx_identifier, ctx)
    if not (kind or prices or payments):
        return
    line = {"chargeItemReference": ctx.reference(charge), "priceComponent": prices}
    ctx.add(
        {
            "resourceType": "Invoice",
            "identifier": payments,
            "status": "draft",
            "type": kind,
            "subject": ctx.whom,
            "date": charge.get("enteredDate") or charge.get("occurrenceDateTime"),
            "account": ctx.reference(ctx.account) if ctx.account else None,
            "lineItem": [compact(line)],
            "totalNet": charge.get("priceOverride"),
        },
        charge["id"],
    )


def _prices(ft1: Segment, ctx: Context) -> list[Json]:
    schedule = cwe_codeableconcept(ft1[17], ctx, _FEE_SCHEDULE)
    prices = [
        {"type": kind, "code": schedule if kind == "base" and schedule else {"text": name}, "amount": amount}
        for field, kind, name in _PRICES
        if (amount := cp_money(ft1[field].first))
    ]
    alone = schedule and not any(price["type"] == "base" for price in prices)
    return present([*prices, {"type": "informational", "code": schedule} if alone else None])

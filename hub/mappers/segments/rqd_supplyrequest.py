"""RQD (with RQ1) → SupplyRequest (HL7 v2.9, chapter 4.11)."""

from hub.fhir.build import compact, complete, present
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import amount
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xon_organization import organization
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_PARTICULARS = ((7, "Cost center"), (8, "Natural account"))
_MORE = (
    *((1, "Anticipated price"), (3, "Manufacturer's catalog number"), (5, "Vendor's catalog number")),
    *((6, "Taxable"), (7, "Substitute allowed")),
)


@segment("RQD")
def rqd_supplyrequest(rqd: Segment, ctx: Context) -> Json:
    """Adds the SupplyRequest: RQD-2, -3, -4 item, -5 and -6 how much, -7, -8 accounts, -9 to whom, -10 when needed."""
    quantity = amount(rqd[5], rqd[6], ctx) or {"value": 1}
    return ctx.add(
        {
            "resourceType": "SupplyRequest",
            "status": "active",
            "itemCodeableConcept": _item((rqd[4], rqd[3], rqd[2]), ctx) or {"text": "not stated"},
            "quantity": quantity,
            "parameter": _parameters(rqd, _PARTICULARS, ctx),
            "occurrenceDateTime": field_datetime(rqd[10], ctx),
            "deliverTo": _named(rqd[9], ctx),
        },
        ctx.raw.id,
        str(rqd.line),
    )


@segment("RQ1")
def rq1_supplyrequest(rq1: Segment, ctx: Context) -> Json | None:
    """Completes the SupplyRequest before it: RQ1-2 manufacturer and -4 vendor, -1, -3, -5, -6, -7 particulars."""
    request = ctx.last
    if request is None or request["resourceType"] != "SupplyRequest":
        zzz_basic(rq1, ctx)
        return None
    suppliers = present(_named(rq1[number], ctx) for number in (2, 4))
    complete(request, compact({"supplier": suppliers, "parameter": _parameters(rq1, _MORE, ctx)}))
    return request


def _named(field: Field, ctx: Context) -> Json:
    """A place or a company that is named by a code and words."""
    cwe = field.first
    found = organization(cwe[2] or cwe[1], {"value": cwe[1]} if cwe[1] else {}, ctx) if field else None
    return ctx.reference(found, found.get("name", "")) if found else {}


def _item(fields: tuple[Field, ...], ctx: Context) -> Json:
    """One concept of the codes that the hospital, its supplier and the requisition have for an item."""
    found = [cwe_codeableconcept(field, ctx) for field in fields if field]
    words = next((one["text"] for one in found if "text" in one), "")
    return compact({"coding": [coding for one in found for coding in one.get("coding", ())], "text": words})


def _parameters(of: Segment, particulars: tuple[tuple[int, str], ...], ctx: Context) -> list[Json]:
    return [
        {"code": {"text": words}, "valueCodeableConcept": said}
        for number, words in particulars
        if of[number] and (said := cwe_codeableconcept(of[number], ctx))
    ]

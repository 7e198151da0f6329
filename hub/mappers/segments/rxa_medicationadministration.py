"""RXA → MedicationAdministration (HL7 v2.9, chapter 4A.4.7; v2-to-FHIR guide, ``ORC[MedicationAdministration]``)."""

from hub.fhir.build import compact, period
from hub.fhir.codes import DATA_ABSENT, Table
from hub.formats.hl7v2.segment import ABSENT, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.groups import Order
from hub.mappers.pharmacy import Drug
from hub.mappers.segments import orc_medication as ordered
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.orc_servicerequest import order_key
from hub.mappers.segments.rx_dispenserequest import words
from hub.mappers.segments.rx_dosage import dose_and_rate, in_words, rate
from hub.mappers.segments.rx_medication import rx_medication
from hub.mappers.segments.rxa_performer import (
    PRODUCT,
    rxa_action,
    rxa_locations,
    rxa_numbers,
    rxa_performers,
    rxa_status,
)
from hub.mappers.segments.rxr_dosage import rxr_devices, rxr_dosage
from hub.model import Json

_KIND = Table("0480")
_UNKNOWN = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
NO_DOSE = _UNKNOWN
"""R4 demands a dose or a rate beside a route (mad-1)."""


def rxa_medicationadministration(drug: Drug, request: Json | None, ctx: Context) -> Json:
    """Adds the MedicationAdministration of an RXA; ``request`` is the MedicationRequest of its order."""
    rxa, order = drug.rx, drug.order
    identifiers = ordered.identifiers(order, ctx)
    given = ctx.add(
        {
            "resourceType": "MedicationAdministration",
            **ordered.meta(order, ctx, rxa_action(rxa, ctx)),
            "extension": [*ordered.extensions(order, ctx), *ctx.removals(rxa)],
            "identifier": [*identifiers, *rxa_numbers(rxa, ctx)],
            **_status(drug, ctx),
            "statusReason": each(rxa[18], cwe_codeableconcept, ctx),
            "category": ordered.setting(order, "medication-admin-category", ctx)
            or cwe_codeableconcept(rxa[26], ctx, _KIND),
            **rx_medication(rxa, PRODUCT, drug.components, ctx)[0],
            "subject": ordered.subject(ctx),
            "context": ctx.visit,
            "supportingInformation": rxa_locations(rxa, ctx),
            **_effective(rxa, ctx),
            "performer": _performers(rxa, order, ctx),
            "reasonCode": each(rxa[19], cwe_codeableconcept, ctx),
            "request": ctx.reference(request) if request else None,
            "device": rxr_devices(drug.routes, ctx),
            "note": [*nte_annotations(drug.notes, ctx), *_comments(rxa, ctx)],
            "dosage": _dosage(drug, ctx),
        },
        order_key(identifiers, ctx) or f"{ctx.raw.id}|{rxa.line}",
        *(rxa[number].text for number in (1, 2, 3, 5)),
    )
    if events := ordered.order_events(given, order, ctx):
        given["eventHistory"] = events
    return given


def _performers(rxa: Segment, order: Order, ctx: Context) -> list[Json]:
    """R4 refers to persons alone here; an organization that ordered the drug is named."""
    return [{**one, "actor": _person(one["actor"], ctx)} for one in rxa_performers(rxa, order, ctx)]


def _person(actor: Json, ctx: Context) -> Json:
    known = ctx.at(actor)
    named = known is not None and known["resourceType"] == "Organization"
    return {"display": actor.get("display", "an organization")} if named else actor


def _status(drug: Drug, ctx: Context) -> Json:
    """RXA's own; where it has none the order that is in process (ORC-5 IP) is not done yet."""
    rxa, orc = drug.rx, drug.order.orc
    said = rxa_status(rxa, ctx)
    if orc is None or rxa[20] or not orc[5]:
        return {**said, "status": said["status"] or "unknown"}
    under_way = {"IP": "in-progress", "HD": "on-hold"}.get(orc[5].text, said["status"])
    status = under_way if said["status"] == "completed" else said["status"]
    return {**ordered.sent_beside_code("status", orc[5], "0038", ctx), "status": status}


def _effective(rxa: Segment, ctx: Context) -> Json:
    """RXA-3 to RXA-4; one time where both are the same."""
    start, end = field_datetime(rxa[3], ctx), field_datetime(rxa[4], ctx)
    if end and end != start:
        return {"effectivePeriod": period(start, end)}
    if start:
        return {"effectiveDateTime": start}
    return {"effectivePeriod": _UNKNOWN}


def _comments(rxa: Segment, ctx: Context) -> list[Json]:
    """RXA-9, and when it was entered into the sender's system (RXA-22)."""
    entered = field_datetime(rxa[22], ctx)
    said = [{"text": words(cwe)} for cwe in rxa[9]]
    return [*said, *([{"time": entered, "text": "System entry"}] if entered else ())]


def _dosage(drug: Drug, ctx: Context) -> Json:
    """RXA-6/-7 dose, -12 per time; RXR route, site, method; instructions and amounts that are no numbers as text."""
    rxa, way = drug.rx, rxr_dosage(drug.routes[0], ctx) if drug.routes else {}
    amounts = dose_and_rate(rxa[6], ABSENT, rxa[7], ctx)
    speed = rate(rxa[12], ABSENT, ABSENT, amounts, ctx)
    said = (words(rxr[5].first) for rxr in drug.routes[:1])
    text = (in_words((rxa[6], rxa[7])), "" if speed else rxa[12].text, *said, *_ordered_timing(drug))
    dosage = compact(
        {
            "text": "; ".join(filter(None, text)),
            **{member: way.get(member) for member in ("site", "route", "method")},
            "dose": amounts.get("doseQuantity"),
            **speed,
        }
    )
    return dosage if not dosage or "dose" in dosage or speed else {**dosage, "dose": NO_DOSE}


def _ordered_timing(drug: Drug) -> list[str]:
    """How often the order wants it (ORC-7: interval, condition, instruction), in the sender's words."""
    orc = drug.order.orc
    return [tq[part] for tq in (orc[7] if orc else ()) for part in (2, 7, 8) if tq[part]]

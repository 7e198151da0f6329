"""ORC and OBR (with TQ1, NTE, PRT, DG1) → ServiceRequest (HL7 v2.9, chapters 4.5.1 and 7.4.1)."""

import re

from hub.fhir.build import compact, present
from hub.fhir.codes import DATA_ABSENT, Table
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import (
    ORDER_BY_REPORT,
    ORDER_CONTROL,
    ORDER_PRIORITY,
    ORDER_STATUS,
    REFERRAL,
    REFERRAL_CODES,
)
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier, eip_identifier
from hub.mappers.groups import Order
from hub.mappers.provenance import agents, participant, provenance
from hub.mappers.segments.dg1_condition import dg1_condition
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.obr_servicerequest import (
    obr_category,
    obr_copies,
    obr_extensions,
    obr_moments,
    obr_notes,
    obr_parent_results,
    obr_parents,
    obr_requested,
    parents,
    service_words,
)
from hub.mappers.segments.orc_extensions import orc_extensions, orc_meta, status_modifier
from hub.mappers.segments.orc_provenance import orc_provenance
from hub.mappers.segments.orc_requester import ordering_clinicians, requester
from hub.mappers.segments.prt_participation import REFERRED_TO, prt_agents, prt_references
from hub.mappers.segments.tq1_dosage import tq1_schedule, tq_schedule
from hub.mappers.segments.tq1_timing import instructions, occurrence, related_orders, tq1_priority
from hub.model import Json

_REFERRAL_WORDS = re.compile(r"\breferral\b", re.IGNORECASE)
_ORDER_TYPE, _PROFILE = Table("0482"), Table("0934")
_NOBODY = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
"""The subject of an order whose patient the sender leaves out: an answer may name the order by its number alone."""


def order_identifiers(order: Order, ctx: Context) -> list[Json]:
    """The placer's number (ORC-2, OBR-2) and the filler's (ORC-3, OBR-3), each once: what makes it this order."""
    found = [
        ei_identifier(segment[field].first, ctx, kind)
        for kind, field in (("PLAC", 2), ("FILL", 3))
        for segment in (order.orc, order.obr)
        if segment is not None
    ]
    return [number for place, number in enumerate(found) if number and number not in found[:place]]


def order_key(identifiers: list[Json], ctx: Context) -> str:
    """What makes an order the same order: the placer's number, else the filler's; empty without any."""
    return identifier_key(identifiers[0], ctx.feed.name) if identifiers else ""


def is_referral(order: Order, ctx: Context) -> bool:
    """Whether the order refers the patient to someone: OBR-4 says so by code (LOINC 57133-1, IHE 360X) or in words.

    An order status (OSU) without OBR is one of 360X, which is the only use of that message.
    """
    if order.obr is None:
        return ctx.message is not None and ctx.message.type == "OSU"
    service = cwe_codeableconcept(order.obr[4], ctx)
    codes = {(coding.get("system"), coding.get("code")) for coding in service.get("coding", ())}
    return bool(codes & REFERRAL_CODES or _REFERRAL_WORDS.search(service.get("text", "")))


def order_servicerequest(order: Order, ctx: Context) -> Json | None:
    """Adds the ServiceRequest of an order, with the Provenance of its ORC and the request for copies of its OBR; an
    order without a number is known by its place in the message.

    Returns ``None`` when a result names no order at all, and for a referral without a patient, which its Task follows
    by number.
    """
    orc, obr = order.orc, order.obr
    identifiers = order_identifiers(order, ctx)
    if orc is None and not identifiers and (obr is None or not obr[16]):
        return None
    if ctx.subject is None and is_referral(order, ctx):
        return None
    timed = _timed(order, ctx)
    request = ctx.add(
        {
            "resourceType": "ServiceRequest",
            **orc_meta(orc, ctx),
            "extension": _extensions(order, timed, ctx),
            "identifier": [*identifiers, *_other_identifiers(order, ctx)],
            **_grouped(order, ctx),
            "status": order_status(order, ctx),
            **status_modifier(orc, ctx),
            "intent": "reflex-order" if obr and obr[11].text == "G" else "order",
            "category": _category(order, ctx),
            "subject": ctx.subject or _NOBODY,
            "encounter": ctx.visit,
            "authoredOn": _authored(orc, ctx),
            "requester": requester(order, ctx),
            "performer": prt_references(order.participations, REFERRED_TO, ctx),
            **timed,
            **_reasoned(order, ctx),
        },
        order_key(identifiers, ctx) or f"{ctx.raw.id}|{order.head.line}",
    )
    _events(order, request, ctx)
    if obr is not None:
        obr_copies(obr, request, ctx)
    return request


def _events(order: Order, request: Json, ctx: Context) -> None:
    """The Provenance of the order: of its ORC, with all who take part in it; PRT say so also where there is no ORC."""
    others = [ctx.reference(one) for one in ordering_clinicians(order, ctx)[1:]] if order.orc else []
    who = [*agents(participant("author"), others), *prt_agents(order.participations, ctx)]
    if order.orc is not None:
        orc_provenance(order.orc, request, ctx, who)
    elif who:
        provenance(request, "Order", who, ctx)


def order_status(order: Order, ctx: Context) -> str:
    """ORC-5, else ORC-1, else the state of the result (OBR-25); ``unknown`` where none of them says it."""
    orc, obr = order.orc, order.obr
    if orc and orc[5]:
        return ctx.translated(ORDER_STATUS, orc[5]) or "unknown"
    if orc and (stated := ORDER_CONTROL.codes.get(orc[1].text)):
        return stated
    if obr and (reported := obr[25].text):
        return ORDER_BY_REPORT.codes.get(reported) or "active"
    return "active" if obr else "unknown"


def _other_identifiers(order: Order, ctx: Context) -> list[Json]:
    """Alternate numbers of the placer (ORC-33, OBR-53) and the filler's number of the group (ORC-38, ORC-4.2)."""
    orc, obr = order.orc, order.obr
    found = [
        typed(number, "PLAC")
        for segment, field in ((orc, 33), (obr, 53))
        if segment is not None and len(segment) >= field
        for number in each(segment[field], cx_identifier, ctx)
    ]
    if obr is not None and obr[51] and (group := ei_identifier(obr[51].first, ctx)):
        found.append({"type": {"text": "Observation group"}, **group})
    if orc is not None:
        found.append(ei_identifier(orc[38].first, ctx, "FGN"))
        if _is_pair(orc[4].raw, orc):
            found.append(eip_identifier(orc[4].first, 2, ctx, "FGN"))
    return present(found)


def _extensions(order: Order, timed: Json, ctx: Context) -> list[Json]:
    orc, obr = order.orc, order.obr
    return [
        *(ctx.removals(orc) if orc else ()),
        *orc_extensions(order, ctx),
        *(obr_extensions(obr, ctx) if obr and len(obr) > 11 else ()),
        *(obr_moments(obr, timed, ctx) if obr else ()),
    ]


def _grouped(order: Order, ctx: Context) -> Json:
    """ORC-4 group; ORC-8 (with -31) and OBR-29, -54 parent orders; ORC-29 kind of place."""
    orc, obr = order.orc, order.obr
    based_on = obr_parents(obr, ctx) if obr is not None and len(obr) > 28 else []
    if orc is None:
        return {"basedOn": based_on}
    group = orc[4].first
    stated = [reference for eip in orc[8] for reference in parents(eip, service_words(orc[31], ctx), ctx)]
    pair = _is_pair(orc[4].raw, orc)
    return {
        "requisition": eip_identifier(group, 1, ctx, "PGN") if pair else ei_identifier(group, ctx, "PGN"),
        "basedOn": [*stated, *(one for one in based_on if one not in stated)],
        "locationCode": present([cwe_codeableconcept(orc[29], ctx, _ORDER_TYPE)]) if orc[29] else None,
    }


def _is_pair(raw: str, segment: Segment) -> bool:
    """Whether a number is an EIP (version 2.8) and not an EI."""
    return bool(segment.syntax.subcomponent) and segment.syntax.subcomponent in raw


def _category(order: Order, ctx: Context) -> list[Json]:
    found = [{"coding": [REFERRAL]}] if is_referral(order, ctx) else []
    if order.obr is not None:
        found += obr_category(order.obr, ctx)
    if order.orc is not None and order.orc[34]:
        found += [cwe_codeableconcept(cwe, ctx, _PROFILE) for cwe in order.orc[34]]
    return found


def _authored(orc: Segment | None, ctx: Context) -> str:
    """ORC-9, which is the time of the order only in the order itself (ORC-1 NW), else ORC-37."""
    if orc is None:
        return ""
    return (field_datetime(orc[9], ctx) if orc[1].text == "NW" else "") or field_datetime(orc[37], ctx)


def _timed(order: Order, ctx: Context) -> Json:
    """When, how much and how urgently: TQ1, else OBR-27 and ORC-7 of older versions, else OBR-6 and OBR-36; and the
    notes, some of which belong to the timing."""
    timings, old = order.all("TQ1"), _old_timings(order)
    schedules = [tq1_schedule(tq1, ctx) for tq1 in timings] or [tq_schedule(tq, ctx) for tq in old]
    words = [text.text for tq1 in timings for text in tq1[11]] or [tq[8] for tq in old if tq[8]]
    notes = [
        *nte_annotations(order.notes, ctx),
        *instructions(schedules),
        *({"text": text} for text in words if text.strip()),
    ]
    quantity = next((schedule.quantity for schedule in schedules if "unit" in schedule.quantity), None)
    return {
        **_priority(order, timings, [tq[6] for tq in old], ctx),
        **({"quantityQuantity": quantity} if quantity else {}),
        **(occurrence(schedules) or _moments(order.obr, ctx)),
        "note": [*notes, *(obr_notes(order.obr) if order.obr and len(order.obr) > 17 else ())],
    }


def _old_timings(order: Order) -> list[Repetition]:
    """The repetitions of OBR-27, else of ORC-7."""
    obr, orc = order.obr, order.orc
    return list(obr[27] if obr is not None else ()) or list(orc[7] if orc is not None else ())


def _moments(obr: Segment | None, ctx: Context) -> Json:
    """OBR-6 requested, else OBR-36 scheduled, as ``occurrence[x]``."""
    moment = (field_datetime(obr[6], ctx) or field_datetime(obr[36], ctx)) if obr is not None else ""
    return {"occurrenceDateTime": moment} if moment else {}


def _priority(order: Order, timings: list[Segment], old: list[str], ctx: Context) -> Json:
    """TQ1-9, else OBR-5, else the sixth component of OBR-27 or ORC-7."""
    if stated := tq1_priority(timings, ctx):
        return stated
    if order.obr and order.obr[5]:
        return cwe_code("priority", order.obr[5], ORDER_PRIORITY, ctx)
    code = ctx.translate(ORDER_PRIORITY, next(filter(None, old), ""), order.head.path(7))
    return {"priority": code} if code else {}


def _reasoned(order: Order, ctx: Context) -> Json:
    """What is wanted and why: OBR, DG1, and the results and orders that led to it."""
    conditions = [condition for dg1 in order.all("DG1") if (condition := dg1_condition(dg1, ctx))]
    related = related_orders(order.all("TQ2"), ctx)
    reasons = [ctx.reference(condition) for condition in conditions]
    obr = order.obr
    if obr is None:
        return compact({"reasonReference": reasons, "supportingInfo": related})
    return {
        **obr_requested(obr, ctx),
        "reasonReference": [*reasons, *(obr_parent_results(obr, ctx) if len(obr) > 25 else ())],
        "supportingInfo": related,
    }

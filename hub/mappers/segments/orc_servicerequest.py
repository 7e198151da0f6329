"""ORC and OBR (with TQ1, NTE, PRT, DG1) → ServiceRequest (HL7 v2.9, chapters 4.5.1 and 7.4.1)."""

import re

from hub.fhir.build import compact, present
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import (
    ORDER_BY_REPORT,
    ORDER_CONTROL,
    ORDER_PRIORITY,
    ORDER_STATUS,
    REFERRAL,
    REFERRAL_CODES,
)
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner, xcn_reference
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.groups import Order
from hub.mappers.segments.dg1_condition import dg1_condition
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.prt_participation import REFERRED_TO, REFERRING, prt_references
from hub.mappers.segments.tq1_timing import tq1_occurrence, tq1_priority
from hub.model import Json

_REFERRAL_WORDS = re.compile(r"\breferral\b", re.IGNORECASE)


def order_identifiers(order: Order, ctx: Context) -> list[Json]:
    """The placer's number (ORC-2, OBR-2), the filler's (ORC-3, OBR-3) and that of the group (ORC-4), each once."""
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
    codes = {(coding.get("system"), coding["code"]) for coding in service.get("coding", ())}
    return bool(codes & REFERRAL_CODES or _REFERRAL_WORDS.search(service.get("text", "")))


def order_servicerequest(order: Order, ctx: Context) -> Json | None:
    """Adds the ServiceRequest of an order; an order without a number is known by its place in the message.

    Returns ``None`` without a patient (FHIR R4: subject is required) or when a result names no order at all.
    """
    identifiers = order_identifiers(order, ctx)
    if ctx.subject is None or (order.orc is None and not identifiers):
        return None
    first = order.orc or order.obr
    assert first is not None, "an order has an ORC or an OBR"
    return ctx.add(
        {
            "resourceType": "ServiceRequest",
            "extension": ctx.removals(order.orc) if order.orc else None,
            "identifier": identifiers,
            "requisition": ei_identifier(order.orc[4].first, ctx, "PGN") if order.orc else None,
            "status": order_status(order, ctx),
            "intent": "reflex-order" if order.obr and order.obr[11].text == "G" else "order",
            "category": [{"coding": [REFERRAL]}] if is_referral(order, ctx) else None,
            "priority": _priority(order, ctx),
            "subject": ctx.subject,
            "encounter": ctx.visit,
            "authoredOn": _authored(order.orc, ctx),
            "requester": requester(order, ctx),
            "performer": prt_references(order.participations, REFERRED_TO, ctx),
            "note": nte_annotations(order.notes, ctx),
            "reasonReference": _diagnoses(order, ctx),
            **_occurrence(order, ctx),
            **(_requested(order.obr, ctx) if order.obr else {}),
        },
        order_key(identifiers, ctx) or f"{ctx.raw.id}|{first.line}",
    )


def order_status(order: Order, ctx: Context) -> str:
    """ORC-5, else ORC-1, else the state of the result (OBR-25); ``unknown`` where none of them says it."""
    orc, obr = order.orc, order.obr
    if orc and orc[5]:
        return ctx.translated(ORDER_STATUS, orc[5]) or "unknown"
    if orc and (stated := ORDER_CONTROL.codes.get(orc[1].text)):
        return stated
    if obr and (reported := obr[25].text):
        return ORDER_BY_REPORT.get(reported, "active")
    return "active" if obr else "unknown"


def requester(order: Order, ctx: Context) -> Json:
    """ORC-12, else OBR-16, else PRT RP; with an ordering facility (ORC-21) as a PractitionerRole."""
    orders = [segment[field].first for segment, field in ((order.orc, 12), (order.obr, 16)) if segment]
    clinician = next((xcn for xcn in orders if xcn), None)
    organization = xon_organization(order.orc[21], ctx) if order.orc else None
    if clinician is None:
        referring = prt_references(order.participations, REFERRING, ctx)
        return referring[0] if referring else _organization(organization, ctx)
    if organization is None:
        return xcn_reference(clinician, ctx)
    practitioner = xcn_practitioner(clinician, ctx)
    assert practitioner is not None, "an XCN that says something gives a Practitioner"
    return practitioner_role(practitioner, organization, ctx)


def practitioner_role(practitioner: Json, organization: Json, ctx: Context) -> Json:
    """The Reference to a clinician of an organization, as a PractitionerRole of the bundle."""
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": ctx.reference(practitioner, full_name(practitioner.get("name", [{}])[0])),
        "organization": ctx.reference(organization, organization.get("name", "")),
    }
    found = ctx.add(role, "clinician", practitioner["id"], organization["id"])
    return ctx.reference(found, full_name(practitioner.get("name", [{}])[0]))


def _organization(organization: Json | None, ctx: Context) -> Json:
    return ctx.reference(organization, organization.get("name", "")) if organization else {}


def _requested(obr: Segment, ctx: Context) -> Json:
    """What is wanted and why: OBR-4, -31 reason, -46 supplemental service."""
    return compact(
        {
            "code": cwe_codeableconcept(obr[4], ctx),
            "reasonCode": present(cwe_codeableconcept(cwe, ctx) for cwe in obr[31]),
            "orderDetail": present(cwe_codeableconcept(cwe, ctx) for cwe in obr[46]) if obr[4] else None,
        }
    )


def _authored(orc: Segment | None, ctx: Context) -> str:
    """ORC-9, which is the time of the order only in the order itself (ORC-1 NW)."""
    return field_datetime(orc[9], ctx) if orc and orc[1].text == "NW" else ""


def _occurrence(order: Order, ctx: Context) -> Json:
    """TQ1, else the requested time of older versions (OBR-6, OBR-27.4)."""
    if order.timings:
        return tq1_occurrence(order.timings[0], ctx)
    if order.obr is None:
        return {}
    wanted = order.obr[6].text or order.obr[27].first[4]
    moment = dtm_datetime(wanted, ctx, order.obr.path(6))
    return {"occurrenceDateTime": moment} if moment else {}


def _priority(order: Order, ctx: Context) -> str:
    """TQ1-9, else OBR-5, else the sixth component of OBR-27 or ORC-7."""
    for tq1 in order.timings:
        if priority := tq1_priority(tq1, ctx):
            return priority
    obr, orc = order.obr, order.orc
    sent = (obr[5].text or obr[27].first[6]) if obr else ""
    sent = sent or (orc[7].first[6] if orc else "")
    return ctx.translate(ORDER_PRIORITY, sent, obr.path(5) if obr else "ORC-7")


def _diagnoses(order: Order, ctx: Context) -> list[Json]:
    found = [dg1_condition(dg1, ctx) for dg1 in order.diagnoses]
    return [ctx.reference(condition) for condition in found if condition]

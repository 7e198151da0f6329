"""ORC → what R4's orders say in HL7's extensions: business events, the reason of a status, call-back numbers (HL7 v2.9,
chapter 4.5.1; v2-to-FHIR guide, ``ORC[ServiceRequest]``)."""

from collections.abc import Iterator

from hub.fhir.build import present
from hub.fhir.codes import Table
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.groups import Order
from hub.model import Json

SUPPORTING = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ServiceRequest.supportingInfo"
"""Clinical information as a code: in R4 ``supportingInfo`` takes references alone."""
_CONTROL, _STATUS, _ACTION = Table("0119"), Table("0038"), Table("0206")
_NOTICE, _OVERRIDE, _CONFIDENTIALITY, _RESPONSE = Table("0339"), Table("0552"), Table("0177"), Table("0121")
_USUAL_FIELDS = 19


def orc_extensions(order: Order, ctx: Context) -> list[Json]:
    """The extensions of an order: what happened to it and when, why it has its status, whom to call back."""
    orc = order.orc
    callbacks = [callback for segment, field in ((order.obr, 17), (orc, 14)) if segment for callback in segment[field]]
    phones = present(xtn_contactpoint(xtn, ctx, "work") for xtn in callbacks)
    found = [
        {"url": EXTENSION + "servicerequest-order-callback-phone-number", "valueContactPoint": phone}
        for place, phone in enumerate(phones)
        if phone not in phones[:place]
    ]
    if orc is None:
        return found
    reason = cwe_codeableconcept(orc[16], ctx) if orc[16] else {}
    if reason:
        found.append({"url": EXTENSION + "request-statusReason", "valueCodeableConcept": reason})
    rare = [*_rare_events(orc, ctx), *supporting(orc[26], ctx, _OVERRIDE)] if len(orc) > _USUAL_FIELDS else ()
    return [*present([business_event(orc[1], orc[9], _CONTROL, ctx)]), *found, *rare]


def _rare_events(orc: Segment, ctx: Context) -> Iterator[Json]:
    """ORC-20/-32 advance notice to the beneficiary, -27 when the filler expects to be ready, -35 action, -36 from when
    to when the status holds, -37 when it was made."""
    yield from present([business_event(orc[20], orc[32], _NOTICE, ctx), business_event(orc[35], orc[99], _ACTION, ctx)])
    for number, what in ((27, "Filler's expected availability"), (37, "Order creation")):
        if moment := field_datetime(orc[number], ctx):
            yield event({"text": what}, moment)
    if orc[36]:
        status = cwe_codeableconcept(orc[5], ctx, _STATUS) or {"text": "Order status"}
        for component, words in ((1, "Order status from"), (2, "Order status until")):
            if moment := dtm_datetime(orc[36].first[component], ctx, orc.path(36)):
                yield event({**status, "text": words}, moment)


def business_event(what: Field, when: Field, table: Table, ctx: Context) -> Json:
    """A code of an HL7 table as the business event of a resource, and when it happened; ``{}`` without a code."""
    value = cwe_codeableconcept(what, ctx, table) if what else {}
    return event(value, field_datetime(when, ctx)) if value else {}


def event(value: Json, date: str) -> Json:
    """What happened, and when, as an extension of a resource."""
    parts: list[Json] = [{"url": "value", "valueCodeableConcept": value}]
    if date:
        parts.append({"url": "date", "valueDateTime": date})
    return {"url": EXTENSION + "businessEvent", "extension": parts}


def supporting(field: Field, ctx: Context, table: Table | None = None) -> list[Json]:
    """Codes that may influence a service, as extensions."""
    return [supporting_concept(found) for cwe in field if (found := cwe_codeableconcept(cwe, ctx, table))]


def supporting_concept(concept: Json) -> Json:
    """The extension for one code that may influence a service."""
    return {"url": SUPPORTING, "extension": [{"url": "concept", "valueCodeableConcept": concept}]}


def status_modifier(orc: Segment | None, ctx: Context) -> Json:
    """ORC-25, which says a status more exactly, beside the status."""
    stated = cwe_codeableconcept(orc[25], ctx) if orc is not None and orc[25] else {}
    return {"_status": alternate_codes(stated)} if stated else {}


def orc_meta(orc: Segment | None, ctx: Context) -> Json:
    """ORC-28 confidentiality as security labels; ORC-6, how much of an answer is wanted, as a tag."""
    if orc is None or not (orc[28] or orc[6]):
        return {}
    labels = [c for cwe in orc[28] for c in cwe_codeableconcept(cwe, ctx, _CONFIDENTIALITY).get("coding", ())]
    tags = cwe_codeableconcept(orc[6], ctx, _RESPONSE).get("coding") if orc[6] else None
    members = {name: value for name, value in (("security", labels), ("tag", tags)) if value}
    return {"meta": members} if members else {}

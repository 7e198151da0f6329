"""IN1 → Coverage, with payor and subscriber (HL7 v2.9, chapter 6.5.6)."""

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import DATA_ABSENT, GENDER, PLAN_TYPE, SUBSCRIBER
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import dtm_date, field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xon_organization import named_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered_fields
from hub.model import Json

_ABSENT = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}


def in1_coverage(in1: Segment, ctx: Context) -> Json | None:
    """Adds the Coverage of the patient; its status is mandatory in R4 and IN1 says nothing of it: active."""
    if ctx.subject is None or ctx.patient is None:
        return None
    member = typed(cx_identifier(in1[49].first, ctx), "MB")
    insurer = _insurer(in1, ctx)
    payor = ctx.keep(insurer) if insurer else None
    policy = in1[36].text
    return ctx.add(
        {
            "resourceType": "Coverage",
            "extension": ctx.removals(in1),
            "identifier": [member] if member else None,
            "status": "active",
            "type": cwe_codeableconcept((in1[15] or in1[35]), ctx, PLAN_TYPE if in1[15] else None),
            "subscriber": _subscriber(in1, ctx),
            "subscriberId": policy or member.get("value", ""),
            "beneficiary": ctx.subject,
            "relationship": cwe_codeableconcept(in1[17], ctx, SUBSCRIBER),
            "period": period(field_datetime(in1[12], ctx), field_datetime(in1[13], ctx)),
            "payor": [ctx.reference(payor, payor.get("name", "")) if payor else _ABSENT],
            "class": _classes(in1),
        },
        ctx.patient["id"],
        payor["id"] if payor else "",
        in1[2].text,
        policy or member.get("value", ""),
    )


@remembered_fields(3, 4, 5, 7)
def _insurer(in1: Segment, ctx: Notes) -> Json:
    """The insurance company: IN1-4 name, -3 identifiers, -5 addresses, -7 telephones."""
    numbers = each(in1[3], cx_identifier, ctx)
    insurer = named_organization(in1[4].text, numbers[0] if numbers else {}, ctx)
    if insurer:
        more = {
            "identifier": numbers,
            "telecom": each(in1[7], xtn_contactpoint, ctx),
            "address": each(in1[5], xad_address, ctx),
        }
        complete(insurer, compact(more))
    return insurer


def _subscriber(in1: Segment, ctx: Context) -> Json | None:
    """The patient, or the person of IN1-16, -18, -19, -43."""
    if in1[17].text == "SEL":
        return ctx.subject
    name = xpn_humanname(in1[16].first, ctx)
    if not name or ctx.patient is None:
        return None
    person = ctx.add(
        {
            "resourceType": "RelatedPerson",
            "patient": ctx.subject,
            "name": [name],
            **cwe_code("gender", in1[43], GENDER, ctx),
            "birthDate": dtm_date(in1[18].text, ctx, in1.path(18)),
            "address": each(in1[19], xad_address, ctx),
        },
        ctx.patient["id"],
        full_name(name),
        "subscriber",
    )
    return ctx.reference(person, full_name(name))


def _classes(in1: Segment) -> list[Json]:
    """Group (IN1-8, -9) and plan (IN1-2)."""
    plan = in1[2].first
    return present([_class("group", in1[8].text, in1[9].text), _class("plan", plan[1], plan[2])])


def _class(kind: str, value: str, name: str) -> Json:
    if not value and not name:
        return {}
    system = TERMINOLOGY + "coverage-class"
    return compact({"type": {"coding": [{"system": system, "code": kind}]}, "value": value or name, "name": name})

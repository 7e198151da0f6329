"""AUT → Coverage and ClaimResponse, an authorization beforehand (HL7 v2.9, chapter 11.6.2)."""

from hub.fhir.build import coding, compact, period, present
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.billing import ABSENT
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cp_money import cp_money
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_organization import cwe_organization
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.st_text import text_of, texts
from hub.mappers.datatypes.xon_organization import organization
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact, coded, facts
from hub.mappers.preauthorization import preauthorization
from hub.mappers.segments.rf1_servicerequest import amount, authorized, told_by
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_FACTS = (
    Fact(8, "Requested treatments", amount),
    Fact(9, "Authorized treatments", amount),
    Fact(11, "Requested discipline", coded("0522")),
    Fact(12, "Authorized discipline", coded("0522")),
    Fact(14, "Approval status", coded("0563")),
    Fact(16, "Clinical service", coded("0573")),
    Fact(18, "Authorized treatments or units", amount),
    Fact(19, "Used treatments or units", amount),
    Fact(20, "Scheduled treatments or units", amount),
    Fact(21, "Encounter type", coded("0574")),
)
_MONEY = ((7, "Reimbursement limit"), (22, "Remaining benefit amount"))
_PLAN = coding(TERMINOLOGY + "coverage-class", "plan")


@segment("AUT")
def aut_claimresponse(aut: Segment, ctx: Context) -> Json | None:
    """Adds the authorization with the coverage that it is given under; without a patient the segment is kept."""
    coverage = _coverage(aut, ctx)
    if coverage is None:
        zzz_basic(aut, ctx)
        return None
    number = ei_identifier(aut[6].first, ctx)
    valid = [field_datetime(aut[at], ctx) for at in (4, 5)]
    response = preauthorization(
        coverage,
        {
            "identifier": [number] if number else None,
            "subType": cwe_codeableconcept(aut[13], ctx) or None,
            "created": field_datetime(aut[10], ctx),
            "requestor": next(iter(authorized(aut, 23, 24, ctx)), None),
            "disposition": text_of(aut[17]),
            "preAuthRef": number.get("value"),
            "preAuthPeriod": period(*valid),
            "adjudication": _adjudications(aut, ctx),
            "processNote": _notes(aut, ctx),
        },
        ctx,
        number.get("value") or str(aut.line),
    )
    told_by(aut, (25, 26, 27), response, ctx)
    return response


def _coverage(aut: Segment, ctx: Context) -> Json | None:
    """The coverage of the plan (AUT-1) by the payor (AUT-2, -3); without either that of the IN1 before it."""
    if ctx.subject is None or ctx.patient is None:
        return None
    payor = _payor(aut, ctx)
    if ctx.coverage is not None and not payor and not aut[1]:
        return ctx.coverage
    plan = aut[1].first
    named = compact({"type": {"coding": [_PLAN]}, "value": plan[1] or plan[2], "name": plan[2]})
    known: Json = {
        "resourceType": "Coverage",
        "status": "active",
        "type": cwe_codeableconcept(aut[1], ctx),
        "beneficiary": ctx.subject,
        "payor": [ctx.reference(payor, payor.get("name", "")) if payor else ABSENT],
        "class": [named] if "value" in named else None,
    }
    return ctx.add(known, ctx.patient["id"], payor["id"] if payor else "", plan[1] or plan[2])


def _payor(aut: Segment, ctx: Context) -> Json | None:
    """AUT-2 its codes, -3 its name."""
    name = text_of(aut[3])
    company = cwe_organization(aut[2].first, ctx) if aut[2] else None
    if company is None:
        return organization(name, {}, ctx)
    if name and company.get("name") != name:
        company["alias"] = [*company.get("alias", ()), *([company["name"]] if "name" in company else ())]
        company["name"] = name
    return company


def _adjudications(aut: Segment, ctx: Context) -> list[Json]:
    """What was asked for and granted: each by name with its amount, its number and unit, or its code."""
    found = [_adjudication(name, said) for name, said in facts(aut, _FACTS, ctx)]
    return found + [
        {"category": {"text": name}, "amount": limit}
        for number, name in _MONEY
        for price in aut[number]
        if (limit := cp_money(price))
    ]


def _adjudication(name: str, said: Json) -> Json:
    if concept := said.get("valueCodeableConcept"):
        return {"category": {"text": name}, "reason": concept}
    number = said["valueQuantity"]
    unit = {"text": number["unit"]} if "unit" in number else None
    return compact({"category": {"text": name}, "reason": unit, "value": number["value"]})


def _notes(aut: Segment, ctx: Context) -> list[Json]:
    """When treatment is planned to stop (AUT-15), and the comment (AUT-28)."""
    stops = [f"Planned treatment stop date: {stop}" for stop in each(aut[15], field_datetime, ctx)]
    said = [*stops, *texts(aut[28])]
    return present({"number": place, "text": text} for place, text in enumerate(said, 1))

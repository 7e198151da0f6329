"""IN3 → ClaimResponse (preauthorization), and CareTeam of those who certify (HL7 v2.9, chapter 6.5.8)."""

from hub.fhir.build import compact, complete, concept, period
from hub.fhir.systems import SNOMED
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.billing import coverage_claim, inform
from hub.mappers.context import Context
from hub.mappers.datatypes.cp_money import quantity
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import organization
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.dispatch import segment
from hub.mappers.facts import YES_NO, Fact, coded, codes_of, facts, moment, supporting, text, timing
from hub.mappers.notes import Notes
from hub.mappers.preauthorization import preauthorization
from hub.mappers.premises import lines
from hub.mappers.segments.in2_coverage import coverage_of
from hub.model import Json


def _penalty(mop: Repetition, ctx: Notes) -> Json:
    """MOP: a percentage, or money."""
    kind, amount, currency = mop.texts(3)
    return text(mop.like(" ".join(part for part in (amount or kind, "%" if kind == "PC" else currency) if part)), ctx)


def _days(dtn: Repetition, ctx: Notes) -> Json:
    """DTN: sort of days (table 0149) and how many."""
    kind, days = coded("0149")(dtn.inner(1), ctx), quantity(dtn[2], "day", "d")
    return {**kind, **({"valueQuantity": days} if days else {})} or text(dtn, ctx)


def _required(icd: Repetition, ctx: Notes) -> Json:
    """ICD: for which patients (table 0150), whether, and until when certification is required."""
    until = dtm_datetime(icd[3], ctx, f"{icd.path}.3")
    said = {**coded("0150")(icd.inner(1), ctx), **(timing(until) if until else {})}
    required = icd[2].strip().upper()
    return {**said, "valueBoolean": required == "Y"} if required in {"Y", "N"} else said


_FACTS = (
    Fact(4, "Certification required", YES_NO),
    Fact(5, "Penalty", _penalty),
    Fact(7, "Certification changed", moment),
    Fact(11, "Days", _days),
    Fact(12, "Non-concurrence", coded("0233")),
    Fact(13, "Non-concurrence effective", moment),
    Fact(17, "Reason of the appeal", coded("0345")),
    Fact(22, "Second opinion", moment),
    Fact(23, "Second opinion status", coded("0151")),
    Fact(24, "Second opinion documentation received", coded("0152")),
    Fact(26, "Certification type", coded("0921")),
    Fact(27, "Certification category", coded("0922")),
    Fact(28, "Verified online", moment),
    Fact(29, "Online verification result", coded("0970")),
    Fact(30, "Online verification error", coded("0971")),
    Fact(31, "Online verification check digit", text),
    Fact(20, "Precertification requirement", _required),
)
_TEAM = (
    (3, "Certified by"),
    (8, "Operator"),
    (14, "Physician reviewer"),
    (25, "Second opinion physician"),
)
_CASE_MANAGER = concept(SNOMED, "768832004", "Case manager")


@segment("IN3")
def in3_claimresponse(in3: Segment, ctx: Context) -> Json | None:
    """Adds the certification (IN3-2) of the coverage before it, from IN3-9 until -10, and those who gave it."""
    coverage = coverage_of(in3, ctx)
    number = cx_identifier(in3[2].first, ctx)
    claim = coverage_claim(coverage, ctx)
    inform(claim, supporting(facts(in3, _FACTS, ctx)))
    response = preauthorization(
        coverage,
        {
            "extension": ctx.removals(in3),
            "identifier": [number] if number else None,
            "created": field_datetime(in3[6], ctx),
            "request": ctx.reference(claim),
            "preAuthRef": number.get("value"),
            "preAuthPeriod": period(field_datetime(in3[9], ctx), field_datetime(in3[10], ctx)),
        },
        ctx,
        "IN3",
        number.get("value", in3.place),
    )
    _team(in3, coverage, ctx)
    return response


def _team(in3: Segment, coverage: Json, ctx: Context) -> None:
    """Who certified, reviewed and manages the case, and the agency (IN3-18) with its telephones (-16, -19)."""
    people = [_participant({"text": role}, xcn_reference(xcn, ctx)) for field, role in _TEAM for xcn in in3[field]]
    people += [_participant(_CASE_MANAGER, {"display": name}) for name in _names(in3[21])]
    people += [_participant({"text": "Certification contact"}, {"display": name}) for name in _names(in3[15])]
    agency = _agency(in3, ctx)
    contacts = telecom(((in3[16], "work"),), ctx)
    if not (people or agency or contacts):
        return
    ctx.add(
        {
            "resourceType": "CareTeam",
            "name": "Insurance certification",
            "subject": ctx.whom,
            "encounter": ctx.visit,
            "participant": people,
            "managingOrganization": [ctx.reference(agency, agency.get("name", ""))] if agency else None,
            "telecom": contacts,
        },
        coverage["id"],
        "certification",
    )


def _names(field: Field) -> list[str]:
    return [name for said in field if (name := said.text)]


def _agency(in3: Segment, ctx: Context) -> Json | None:
    agency = cwe_codeableconcept(in3[18], ctx)
    if not agency:
        return None
    code = next(iter(codes_of(agency)), "")
    made = organization(agency.get("text", code), {"value": code} if code else {}, ctx)
    if made is not None:
        complete(made, compact({"telecom": lines(in3[19], ctx, "work")}))
    return made


def _participant(role: Json, member: Json) -> Json:
    return {"role": [role], "member": member}

"""IN2 → the Coverage of the IN1 before it, and the people around it (HL7 v2.9, chapter 6.5.7)."""

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import LANGUAGE, SUBSCRIBER, Table
from hub.fhir.systems import SSN
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.billing import ABSENT, coverage_claim, inform
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cp_money import cp_money
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner
from hub.mappers.datatypes.xon_organization import organization, xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.dispatch import segment
from hub.mappers.facts import facts, supporting
from hub.mappers.premises import lines
from hub.mappers.segments.in2_benefits import in2_benefits
from hub.mappers.segments.in2_facts import BILLING, INSURED
from hub.mappers.social import more_of, related_person, social_history
from hub.model import Json

_NUMBERS = ((6, "MC"), (8, "MA"), (10, "MI"))
"""Medicare, Medicaid and military numbers (types of table 0203)."""
_EMPLOYERS = {"text": "Contact person of the employer of the insured"}
_COSTS = ((21, "Blood deductible"),)

_PATIENT = Table("0344", SUBSCRIBER.system)
_REASON = Table("0232")


@segment("IN2")
def in2_coverage(in2: Segment, ctx: Context) -> Json | None:
    """Completes the Coverage with numbers, employer and benefits, and says what is known of the insured person."""
    coverage = coverage_of(in2, ctx)
    insured = _insured(in2, coverage, ctx)
    complete(coverage, compact(_numbers(in2, ctx, own=insured is None)))
    if removals := ctx.removals(in2):
        complete(coverage, {"extension": removals})
    social_history(insured or ctx.patient, "Insured person", facts(in2, INSURED, ctx), _employers(in2, ctx), ctx)
    if said := facts(in2, BILLING, ctx):
        inform(coverage_claim(coverage, ctx), supporting(said))
    if len(in2) > 20:
        _further(in2, coverage, ctx)
    if len(in2) > 71:
        _relationship(in2, coverage, ctx)
    return coverage


def coverage_of(segment: Segment, ctx: Context) -> Json:
    """The coverage that IN2 and IN3 continue; one that has no IN1 is known by its number alone."""
    if ctx.coverage is not None and ctx.coverage["beneficiary"] == ctx.whom:
        return ctx.coverage
    members = {"status": "active", "beneficiary": ctx.whom, "payor": [ABSENT]}
    ctx.coverage = ctx.add({"resourceType": "Coverage", **members}, ctx.owner, segment.place)
    ctx.insured = None
    return ctx.coverage


def _insured(in2: Segment, coverage: Json, ctx: Context) -> Json | None:
    """The person who is insured, if he is not the patient, with what IN2 adds: numbers (IN2-1, -2), language (-34),
    telephone (-63), and how long he has been related (-55, -56)."""
    if ctx.insured is ctx.patient:
        return None
    language = cwe_codeableconcept(in2[34], ctx, LANGUAGE)
    details = compact(
        {
            "identifier": _personal(in2, ctx),
            "telecom": telecom(((in2[63], "home"),), ctx),
            "communication": [{"language": language}] if language else None,
            "period": period(field_datetime(in2[55], ctx), field_datetime(in2[56], ctx)),
        }
    )
    if ctx.insured is None and details:
        ctx.insured = related_person(details, ctx, coverage["id"], "subscriber")
        complete(coverage, {"subscriber": ctx.reference(ctx.insured)} if ctx.insured else {})
    elif details:
        more_of(ctx.insured, details)
    return ctx.insured


def _relationship(in2: Segment, coverage: Json, ctx: Context) -> None:
    """What the patient is to the insured (IN2-72), as R4 asks for it; the code of IN1-17 stays if it means the same."""
    stated = cwe_codeableconcept(in2[72], ctx, _PATIENT)
    if not stated:
        return
    codings, known = stated.get("coding", []), coverage.get("relationship", {}).get("coding", [])
    if known[:1] == codings[:1]:
        stated = {**stated, "coding": [*codings, *known[1:]]}
    coverage["relationship"] = stated


def _personal(in2: Segment, ctx: Context) -> list[Json]:
    """Employee number (IN2-1) and social security number (IN2-2) of the insured."""
    social = typed({"system": SSN, "value": in2[2].text}, "SS") if in2[2].text else {}
    return present([*(typed(cx_identifier(cx, ctx), "EI") for cx in in2[1]), social])


def _numbers(in2: Segment, ctx: Context, *, own: bool) -> Json:
    """The numbers of the coverage; those of a patient who is insured himself are his as an insured person."""
    numbers = [typed(cx_identifier(in2[field].first, ctx), kind) for field, kind in _NUMBERS if in2[field]]
    more = [*each(in2[26], cx_identifier, ctx), *(typed(cx_identifier(cx, ctx), "MB") for cx in in2[61])]
    personal = _personal(in2, ctx) if own else []
    costs = [_cost(name, in2[field]) for field, name in _COSTS if in2[field]]
    return {
        "identifier": present([*personal, *numbers, *more]),
        "dependent": in2[61].text,
        "costToBeneficiary": present(costs),
    }


def _cost(name: str, field: Field) -> Json:
    """A deductible in money, or in a number of units (pints of blood)."""
    money = cp_money(field.first)
    return {"type": {"text": name}, **_value(money)} if money else {}


def _value(money: Json) -> Json:
    return {"valueMoney": money} if "currency" in money else {"valueQuantity": money}


def _employers(in2: Segment, ctx: Context) -> list[Json]:
    """The insured's employer (IN2-70, else -3) and organization (-69), with telephone (-64) and people to speak to."""
    employer = xon_organization(in2[70], ctx) or _named(in2[3], ctx)
    own = xon_organization(in2[69], ctx)
    others = [xon_organization(xon, ctx) for number in (69, 70) for xon in list(in2[number])[1:]]
    if len(in2) > 48:
        _employer(in2, employer or own, ctx)
    return present([employer, own, *others])


def _employer(in2: Segment, employer: Json | None, ctx: Context) -> None:
    """How to reach the employer; where the sender does not name one, the telephone is the insured's at work, and the
    person to speak to stands by himself."""
    phones, contacts = lines(in2[64], ctx, "work"), telecom(((in2[50], "work"),), ctx)
    names, purpose = each(in2[49], xpn_humanname, ctx), cwe_codeableconcept(in2[51], ctx)
    if employer is not None:
        contact = compact({"purpose": purpose, "name": names[0] if names else None, "telecom": contacts})
        others = [compact({"purpose": purpose, "name": name}) for name in names[1:]]
        complete(employer, compact({"telecom": phones, "contact": present([contact, *others])}))
        return
    more_of(ctx.insured, {"telecom": phones})
    people = {"relationship": present([purpose, _EMPLOYERS]), "name": names, "telecom": contacts}
    related_person(people, ctx, "employer's contact")


def _named(field: Field, ctx: Context) -> Json | None:
    """The employer of IN2-3: number and name of an organization, in a person's data type."""
    xcn = field.first
    number = {"value": xcn[1]} if xcn[1] else {}
    if not (number or xcn[2] or xcn[3]):
        return None
    person = xcn_practitioner(xcn, ctx) if xcn[3] else None
    name = full_name(person["name"][0]) if person and "name" in person else xcn[2]
    return organization(name, number, ctx)


def _further(in2: Segment, coverage: Json, ctx: Context) -> None:
    """Benefits, the payor's numbers and telephones, and the insured's contact person."""
    in2_benefits(in2, coverage, ctx)
    if in2[25] or in2[57] or in2[58]:
        _payor(in2, coverage, ctx)
    if in2[52] or in2[53]:
        contact = {
            "relationship": [*each(in2[54], cwe_codeableconcept, ctx), {"text": "Contact person of the insured"}],
            "name": each(in2[52], xpn_humanname, ctx),
            "telecom": telecom(((in2[53], ""),), ctx),
        }
        related_person(contact, ctx, coverage["id"], "contact")


def _payor(in2: Segment, coverage: Json, ctx: Context) -> None:
    """IN2-25 the payor's number, -57 and -58 whom to ask and why."""
    identifiers = each(in2[25], cx_identifier, ctx)
    contact = compact(
        {"purpose": cwe_codeableconcept(in2[57], ctx, _REASON), "telecom": telecom(((in2[58], "work"),), ctx)}
    )
    known = ctx.at(coverage["payor"][0])
    if known is not None:
        complete(known, compact({"identifier": identifiers, "contact": present([contact])}))
    elif payor := organization("", identifiers[0] if identifiers else {}, ctx):
        complete(payor, compact({"contact": present([contact])}))
        coverage["payor"] = [ctx.reference(payor)]

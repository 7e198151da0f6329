"""IN1 → Coverage, with payor, policy holder and subscriber (HL7 v2.9, chapter 6.5.6)."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from hub.fhir.build import coding, compact, complete, period, present, token
from hub.fhir.codes import GENDER, PLAN_TYPE, RELATIONSHIP, RELATIONSHIP_CONTACT, SUBSCRIBER, table_with
from hub.fhir.systems import TERMINOLOGY, V2
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.billing import ABSENT, insure
from hub.mappers.context import Context, Whose
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cp_money import cp_money
from hub.mappers.datatypes.cwe_code import cwe_code
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.mappers.datatypes.dtm_birthdate import dtm_birthdate
from hub.mappers.datatypes.dtm_datetime import dtm_date, field_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xon_organization import named_organization, organization, xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname, xpn_names
from hub.mappers.dispatch import segment
from hub.mappers.notes import Mentions, Notes
from hub.mappers.premises import lines, premises
from hub.mappers.remember import remembered_fields, remembered_segment
from hub.mappers.segments.in1_claim import in1_claim
from hub.mappers.segments.in1_eligibility import in1_eligibility
from hub.mappers.social import more_of, person_of
from hub.model import Json

_BESIDE = {"use", "_use", "_gender", "_birthDate", "extension", "period"}
"""What does not make another person or place."""
_CLASS = TERMINOLOGY + "coverage-class"
_GENERATIONS = {
    code: {"system": SUBSCRIBER.system, "code": code, "display": display}
    for code, display in (("child", "Child"), ("parent", "Parent"))
}
_DEDUCTIBLE = {"coding": [{"system": TERMINOLOGY + "coverage-copay-type", "code": "deductible"}]}


@segment("IN1")
def in1_coverage(in1: Segment, ctx: Context) -> Json | None:
    """Adds the Coverage of the patient; its status is mandatory in R4 and IN1 says nothing of it: active.

    It stays the coverage that IN2 and IN3 continue. What the insurer promises becomes a CoverageEligibilityResponse,
    what the bill is to say a draft Claim.
    """
    own = _own(in1, ctx, ctx.whose)
    payors = _payors(in1, ctx)
    insured, holder = _insured(in1, own, ctx), _group(in1, ctx)
    if in1[44] and holder is None:
        more_of(insured, {"address": [{"use": "work", **one} for one in each(in1[44], xad_address, ctx)]})
    coverage = ctx.add(
        {
            "resourceType": "Coverage",
            "extension": own.extension,
            "identifier": own.identifiers,
            "status": "active",
            **own.plan,
            "relationship": _relationship(in1, ctx),
            "policyHolder": holder or _reference(insured, ctx),
            "subscriber": ctx.whom if in1[17].text == "SEL" else _reference(insured, ctx),
            "subscriberId": own.number,
            "beneficiary": ctx.whom,
            "period": own.period,
            "payor": [ctx.reference(payor, payor.get("name", "")) for payor in payors] or [ABSENT],
            "order": own.order,
            "costToBeneficiary": own.costs,
        },
        ctx.owner,
        payors[0]["id"] if payors else "",
        in1[2].text,
        own.number,
    )
    ctx.coverage, ctx.insured = coverage, ctx.patient if in1[17].text == "SEL" else insured
    insure(coverage, ctx)
    if len(in1) > 13:
        in1_eligibility(in1, coverage, ctx)
        in1_claim(in1, coverage, ctx)
    return coverage


class _Insured(NamedTuple):
    """The insured: what tells who it is, and as a RelatedPerson."""

    details: Json
    person: Json | None


@dataclass(frozen=True, slots=True)
class _Own:
    """What IN1 says of the insured, if it names him, and of the Coverage itself; ``plan`` are members."""

    insured: _Insured | None
    extension: list[Json]
    identifiers: list[Json]
    plan: Json
    number: str
    period: Json
    order: int | None
    costs: list[Json]


@remembered_segment
def _own(in1: Segment, ctx: Mentions, whose: Whose) -> _Own:
    members = [typed(one, "MB") for one in each(in1[49], cx_identifier, ctx)]
    return _Own(
        insured=_person(in1, ctx, whose),
        extension=ctx.removals(in1),
        identifiers=[*members, *each(in1[54], cx_identifier, ctx)],
        plan=_plan(in1, ctx),
        number=in1[36].text or (members[0]["value"] if members else ""),
        period=period(field_datetime(in1[12], ctx), field_datetime(in1[13], ctx)),
        order=_order(in1),
        costs=_costs(in1),
    )


def _payors(in1: Segment, ctx: Context) -> list[Json]:
    """The insurance company; the sender may name several (IN1-4)."""
    insurer = _insurer(in1, ctx)
    others = [other for xon in list(in1[4])[1:] if (other := xon_organization(xon, ctx))]
    return [ctx.keep(insurer), *others] if insurer else others


@remembered_fields(3, 4, 5, 6, 7)
def _insurer(in1: Segment, ctx: Notes) -> Json:
    """The insurance company: IN1-4 name, -3 identifiers, -5 addresses, -6 people to speak to, -7 telephones."""
    numbers = each(in1[3], cx_identifier, ctx)
    insurer = named_organization(in1[4].text, numbers[0] if numbers else {}, ctx)
    if not insurer:
        return {}
    kind = token(in1[4].first[2])
    other = in1[4].first[10] or in1[4].first[3]
    more = {
        "identifier": [*numbers, *([{"value": other}] if other and all(n["value"] != other for n in numbers) else ())],
        "type": [{"text": kind}] if kind else None,
        "telecom": lines(in1[7], ctx),
        "address": premises(in1[5], ctx),
        "contact": [{"name": name} for name in each(in1[6], xpn_humanname, ctx)],
    }
    complete(insurer, compact(more))
    return insurer


@remembered_fields(2, 8, 9, 15, 35, 46, 47)
def _plan(in1: Segment, ctx: Notes) -> Json:
    """What many patients have in common: type and classes of the coverage."""
    return compact({"type": _type(in1, ctx), "class": _classes(in1)})


def _relationship(in1: Segment, ctx: Context) -> Json:
    """What the patient is to the insured, as R4 asks; IN1-17 says what the insured is to the patient.

    Many senders write a child for a parent. Where both births are known (IN1-18), the elder is the parent. The
    sender's own code stays with the insured person.
    """
    concept = cwe_codeableconcept(in1[17], ctx, SUBSCRIBER)
    meant: Json = next((one for one in concept.get("coding", ()) if one.get("system") == SUBSCRIBER.system), {})
    if meant.get("code") not in _GENERATIONS:
        return concept
    insured, patient = dtm_date(in1[18].text, ctx, in1.path(18)), (ctx.patient or {}).get("birthDate", "")
    if insured and patient and insured != patient:
        meant = _GENERATIONS["child" if insured < patient else "parent"]
    return {"coding": [meant]}


def _type(in1: Segment, ctx: Notes) -> Json:
    """The plan type (IN1-15) and the company's own code for the plan (-35)."""
    plan, own = cwe_codeableconcept(in1[15], ctx, PLAN_TYPE), cwe_codeableconcept(in1[35], ctx)
    if not (plan and own):
        return plan or own
    return compact({**own, **plan, "coding": [*plan.get("coding", ()), *own.get("coding", ())]})


def _insured(in1: Segment, own: _Own, ctx: Context) -> Json | None:
    """The person of IN1-16, -18, -19, -43; for a patient who is insured himself, as the insurer knows him, if that is
    not as the hospital does."""
    told = own.insured
    if told is None or (in1[17].text == "SEL" and _known(told.details, ctx.patient or {})):
        return None
    return ctx.keep(told.person) if told.person else None


def _person(in1: Segment, ctx: Mentions, whose: Whose) -> _Insured | None:
    names = [name for xpn in in1[16] for name in xpn_names(xpn, ctx)]
    if not names:
        return None
    details = compact(
        {
            "name": names,
            **cwe_code("gender", in1[43], GENDER, ctx),
            **dtm_birthdate(in1[18], ctx),
            "address": each(in1[19], xad_address, ctx),
        }
    )
    kind = table_with(in1[17].text, RELATIONSHIP, RELATIONSHIP_CONTACT)
    relation = present([cwe_codeableconcept(in1[17], ctx, kind)])
    return _Insured(details, person_of(whose, {"relationship": relation, **details}, in1[17].text))


def _known(details: Any, record: Any) -> bool:
    """Whether the patient's own record says all that, perhaps more fully and in other letters."""
    if isinstance(details, dict) and isinstance(record, dict):
        return all(_known(value, record.get(name)) for name, value in details.items() if name not in _BESIDE)
    if isinstance(details, list) and isinstance(record, list):
        return all(one in record or any(_known(one, other) for other in record) for one in details)
    if isinstance(details, str) and isinstance(record, str):
        return details.casefold() == record.casefold()
    return bool(details == record)


def _reference(person: Json | None, ctx: Context) -> Json | None:
    return ctx.reference(person, full_name(person["name"][0])) if person else None


def _group(in1: Segment, ctx: Context) -> Json | None:
    """The employer or other group through whom the patient is insured (IN1-10, -11), at its address (-44)."""
    if not (in1[10] or in1[11]):
        return None
    numbers = each(in1[10], cx_identifier, ctx)
    holder = xon_organization(in1[11], ctx) or organization("", numbers[0] if numbers else {}, ctx)
    if holder is None:
        return None
    complete(holder, compact({"identifier": numbers, "address": premises(in1[44], ctx)}))
    return ctx.reference(holder, holder.get("name", ""))


def _order(in1: Segment) -> int | None:
    """In which order the coverages pay: IN1-22, else the order in which they are sent (IN1-1)."""
    rank = in1[22].text.strip() or in1[1].text.strip()
    return int(rank) if rank.isascii() and rank.isdigit() and 0 < int(rank) < 100 else None


def _costs(in1: Segment) -> list[Json]:
    """What the insured pays himself (IN1-37), with the type of the price."""
    price = in1[37].first
    money = cp_money(price) if in1[37] else {}
    if not money:
        return []
    kind = token(price[2]) if price[2] != money.get("currency") else ""
    codings = [*_DEDUCTIBLE["coding"], *([coding(V2 + "0205", kind)] if kind else ())]
    return [{"type": {"coding": codings}, "valueMoney": money}]


def _classes(in1: Segment) -> list[Json]:
    """Group (IN1-8, -9), plan (-2), former plan (-46) and what is covered (-47)."""
    names = [xon[1] for xon in in1[9]] or [""]
    plan = in1[2].first
    return present(
        [
            _class("group", in1[8].text, names[0]),
            *(_class("group", name, name) for name in names[1:]),
            _class("plan", plan[1], plan[2]),
            _class("plan", plan[4], plan[5]),
            *(_named("Former plan", in1[46]) if len(in1) > 45 else ()),
            *(_named("Coverage type", in1[47]) if len(in1) > 46 else ()),
        ]
    )


def _class(kind: str, value: str, name: str) -> Json:
    if not value and not name:
        return {}
    return compact({"type": {"coding": [{"system": _CLASS, "code": kind}]}, "value": value or name, "name": name})


def _named(kind: str, field: Field) -> list[Json]:
    """A class that HL7's code system has no code for."""
    return [
        compact({"type": {"text": kind}, "value": cwe[1] or cwe[2], "name": cwe[2]})
        for cwe in field
        if cwe[1] or cwe[2]
    ]

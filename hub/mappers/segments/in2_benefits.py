"""IN2 → the benefits of a CoverageEligibilityResponse (HL7 v2.9, chapter 6.5.7)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import untranslated
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cp_money import cp_money, money_of
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.preauthorization import eligibility
from hub.model import Json


def in2_benefits(in2: Segment, coverage: Json, ctx: Context) -> None:
    """Rooms (IN2-28, RMC), policies (-29, PTA) and daily deductibles (-30, DDI)."""
    if not (in2[28] or in2[29] or in2[30]):
        return
    items = [_room(rmc, ctx) for rmc in in2[28]]
    items += [_policy(pta, ctx) for pta in in2[29]]
    items += [_deductible(ddi) for ddi in in2[30]]
    eligibility(coverage, {}, present(items), ctx)


def _room(rmc: Repetition, ctx: Context) -> Json:
    """RMC: room type (table 0145), amount type (table 0146), amount."""
    return _item(_code(rmc, 1, "0145", ctx), _code(rmc, 2, "0146", ctx), _amount(rmc))


def _policy(pta: Repetition, ctx: Context) -> Json:
    """PTA: policy type (table 0147), amount class (table 0193), amount."""
    return _item(_code(pta, 1, "0147", ctx), _code(pta, 2, "0193", ctx), _amount(pta))


def _deductible(ddi: Repetition) -> Json:
    """DDI: after how many days, how much, for how many days."""
    after, days = ddi[1].strip(), ddi[3].strip()
    benefits = [
        {"type": {"text": "Daily deductible begins after days"}, **day_count(after)} if after else {},
        {"type": {"text": "Daily deductible"}, **money_allowed(ddi.inner(2))} if ddi.part(2) else {},
        {"type": {"text": "Daily deductible lasts days"}, **day_count(days)} if days else {},
    ]
    said = present(benefits)
    return {"name": "Daily deductible", "benefit": said} if said else {}


def _amount(rmc: Repetition) -> Json:
    """RMC.4 and PTA.4 (MOP), else the amount of component 3, as before HL7 v2.5."""
    return mop_allowed(rmc.inner(4)) if rmc[4] else money_allowed(rmc.inner(3))


def money_allowed(amount: Repetition) -> Json:
    """An amount of money as ``allowed[x]`` of a benefit; what is none, in words."""
    money = cp_money(amount)
    if money:
        return {"allowedMoney": money}
    return {"allowedString": words} if (words := amount[1].strip()) else {}


def day_count(days: str) -> Json:
    """A number of days as ``allowed[x]`` of a benefit; what is none, in words."""
    return (
        {"allowedUnsignedInt": int(days)}
        if days.isascii() and days.isdigit() and len(days) < 7
        else {"allowedString": days}
    )


def _item(kind: Json, amount_kind: Json, allowed: Json) -> Json:
    benefit = compact({"type": amount_kind or {"text": "Amount"}, **allowed})
    return compact({"category": kind, "benefit": [benefit] if amount_kind or allowed else None})


def _code(repetition: Repetition, component: int, table: str, ctx: Context) -> Json:
    """A component that is a code, or a whole CWE in its subcomponents."""
    return cwe_codeableconcept(repetition.inner(component), ctx, untranslated(table))


def mop_allowed(mop: Repetition) -> Json:
    """A MOP (money or percentage, amount, currency) as ``allowed[x]`` of a benefit; before v2.5, the amount alone."""
    kind, amount, currency = mop.texts(3)
    if not amount:
        kind, amount = "", kind
    value = nm_decimal(amount) if amount else None
    if kind == "PC" or value is None:
        words = f"{amount} %" if kind == "PC" else amount
        return {"allowedString": words} if words else {}
    return {"allowedMoney": money_of(value, currency)}

"""UB1 and UB2 → the draft Claim of the visit: UB-82 and UB-92 data (HL7 v2.9, chapters 6.5.10 and 6.5.11)."""

from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.billing import inform, visit_claim
from hub.mappers.context import Context
from hub.mappers.datatypes.cp_money import cp_quantity, quantity
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.dispatch import segment
from hub.mappers.facts import COUNT, DAYS, Fact, Value, coded, facts, moment, number, supporting, text, timing
from hub.mappers.notes import Notes
from hub.model import Json


def _valued(table: str) -> Value:
    """UVC: a value code with its amount (UVC.2, money) or number (UVC.3)."""

    def value(uvc: Repetition, ctx: Notes) -> Json:
        amount = cp_quantity(uvc.inner(2)) or quantity(uvc[3])
        return {**coded(table)(uvc.inner(1), ctx), **({"valueQuantity": amount} if amount else {})}

    return value


def _dated(table: str) -> Value:
    """OCD and OSP: an occurrence code with its day, or from when until when."""

    def value(occurrence: Repetition, ctx: Notes) -> Json:
        since, until = (dtm_datetime(occurrence[at], ctx, f"{occurrence.path}.{at}") for at in (2, 3))
        said = coded(table)(occurrence.inner(1), ctx)
        return {**said, **(timing(since, until) if since or until else {})}

    return value


_PINTS = number("pint", "[pt_us]")
_UB1 = (
    Fact(2, "Blood deductible", COUNT),
    Fact(3, "Blood furnished", _PINTS),
    Fact(4, "Blood replaced", _PINTS),
    Fact(5, "Blood not replaced", _PINTS),
    Fact(6, "Coinsurance days", DAYS),
    Fact(7, "Condition", coded("0043")),
    Fact(8, "Covered days", DAYS),
    Fact(9, "Days not covered", DAYS),
    Fact(10, "Value", _valued("0153")),
    Fact(11, "Grace days", DAYS),
    Fact(12, "Special program", coded("0348")),
    Fact(13, "Approval by the review organization", coded("0349")),
    Fact(14, "Approved stay from", moment),
    Fact(15, "Approved stay to", moment),
    Fact(16, "Occurrence", _dated("0350")),
    Fact(17, "Occurrence span", coded("0351")),
    Fact(18, "Occurrence span from", moment),
    Fact(19, "Occurrence span to", moment),
    Fact(20, "UB-82 locator 2", text),
    Fact(21, "UB-82 locator 9", text),
    Fact(22, "UB-82 locator 27", text),
    Fact(23, "UB-82 locator 45", text),
)
_UB2 = (
    Fact(2, "Coinsurance days", DAYS),
    Fact(3, "Condition", coded("0043")),
    Fact(4, "Covered days", DAYS),
    Fact(5, "Days not covered", DAYS),
    Fact(6, "Value", _valued("0153")),
    Fact(7, "Occurrence", _dated("0350")),
    Fact(8, "Occurrence span", _dated("0351")),
    Fact(9, "UB-92 locator 2", text),
    Fact(10, "UB-92 locator 11", text),
    Fact(11, "UB-92 locator 31", text),
    Fact(12, "Document control number", text),
    Fact(13, "UB-92 locator 49", text),
    Fact(14, "UB-92 locator 56", text),
    Fact(15, "UB-92 locator 57", text),
    Fact(16, "UB-92 locator 78", text),
    Fact(17, "Special visits", COUNT),
)


@segment("UB1", "UB2")
def ub_claim(ub: Segment, ctx: Context) -> Json:
    """Adds what a uniform bill says beside diagnoses and procedures: days, conditions, values and occurrences."""
    claim = visit_claim(ctx)
    inform(claim, supporting(facts(ub, _UB1 if ub.name == "UB1" else _UB2, ctx)))
    return claim

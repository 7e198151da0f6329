"""IN1 → supporting information of the draft Claim to that coverage (HL7 v2.9, chapter 6.5.6)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.billing import coverage_claim, inform
from hub.mappers.context import Context
from hub.mappers.facts import YES_NO, Fact, coded, facts, moment, supporting, text
from hub.mappers.notes import Mentions
from hub.mappers.remember import remembered_segment
from hub.model import Json

_FACTS = (
    Fact(20, "Assignment of benefits", coded("0135")),
    Fact(21, "Coordination of benefits", coded("0173")),
    Fact(23, "Notice of admission", YES_NO),
    Fact(24, "Notice of admission sent", moment),
    Fact(25, "Report of eligibility", YES_NO),
    Fact(26, "Report of eligibility received", moment),
    Fact(27, "Release of information", coded("0093")),
    Fact(31, "Type of agreement", coded("0098")),
    Fact(32, "Billing status", coded("0022")),
    Fact(42, "Employment status of the insured", coded("0066")),
    Fact(48, "Handicap of the insured", coded("0295")),
    Fact(50, "Signature on file", coded("0535")),
    Fact(51, "Signature obtained", moment),
    Fact(52, "Birth place of the insured", text),
    Fact(53, "VIP", coded("0099")),
    Fact(55, "Insurance action", coded("0206")),
)


def in1_claim(in1: Segment, coverage: Json, ctx: Context) -> None:
    """What a bill to the insurer says beside the coverage: consents, signatures and notices of IN1-20 to -55."""
    if len(in1) > 19 and (said := _information(in1, ctx)):
        inform(coverage_claim(coverage, ctx), said)


@remembered_segment
def _information(in1: Segment, ctx: Mentions) -> list[Json]:
    return supporting(facts(in1, _FACTS, ctx))

"""MFI, MFE and MFA → Parameters: which master file it is, and what to do with each entry (HL7 v2.9, chapter 8.5)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.segments.qpd_parameters import Value, day, of_table, parameters
from hub.model import Json

ENDED = {"MDL", "MDC"}
"""Table 0180: the entry is deleted, or used no more."""
_EVENT, _ANSWER = of_table("0180"), of_table("0181")
_VALUES: dict[str, dict[int, Value]] = {
    "MFI": {1: of_table("0175"), 3: of_table("0178"), 4: day, 5: day, 6: of_table("0179")},
    "MFE": {1: _EVENT, 3: day, 5: of_table("0355")},
    "MFA": {1: _EVENT, 3: day, 4: _ANSWER, 6: of_table("0355")},
}


@segment("MFI", "MFE", "MFA")
def mfe_parameters(one: Segment, ctx: Context) -> Json:
    """The instruction, field by field; the entry itself is the segment after it."""
    return parameters(one, _VALUES[one.name], ctx)


def event_of(entry: Segment, ctx: Context) -> str:
    """What happens to an entry of a master file: the code of the MFE right before it (table 0180)."""
    before = ctx.message.segments[entry.line - 2] if ctx.message and entry.line > 1 else None
    return before[1].text.upper() if before is not None and before.name == "MFE" else ""

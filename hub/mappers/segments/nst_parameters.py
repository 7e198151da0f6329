"""NCK, NST and NSC → Parameters: the clock, the statistics and the changes of a system in a network (HL7 v2.9, chapter
14.4)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.segments.qpd_parameters import Value, day, of_table, parameters
from hub.model import Json

_VALUES: dict[str, dict[int, Value]] = {
    "NCK": {1: day},
    "NST": {1: of_table("0136"), 3: of_table("0332"), 4: day, 5: day},
    "NSC": {1: of_table("0409")},
}


@segment("NCK", "NST", "NSC")
def nst_parameters(one: Segment, ctx: Context) -> Json:
    """What the system says of itself, field by field."""
    return parameters(one, _VALUES[one.name], ctx)

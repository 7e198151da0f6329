"""DB1 → Observation of a disability (HL7 v2.9, chapter 3.4.11)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.facts import YES_NO, Fact, coded, moment, text
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.mappers.situation import situation
from hub.model import Json

_FACTS = (
    Fact(2, "Disabled person", coded("0334")),
    Fact(3, "Number of the disabled person", text),
    Fact(4, "Disabled", YES_NO),
    Fact(5, "Disabled since", moment),
    Fact(6, "Disabled until", moment),
    Fact(7, "Return to work", moment),
    Fact(8, "Unable to work since", moment),
)


@segment("DB1")
def db1_observation(db1: Segment, ctx: Context) -> Json | None:
    """Adds whose disability is stated, and since when."""
    if ctx.patient is None:
        zzz_basic(db1, ctx)
        return None
    return situation(db1, _FACTS, f"Disability {db1.number}", ctx.patient, ctx)

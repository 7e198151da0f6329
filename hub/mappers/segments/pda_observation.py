"""PDA → Observation of the cause of death, and the autopsy as a Procedure (HL7 v2.9, chapter 3.4.12)."""

from hub.fhir.build import compact, concept, period
from hub.fhir.systems import LOINC, SNOMED
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.datatypes.pl_location import pl_location
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.dispatch import segment
from hub.mappers.facts import YES_NO, Fact, components, facts, moment, text
from hub.model import Json

_CAUSE = concept(LOINC, "69453-9", "Cause of death [US Standard Certificate of Death]")
_AUTOPSY = concept(SNOMED, "29240004", "Autopsy examination")
_FACTS = (
    Fact(2, "Place of death", text),
    Fact(3, "Death certified", YES_NO),
    Fact(4, "Certificate signed", moment),
    Fact(6, "Autopsy", YES_NO),
    Fact(9, "Coroner involved", YES_NO),
)


@segment("PDA")
def pda_observation(pda: Segment, ctx: Context) -> Json | None:
    """Adds the cause of death (PDA-1) as certified by PDA-5, further causes and circumstances as components."""
    cause, *others = each(pda[1], cwe_codeableconcept, ctx) or [{}]
    if pda[2].first:
        pl_location(pda[2].first, ctx)
    further = [("Further cause of death", {"valueCodeableConcept": other}) for other in others]
    death = ctx.add(
        {
            "resourceType": "Observation",
            "extension": ctx.removals(pda),
            "status": "final",
            "code": _CAUSE,
            "subject": ctx.whom,
            "encounter": ctx.visit,
            "effectiveDateTime": (ctx.patient or {}).get("deceasedDateTime"),
            "performer": each(pda[5], xcn_reference, ctx),
            "valueCodeableConcept": cause,
            "component": components([*further, *facts(pda, _FACTS, ctx)]),
        },
        ctx.owner,
        "death",
    )
    if pda[7] or pda[8]:
        _autopsy(pda, ctx)
    return death


def _autopsy(pda: Segment, ctx: Context) -> None:
    """From when until when (PDA-7), and by whom (-8); not done where PDA-6 says so."""
    times = pda[7].first
    start, end = (dtm_datetime(times[at], ctx, f"{times.path}.{at}") for at in (1, 2))
    done = {"N": "not-done", "Y": "completed"}.get(pda[6].text.upper(), "unknown")
    ctx.add(
        compact(
            {
                "resourceType": "Procedure",
                "status": done,
                "code": _AUTOPSY,
                "subject": ctx.whom,
                "encounter": ctx.visit,
                "performedPeriod": period(start, end),
                "performer": [{"actor": who} for who in each(pda[8], xcn_reference, ctx)],
            }
        ),
        ctx.owner,
        "autopsy",
    )

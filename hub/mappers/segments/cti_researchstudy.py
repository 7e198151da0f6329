"""CTI → ResearchStudy (HL7 v2.9, chapter 7.8.4)."""

from hub.fhir.build import compact
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

RELEVANT = EXTENSION + "workflow-researchStudy"
"""Extension of what was ordered or observed for a study."""


@segment("CTI")
def cti_researchstudy(cti: Segment, ctx: Context) -> Json | None:
    """Adds the ResearchStudy: CTI-1 the sponsor's number, -2 phase, -3 the point in time that is scheduled in it."""
    number = ei_identifier(cti[1].first, ctx)
    if not number:
        zzz_basic(cti, ctx)
        return None
    scheduled = cwe_codeableconcept(cti[3], ctx) if cti[3] else {}
    study = {
        "resourceType": "ResearchStudy",
        "identifier": [number],
        "status": "active",
        "phase": cwe_codeableconcept(cti[2], ctx) if cti[2] else None,
        "keyword": [scheduled] if scheduled else None,
    }
    return ctx.add(compact(study), identifier_key(number, ctx.feed.name))

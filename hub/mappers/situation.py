"""What a segment says of a person or a visit and FHIR R4 has no element for: an Observation whose components are the
facts, each by its name."""

from collections.abc import Iterable

from hub.fhir.build import concept
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.facts import Fact, components, facts
from hub.model import Json

SOCIAL = concept(TERMINOLOGY + "observation-category", "social-history", "Social History")


def situation(source: Segment, of: Iterable[Fact], title: str, about: Json, ctx: Context) -> Json | None:
    """Adds the Observation with that title; its focus is ``about`` unless that is the patient. None without a fact or
    without a patient."""
    if ctx.patient is None or not (found := facts(source, of, ctx)):
        return None
    of_patient = about is ctx.patient
    return ctx.add(
        {
            "resourceType": "Observation",
            "status": "final",
            "category": [SOCIAL] if of_patient else None,
            "code": {"text": title},
            "subject": ctx.subject,
            "focus": None if of_patient else [ctx.reference(about)],
            "encounter": ctx.visit if about is ctx.encounter else None,
            "effectiveDateTime": ctx.event_time,
            "component": components(found),
        },
        about["id"],
        title,
    )

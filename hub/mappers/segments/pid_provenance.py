"""PID-33 and -34 → Provenance: when and where what is known of the patient last changed (HL7 v2-to-FHIR guide,
PID[Provenance-Patient])."""

from hub.fhir.build import compact, concept
from hub.fhir.systems import V3
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import field_datetime, instant_of
from hub.mappers.datatypes.xon_organization import hd_organization
from hub.mappers.envelope import agent
from hub.model import Json

_UPDATE = concept(V3 + "DataOperation", "UPDATE", "revise")


def pid_provenance(pid: Segment, patient: Json, ctx: Context) -> None:
    """Adds the Provenance of the last update; its facility is the sender's own where PID-34 names none."""
    when, place = field_datetime(pid[33], ctx), hd_organization(pid[34], ctx) if pid[34] else None
    if not (when or place):
        return
    facility = place or ctx.facility
    who = ctx.reference(facility, facility.get("name", "")) if facility else {"display": ctx.feed.name}
    ctx.add(
        compact(
            {
                "resourceType": "Provenance",
                "target": [ctx.reference(patient)],
                "occurredDateTime": when,
                "recorded": ctx.event_time if "T" in ctx.event_time else instant_of(ctx.raw.received_at),
                "activity": _UPDATE,
                "agent": [agent("performer", who)],
            }
        ),
        patient["id"],
        "updated",
    )

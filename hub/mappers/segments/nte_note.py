"""NTE that stands by itself → the note of the resource before it, else a Communication (HL7 v2.9, chapter 2.13.10)."""

from hub.fhir.build import complete
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.model import Json

_NOTED = frozenset(
    ("AllergyIntolerance", "CarePlan", "ChargeItem", "Condition", "Device", "Goal", "Immunization", "Invoice")
) | frozenset(("MedicationAdministration", "MedicationDispense", "MedicationRequest", "Observation", "Procedure"))
"""Resources whose mappers stand alone and that have an element ``note`` in FHIR R4."""


@segment("NTE")
def nte_note(nte: Segment, ctx: Context) -> Json | None:
    """Adds the comment to the resource of the segment before; where that has no notes, or there is none, it becomes a
    Communication about it. Returns what it speaks of, so that the next NTE speaks of the same."""
    about = ctx.last
    notes = nte_annotations([nte], ctx)
    if not notes:
        return about
    if about is not None and about["resourceType"] in _NOTED:
        complete(about, {"note": notes})
        return about
    _communication(nte, notes[0], about, ctx)
    return about


def _communication(nte: Segment, note: Json, about: Json | None, ctx: Context) -> None:
    """A comment on what has no notes; whose it is and of what kind (NTE-2, -4) are its categories."""
    apart = about is not None and about is not ctx.patient
    ctx.add(
        {
            "resourceType": "Communication",
            "status": "completed",
            "category": [kind["valueCodeableConcept"] for kind in note.get("extension", ())],
            "subject": ctx.subject,
            "about": [ctx.reference(about)] if about is not None and apart else None,
            "encounter": ctx.visit,
            "sent": note.get("time"),
            "sender": note.get("authorReference"),
            "payload": [{"contentString": note["text"]}],
        },
        ctx.raw.id,
        str(nte.line),
    )

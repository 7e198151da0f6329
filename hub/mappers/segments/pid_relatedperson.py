"""PID-21 → RelatedPerson: the mother of a newborn by her own number (HL7 v2.9, chapter 3.4.2.21)."""

from hub.fhir.build import concept
from hub.fhir.systems import V3
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.model import Json

_MOTHER = concept(V3 + "RoleCode", "MTH", "mother")


def pid_mother(pid: Segment, patient: Json, ctx: Context) -> None:
    """Adds the mother, one person under all her numbers."""
    if identifiers := each(pid[21], cx_identifier, ctx):
        mother = {"resourceType": "RelatedPerson", "identifier": identifiers, "patient": ctx.reference(patient)}
        ctx.add({**mother, "relationship": [_MOTHER]}, patient["id"], "mother")

"""PRT that stands by itself → who takes part in the care of the Patient or in the Encounter (HL7 v2.9, chapter
7.4.4)."""

from hub.fhir.build import complete, period
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_words
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.dispatch import segment
from hub.mappers.segments.prt_participation import prt_actors, prt_devices, prt_remarks
from hub.mappers.segments.rol_practitionerrole import takes_part
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_ROLE = Table("0912")


@segment("PRT")
def prt_role(prt: Segment, ctx: Context) -> Json | None:
    """Adds everyone whom the PRT names in the role of PRT-4: after PV1 to the visit, else to the patient."""
    if ctx.patient is None:
        zzz_basic(prt, ctx)
        return None
    role = cwe_codeableconcept(prt[4], ctx, _ROLE)
    when = period(field_datetime(prt[11], ctx), field_datetime(prt[12], ctx))
    for device in prt_devices([prt], ctx):
        _equipment(prt, role, device, ctx)
    for who in prt_actors(prt, ctx):
        takes_part(who, (role, prt[4].text), when, prt, ctx)
    return ctx.patient


def _equipment(prt: Segment, role: Json, device: Json, ctx: Context) -> None:
    """What a device is there for: neither an Encounter nor a CareTeam has devices in R4, so that it is a note of it."""
    told = [f"Participation: {concept_words(role)}"] if role else []
    if known := ctx.at(device):
        complete(known, {"note": [{"text": words} for words in (*told, *prt_remarks(prt, ctx))]})

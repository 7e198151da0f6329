"""PV2-41 → Flag: precautions to be taken with the patient during the visit (HL7 v2.9, chapter 3.4.4.41)."""

from hub.fhir.build import concept
from hub.fhir.codes import Table
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.model import Json

_PRECAUTION = Table("0433")
_SAFETY = concept(TERMINOLOGY + "flag-category", "safety", "Safety")


def pv2_flags(pv2: Segment, encounter: Json, ctx: Context) -> None:
    """Adds a Flag for each precaution."""
    if ctx.subject is None:
        return
    for cwe in pv2[41]:
        if not (code := cwe_codeableconcept(cwe, ctx, _PRECAUTION)):
            continue
        flag = {"resourceType": "Flag", "status": "active", "category": [_SAFETY], "code": code}
        ctx.add({**flag, "subject": ctx.subject, "encounter": ctx.visit}, encounter["id"], cwe.raw)

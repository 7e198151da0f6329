"""PD1 → Patient: primary care provider, primary facility, protection (HL7 v2.9, chapter 3.4.9)."""

from hub.fhir.build import compact, complete, extension, present
from hub.fhir.codes import YES_NO
from hub.fhir.systems import EXTENSION, PROTECTION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.model import Json


def pd1_patient(pd1: Segment, patient: Json, ctx: Context) -> None:
    """Completes the Patient: PD1-4 and PD1-3 are general practitioners, PD1-12 asks not to tell others."""
    clinicians = present(xcn_reference(xcn, ctx) for xcn in pd1[4])
    facilities = [
        ctx.reference(found, found.get("name", "")) for xon in pd1[3] if (found := xon_organization(xon, ctx))
    ]
    protected = YES_NO.get(pd1[12].text.strip().upper())
    extensions = present(
        [
            extension(EXTENSION + "patient-disability", "CodeableConcept", cwe_codeableconcept(pd1[6], ctx)),
            *(extension(EXTENSION + "patient-congregation", "String", xon[1]) for xon in pd1[14]),
            None if protected is None else {"url": PROTECTION, "valueBoolean": protected},
            *ctx.removals(pd1),
        ]
    )
    complete(patient, compact({"extension": extensions, "generalPractitioner": [*clinicians, *facilities]}))

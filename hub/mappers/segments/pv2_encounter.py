"""PV2 → Encounter: reason, expected times, length, priority (HL7 v2.9, chapter 3.4.4)."""

from hub.fhir.build import compact, complete, extension, present
from hub.fhir.codes import ADMISSION_PRIORITY, ARRIVAL_MODE
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.segments.pv1_encounter import participation
from hub.model import Json

_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter."


def pv2_encounter(pv2: Segment, encounter: Json, ctx: Context) -> None:
    """Completes the Encounter that PV1 gave."""
    complete(
        encounter,
        compact(
            {
                "extension": _extensions(pv2, ctx),
                "priority": cwe_codeableconcept(pv2[25], ctx, ADMISSION_PRIORITY),
                "reasonCode": present([cwe_codeableconcept(pv2[3], ctx)]),
                "length": _length(pv2),
                "participant": [
                    {"type": [participation("REF")], "individual": who}
                    for xcn in pv2[13]
                    if (who := xcn_reference(xcn, ctx))
                ],
            }
        ),
    )


def _extensions(pv2: Segment, ctx: Context) -> list[Json]:
    return present(
        [
            extension(_R5 + "plannedStartDate", "DateTime", field_datetime(pv2[8], ctx)),
            extension(_R5 + "plannedEndDate", "DateTime", field_datetime(pv2[9], ctx)),
            extension(EXTENSION + "encounter-modeOfArrival", "Coding", cwe_coding(pv2[38], ctx, ARRIVAL_MODE)),
            *ctx.removals(pv2),
        ]
    )


def _length(pv2: Segment) -> Json:
    """The length of the stay in days (PV2-11)."""
    days = pv2[11].text.strip()
    if not (days.isascii() and days.isdigit() and len(days) < 6):
        return {}
    return {"value": int(days), "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}

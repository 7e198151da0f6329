"""PD1 → Patient: primary care provider, primary facility, protection (HL7 v2.9, chapter 3.4.9)."""

from hub.fhir.build import compact, complete, concept, extension, present
from hub.fhir.codes import YES_NO
from hub.fhir.systems import EXTENSION, LOINC, PROTECTION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import xon_reference
from hub.mappers.dispatch import segment
from hub.mappers.facts import YES_NO as YES_OR_NO
from hub.mappers.facts import Fact, coded, moment
from hub.mappers.notes import Mentions
from hub.mappers.remember import remembered_segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.mappers.situation import SOCIAL, situation
from hub.model import Json

_FACTS = (
    Fact(1, "Living dependency", coded("0223")),
    Fact(2, "Living arrangement", coded("0220")),
    Fact(5, "Student", coded("0231")),
    Fact(8, "Organ donor", coded("0316")),
    Fact(9, "Separate bill", YES_OR_NO),
    Fact(11, "Publicity", coded("0215")),
    Fact(12, "Protection", YES_OR_NO),
    Fact(13, "Protection since", moment),
    Fact(15, "Advance directive", coded("0435")),
    Fact(16, "Immunization registry status", coded("0441")),
    Fact(17, "Immunization registry status since", moment),
    Fact(18, "Publicity since", moment),
    Fact(19, "Military branch", coded("0140")),
    Fact(20, "Military rank", coded("0141")),
    Fact(21, "Military status", coded("0142")),
    Fact(22, "Advance directive verified", moment),
)
_LIVING_WILL = concept(LOINC, "75320-2", "Advance directive", "Living will")
_WILL = coded("0315")


@segment("PD1")
def pd1_patient(pd1: Segment, ctx: Context) -> Json | None:
    """Completes the Patient: PD1-4 and PD1-3 are general practitioners, PD1-10 is another record of the same person,
    PD1-12 asks not to tell others. How he lives and what he wishes are Observations."""
    patient = ctx.patient
    if patient is None:
        zzz_basic(pd1, ctx)
        return None
    complete(patient, _said(pd1, ctx))
    situation(pd1, _FACTS, "Social situation of the patient", patient, ctx)
    _living_will(pd1, patient, ctx)
    return patient


@remembered_segment
def _said(pd1: Segment, ctx: Mentions) -> Json:
    clinicians = present(xcn_reference(xcn, ctx) for xcn in pd1[4])
    facilities = [found for xon in pd1[3] if (found := xon_reference(xon, ctx))]
    links = [{"other": {"identifier": number}, "type": "seealso"} for number in each(pd1[10], cx_identifier, ctx)]
    return compact(
        {
            "extension": _extensions(pd1, ctx),
            "generalPractitioner": [*clinicians, *facilities],
            "link": links,
        }
    )


def _extensions(pd1: Segment, ctx: Mentions) -> list[Json]:
    protected = YES_NO.get(pd1[12].text.strip().upper())
    return present(
        [
            extension(EXTENSION + "patient-disability", "CodeableConcept", cwe_codeableconcept(pd1[6], ctx)),
            *(extension(EXTENSION + "patient-congregation", "String", xon[1]) for xon in pd1[14]),
            None if protected is None else {"url": PROTECTION, "valueBoolean": protected},
            *ctx.removals(pd1),
        ]
    )


def _living_will(pd1: Segment, patient: Json, ctx: Context) -> None:
    """PD1-7 under the LOINC code of the HL7 v2-to-FHIR guide (PD1[Observation-LivingWill])."""
    if will := _WILL(pd1[7].first, ctx):
        observation = {"resourceType": "Observation", "status": "final", "category": [SOCIAL], "code": _LIVING_WILL}
        ctx.add({**observation, "subject": ctx.subject, **will}, patient["id"], "living-will")

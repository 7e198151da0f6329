"""PV2 → Encounter: reason, expected times, length, priority (HL7 v2.9, chapter 3.4.4)."""

from hub.fhir.build import compact, complete, extension, present
from hub.fhir.codes import ADMISSION_PRIORITY, ARRIVAL_MODE, Table
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.pl_location import located, place_name
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import xon_reference
from hub.mappers.dispatch import segment
from hub.mappers.notes import Mentions
from hub.mappers.remember import remembered_segment
from hub.mappers.segments.pv1_encounter import participation
from hub.mappers.segments.pv2_flag import pv2_flags
from hub.mappers.segments.pv2_observation import pv2_observation
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter."
_ACCOMMODATION = Table("0129")
_VISIT_USER = Table("0130")


@segment("PV2")
def pv2_encounter(pv2: Segment, ctx: Context) -> Json | None:
    """Completes the Encounter that PV1 gave."""
    encounter = ctx.encounter
    if encounter is None:
        zzz_basic(pv2, ctx)
        return None
    complete(encounter, _said(pv2, ctx, ctx.site))
    _arrange(pv2, encounter, ctx)
    _clinic(pv2, encounter, ctx)
    pv2_observation(pv2, encounter, ctx)
    if len(pv2) > 40:
        pv2_flags(pv2, encounter, ctx)
    return encounter


@remembered_segment
def _said(pv2: Segment, ctx: Mentions, site: str) -> Json:
    return compact(
        {
            "extension": _extensions(pv2, ctx),
            "type": present(cwe_codeableconcept(cwe, ctx, _VISIT_USER) for cwe in pv2[7]),
            "priority": cwe_codeableconcept(pv2[25], ctx, ADMISSION_PRIORITY),
            "reasonCode": present([cwe_codeableconcept(pv2[3], ctx)]),
            "length": _length(pv2),
            "participant": [
                {"type": [participation("REF")], "individual": who}
                for xcn in pv2[13]
                if (who := xcn_reference(xcn, ctx))
            ],
            "location": [
                {"location": ctx.reference(place, place_name(pl)), "status": "planned"}
                for pl in pv2[1]
                if (place := located(pl, ctx, site))
            ],
        }
    )


def _extensions(pv2: Segment, ctx: Mentions) -> list[Json]:
    return present(
        [
            extension(_R5 + "plannedStartDate", "DateTime", field_datetime(pv2[8], ctx)),
            extension(_R5 + "plannedEndDate", "DateTime", field_datetime(pv2[9], ctx)),
            extension(EXTENSION + "encounter-modeOfArrival", "Coding", cwe_coding(pv2[38], ctx, ARRIVAL_MODE)),
            *(
                extension(EXTENSION + "note", "Annotation", {"text": text})
                for said in pv2[12]
                if (text := said.text.strip())
            ),
            *ctx.removals(pv2),
        ]
    )


def _length(pv2: Segment) -> Json:
    """The length of the stay in days (PV2-11)."""
    days = pv2[11].text.strip()
    if not (days.isascii() and days.isdigit() and len(days) < 6):
        return {}
    return {"value": int(days), "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}


def _arrange(pv2: Segment, encounter: Json, ctx: Context) -> None:
    """The accommodation (PV2-2) as a special arrangement."""
    if accommodation := cwe_codeableconcept(pv2[2], ctx, _ACCOMMODATION):
        stay = encounter.get("hospitalization", {})
        arranged = [*stay.get("specialArrangement", ()), accommodation]
        encounter["hospitalization"] = {**stay, "specialArrangement": arranged}


def _clinic(pv2: Segment, encounter: Json, ctx: Context) -> None:
    """The clinic (PV2-23) has the place where the patient is; where no place is known the visit is the clinic's."""
    clinic = xon_reference(pv2[23], ctx)
    if not clinic:
        return
    active = (one["location"]["reference"] for one in encounter.get("location", ()) if one.get("status") == "active")
    place = ctx.resources.get(next(active, "").rpartition(":")[2])
    if place is not None:
        complete(place, {"managingOrganization": clinic})
    else:
        complete(encounter, {"serviceProvider": clinic})

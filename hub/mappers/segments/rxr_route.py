"""RXR and RXC that stand by themselves: they speak of the drug before them (HL7 v2.9, chapters 4A.4.2 and 4A.4.3)."""

from hub.fhir.build import complete
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.segments.rx_medication import rxc_ingredient
from hub.mappers.segments.rxa_medicationadministration import NO_DOSE
from hub.mappers.segments.rxr_dosage import rxr_devices, rxr_dosage
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_DOSAGES = {"MedicationRequest": "dosageInstruction", "MedicationDispense": "dosageInstruction"}


@segment("RXR")
def rxr_alone(rxr: Segment, ctx: Context) -> Json | None:
    """Adds route, site and method to the drug of the segment before; without one the RXR is kept as it is."""
    drug = ctx.last
    kind = drug["resourceType"] if drug else ""
    way = rxr_dosage(rxr, ctx)
    if drug is not None and kind in _DOSAGES:
        complete(drug, {_DOSAGES[kind]: [way]})
    elif drug is not None and kind == "MedicationAdministration":
        ways = {member: way[member] for member in ("site", "route", "method") if member in way}
        complete(drug, {"dosage": {**ways, "dose": NO_DOSE}, "device": rxr_devices([rxr], ctx)})
    elif drug is not None and kind == "Immunization":
        complete(drug, {member: way[member] for member in ("site", "route") if member in way})
    else:
        zzz_basic(rxr, ctx)
    return drug


@segment("RXC")
def rxc_alone(rxc: Segment, ctx: Context) -> Json | None:
    """Adds the Medication of which the component is an ingredient; the drug before it is made of that."""
    medication = ctx.add(
        {"resourceType": "Medication", "ingredient": [rxc_ingredient(rxc, ctx)]}, ctx.raw.id, str(rxc.line)
    )
    drug = ctx.last
    if drug is not None and drug["resourceType"] in _DOSAGES:
        complete(drug, {"supportingInformation": [ctx.reference(medication, "Component")]})
    return drug or medication

"""RXR → route, site and method of a dosage (HL7 v2.9, chapter 4A.4.2; v2-to-FHIR guide, ``RXR[MedicationRequest]``)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import Table
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.model import Json

_ROUTE, _SITE, _DEVICE, _METHOD = Table("0162"), Table("0163"), Table("0164"), Table("0165")
_MODIFIER = Table("0495")


def rxr_dosage(rxr: Segment, ctx: Context) -> Json:
    """Members of a Dosage: RXR-1 route, -2 (with -6) site, -4 method, -5 routing instruction."""
    instruction = cwe_codeableconcept(rxr[5], ctx)
    return compact(
        {
            "additionalInstruction": [instruction] if instruction else None,
            "site": rxr_site(rxr, ctx),
            "route": rxr_route(rxr, ctx),
            "method": cwe_codeableconcept(rxr[4], ctx, _METHOD),
        }
    )


def rxr_route(rxr: Segment, ctx: Context) -> Json:
    """RXR-1."""
    return cwe_codeableconcept(rxr[1], ctx, _ROUTE)


def rxr_site(rxr: Segment, ctx: Context) -> Json:
    """RXR-2; what qualifies it (RXR-6, upper or lower) needs a BodyStructure, which only a patient can have."""
    site, modifier = cwe_codeableconcept(rxr[2], ctx, _SITE), cwe_codeableconcept(rxr[6], ctx, _MODIFIER)
    if not modifier or ctx.patient is None:
        return site
    structure = ctx.add(
        {
            "resourceType": "BodyStructure",
            "location": site,
            "locationQualifier": [modifier],
            "patient": ctx.subject,
        },
        ctx.patient["id"],
        rxr[2].raw,
        rxr[6].raw,
    )
    return {"extension": [{"url": EXTENSION + "bodySite", "valueReference": ctx.reference(structure)}], **site}


def rxr_device(rxr: Segment, ctx: Context) -> Json:
    """The Reference to the Device of RXR-3 (pump, inhaler), known by its kind within the order; ``{}`` for none."""
    kind = cwe_codeableconcept(rxr[3], ctx, _DEVICE)
    if not kind:
        return {}
    device = {"resourceType": "Device", "type": kind}
    return ctx.reference(ctx.add(device, ctx.raw.id, str(rxr.line)), kind.get("text", ""))


def rxr_devices(routes: list[Segment], ctx: Context) -> list[Json]:
    """The devices of several RXR."""
    return present(rxr_device(rxr, ctx) for rxr in routes)

"""ORC-12 and OBR-16 with ORC-21–24 → who asks for a service: Practitioner, Organization (HL7 v2.9, chapter 4.5.1)."""

from hub.fhir.build import complete
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.groups import Order
from hub.mappers.premises import lines, premises
from hub.mappers.segments.prt_participation import REFERRING, prt_references
from hub.model import Json


def requester(order: Order, ctx: Context) -> Json:
    """The first of the ordering clinicians, else PRT RP; with an ordering facility (ORC-21) as a PractitionerRole."""
    clinicians = ordering_clinicians(order, ctx)
    facility = ordering_facility(order, ctx)
    if clinicians and facility:
        return practitioner_role(clinicians[0], facility, ctx)
    if clinicians:
        return _named(clinicians[0], ctx)
    referring = prt_references(order.participations, REFERRING, ctx)
    if referring:
        return referring[0]
    return ctx.reference(facility, facility.get("name", "")) if facility else {}


def ordering_clinicians(order: Order, ctx: Context) -> list[Json]:
    """Everyone whom ORC-12 or OBR-16 names, each once; the address of the provider (ORC-24) is that of the first."""
    fields = [segment[field] for segment, field in ((order.orc, 12), (order.obr, 16)) if segment is not None]
    found = [one for field in fields for xcn in field if (one := xcn_practitioner(xcn, ctx))]
    clinicians = list({one["id"]: one for one in found}.values())
    if clinicians and order.orc is not None and (addresses := each(order.orc[24], xad_address, ctx)):
        complete(clinicians[0], {"address": addresses})
    return clinicians


def ordering_facility(order: Order, ctx: Context) -> Json | None:
    """ORC-21 with its address (ORC-22) and telephone (ORC-23)."""
    orc = order.orc
    if orc is None or len(orc) < 21:
        return None
    facilities = [one for xon in orc[21] if (one := xon_organization(xon, ctx))]
    if not facilities:
        return None
    for member, more in (
        ("address", premises(orc[22], ctx)),
        ("telecom", lines(orc[23], ctx)),
    ):
        if more:
            complete(facilities[0], {member: more})
    return facilities[0]


def practitioner_role(practitioner: Json, organization: Json, ctx: Context) -> Json:
    """The Reference to a clinician of an organization, as a PractitionerRole of the bundle."""
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": _named(practitioner, ctx),
        "organization": ctx.reference(organization, organization.get("name", "")),
    }
    found = ctx.add(role, "clinician", practitioner["id"], organization["id"])
    return ctx.reference(found, full_name(practitioner.get("name", [{}])[0]))


def _named(practitioner: Json, ctx: Context) -> Json:
    return ctx.reference(practitioner, full_name(practitioner.get("name", [{}])[0]))

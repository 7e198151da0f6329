"""ROL → PractitionerRole: of the Patient (primary care, CareTeam) or the Encounter (HL7 v2.9, chapter 12.3.3)."""

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import PROVIDER_ROLE, Table
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner
from hub.mappers.datatypes.xon_organization import xon_reference
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact, coded, facts, in_words
from hub.mappers.segments.nte_annotation import note_extensions
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

PRIMARY_CARE = {"PP", "FHCP"}
"""Table 0443: primary care provider, family health care professional."""
_PEOPLE = {"Practitioner", "PractitionerRole", "RelatedPerson"}
"""Who can take part in an Encounter in R4."""
_MEMBERS = {*_PEOPLE, "Organization"}
"""Who can be in a CareTeam: no device."""
_UNIT = Table("0406")
_REMARKS = (Fact(7, "Duration of the role", coded()), Fact(8, "Reason of the role", coded()))


@segment("ROL")
def rol_practitionerrole(rol: Segment, ctx: Context) -> Json | None:
    """Adds one PractitionerRole for each person of ROL-4, and says of whom they are what: one that stands after PV1 is
    the visit's. A role that ends (ROL-2 ``DE``) is not stated any more."""
    if rol[2].text in {"DE", "DELETE"}:
        return None
    if ctx.patient is None:
        zzz_basic(rol, ctx)
        return None
    role = cwe_codeableconcept(rol[3], ctx, PROVIDER_ROLE)
    found = None
    for xcn in rol[4]:
        if (practitioner := xcn_practitioner(xcn, ctx)) is not None:
            found = _role(rol, role, practitioner, ctx)
            who = ctx.reference(found, full_name(practitioner.get("name", [{}])[0]))
            takes_part(who, (role, rol[3].text), found.get("period"), rol, ctx)
    return found


def takes_part(who: Json, role: tuple[Json, str], when: Json | None, source: Segment, ctx: Context) -> None:
    """Says what someone is, in a role and by its code: of the visit where ``source`` stands after PV1, else of the
    patient: primary care, else his care team, one for all roles."""
    patient, encounter = ctx.patient, ctx.encounter
    assert patient is not None, "a role is somebody's"
    kind = ctx.resources[who["reference"].rpartition(":")[2]]["resourceType"]
    if encounter is not None and 0 < ctx.visit_line < source.line and kind in _PEOPLE:
        participant = compact({"type": present([role[0]]), "period": when, "individual": who})
        complete(encounter, {"participant": [participant]})
    elif role[1] in PRIMARY_CARE and kind in _MEMBERS - {"RelatedPerson"}:
        complete(patient, {"generalPractitioner": [who]})
    elif kind in _MEMBERS:
        participant = compact({"role": present([role[0]]), "member": who, "period": when})
        team = {"resourceType": "CareTeam", "subject": ctx.reference(patient), "participant": [participant]}
        ctx.add(team, patient["id"])


def _role(rol: Segment, role: Json, practitioner: Json, ctx: Context) -> Json:
    organization = xon_reference(rol[14], ctx)
    unit = None if organization else cwe_codeableconcept(rol[10], ctx, _UNIT)
    kinds = present([role, *(cwe_codeableconcept(cwe, ctx) for cwe in rol[9]), unit])
    if addresses := each(rol[11], xad_address, ctx):
        complete(practitioner, {"address": addresses})
    _of_unit(rol, organization, ctx)
    return ctx.add(
        {
            "resourceType": "PractitionerRole",
            "extension": note_extensions([{"text": words} for words in in_words(facts(rol, _REMARKS, ctx))]),
            "identifier": present([ei_identifier(rol[1].first, ctx)]),
            "period": period(field_datetime(rol[5], ctx), field_datetime(rol[6], ctx)),
            "practitioner": ctx.reference(practitioner),
            "organization": organization,
            "code": kinds,
            "location": [ctx.reference(place, place_name(pl)) for pl in rol[13] if (place := pl_location(pl, ctx))],
            "telecom": each(rol[12], xtn_contactpoint, ctx),
        },
        practitioner["id"],
        rol[3].text,
        organization.get("reference", "").rpartition(":")[2],
    )


def _of_unit(rol: Segment, organization: Json, ctx: Context) -> None:
    """The kind of the organization (ROL-10, table 0406)."""
    unit = cwe_codeableconcept(rol[10], ctx, _UNIT)
    if unit and organization:
        complete(ctx.resources[organization["reference"].rpartition(":")[2]], {"type": [unit]})

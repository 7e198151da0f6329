"""ROL → PractitionerRole: of the Patient (primary care, CareTeam) or the Encounter (HL7 v2.9, chapter 12.3.3)."""

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import PROVIDER_ROLE
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.model import Json

PRIMARY_CARE = {"PP", "FHCP"}
"""Table 0443: primary care provider, family health care professional."""


def rol_practitionerrole(rol: Segment, patient: Json, encounter: Json | None, ctx: Context) -> None:
    """Adds one PractitionerRole for each person of ROL-4, and says of whom they are what.

    ``encounter`` is given for a ROL that stands after PV1. A role that ends (ROL-2 ``DE``) is not stated any more.
    """
    if rol[2].text in {"DE", "DELETE"}:
        return
    role = cwe_codeableconcept(rol[3], ctx, PROVIDER_ROLE)
    for xcn in rol[4]:
        if (practitioner := xcn_practitioner(xcn, ctx)) is None:
            continue
        found = _role(rol, role, practitioner, ctx)
        who = ctx.reference(found, full_name(practitioner.get("name", [{}])[0]))
        if encounter is not None:
            _participates(encounter, who, role, found)
        elif rol[3].text in PRIMARY_CARE:
            complete(patient, {"generalPractitioner": [who]})
        else:
            _cares(patient, who, role, found, ctx)


def _role(rol: Segment, role: Json, practitioner: Json, ctx: Context) -> Json:
    organization = xon_organization(rol[14], ctx)
    return ctx.add(
        {
            "resourceType": "PractitionerRole",
            "identifier": present([ei_identifier(rol[1].first, ctx)]),
            "period": period(field_datetime(rol[5], ctx), field_datetime(rol[6], ctx)),
            "practitioner": ctx.reference(practitioner),
            "organization": ctx.reference(organization, organization.get("name", "")) if organization else None,
            "code": present([role, *(cwe_codeableconcept(cwe, ctx) for cwe in rol[9])]),
            "telecom": each(rol[12], xtn_contactpoint, ctx),
        },
        practitioner["id"],
        rol[3].text,
        organization["id"] if organization else "",
    )


def _participates(encounter: Json, who: Json, role: Json, found: Json) -> None:
    participant = compact({"type": [role] if role else None, "period": found.get("period"), "individual": who})
    complete(encounter, {"participant": [participant]})


def _cares(patient: Json, who: Json, role: Json, found: Json, ctx: Context) -> None:
    """The care team of the patient, one for all roles."""
    participant = compact({"role": [role] if role else None, "member": who, "period": found.get("period")})
    team = {"resourceType": "CareTeam", "subject": ctx.reference(patient), "participant": [participant]}
    ctx.add(team, patient["id"])

"""PRD → Practitioner and Organization in their role in a referral (HL7 v2.9, chapter 11.6.3)."""

from dataclasses import dataclass, field

from hub.fhir.build import compact, present
from hub.fhir.ids import identifier_key, is_npi
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.segments.orc_servicerequest import practitioner_role
from hub.model import Json

_NPI_TYPES = {"NPI", "NPIDENT"}


@dataclass(slots=True)
class Parties:
    """References by role in the referral (table 0286)."""

    referring: list[Json] = field(default_factory=list)
    """RP."""
    referred_to: list[Json] = field(default_factory=list)
    """RT."""
    primary_care: list[Json] = field(default_factory=list)
    """PP."""
    consulting: list[Json] = field(default_factory=list)
    """CP and all other roles."""


def prd_parties(providers: list[Segment], ctx: Context) -> Parties:
    """Everyone the PRD segments name, by role; a provider may have several roles (PRD-1 repeats)."""
    parties = Parties()
    places = {"RP": parties.referring, "RT": parties.referred_to, "PP": parties.primary_care}
    for prd in providers:
        found = _references(prd, ctx)
        for role in prd[1]:
            places.get(role[1], parties.consulting).extend(found)
    return parties


def _references(prd: Segment, ctx: Context) -> list[Json]:
    """The clinician of an organization as a PractitionerRole, else whichever of the two there is."""
    clinician, organization = _practitioner(prd, ctx), xon_organization(prd[10], ctx)
    if clinician and organization:
        return [practitioner_role(clinician, organization, ctx)]
    names = ((clinician, _name(clinician)), (organization, (organization or {}).get("name", "")))
    return [ctx.reference(one, name) for one, name in names if one]


def _name(practitioner: Json | None) -> str:
    return full_name(practitioner.get("name", [{}])[0]) if practitioner else ""


def _practitioner(prd: Segment, ctx: Context) -> Json | None:
    """PRD-2 name, -3 address, -5 telecom, -7 identifiers."""
    identifiers, names = each(prd[7], _identifier, ctx), each(prd[2], xpn_humanname, ctx)
    if not identifiers and not names:
        return None
    known = sorted(identifiers, key=lambda i: i.get("system") != NPI)
    key = identifier_key(known[0], ctx.feed.name) if known else f"{ctx.feed.name}|{full_name(names[0])}"
    return ctx.add(
        compact(
            {
                "resourceType": "Practitioner",
                "identifier": identifiers,
                "name": names,
                "telecom": present(xtn_contactpoint(xtn, ctx, "work") for xtn in prd[5]),
                "address": each(prd[3], xad_address, ctx),
            }
        ),
        key,
    )


def _identifier(pln: Repetition, ctx: Context) -> Json:
    """PLN.1 number, .2 type (table 0338)."""
    number, kind = pln[1], pln[2]
    if not number:
        return {}
    if kind.upper() in _NPI_TYPES or (not kind and is_npi(number)):
        return typed({"system": NPI, "value": number}, "NPI")
    return typed({"value": number}, kind) if kind else {"value": number}

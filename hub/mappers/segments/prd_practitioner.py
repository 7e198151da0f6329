"""PRD and CTD → Practitioner, Organization and PractitionerRole: providers and contacts of a referral (HL7 v2.9,
chapters 11.6.3 and 11.6.4)."""

from dataclasses import dataclass, field

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.fhir.systems import NPI
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.pln_identifier import pln_identifier
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import telecom
from hub.mappers.dispatch import segment
from hub.mappers.premises import line, premises
from hub.mappers.segments.nte_annotation import note_extensions
from hub.model import Json

_ROLES = {"PRD": Table("0286"), "CTD": Table("0131")}
_PREFERRED = {"B": "pager", "C": "phone", "E": "email", "F": "fax", "H": "phone", "O": "phone"}
"""Table 0185: the system of the contact points by which somebody wants to be reached."""
_METHOD = Table("0185")
_METHOD_COMPONENTS = 6


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
        found = provider_references(prd, ctx)
        for role in prd[1]:
            places.get(role[1], parties.consulting).extend(found)
    return parties


@segment("PRD")
def prd_provider(prd: Segment, ctx: Context) -> None:
    """A provider by himself, in a message that is no referral."""
    provider_references(prd, ctx)


def provider_references(prd: Segment, ctx: Context) -> list[Json]:
    """The clinician of an organization as a PractitionerRole, else whichever of the two there is; the role with its
    codes, places and times is added in any case."""
    clinician, organizations = _practitioner(prd, ctx), _organizations(prd, ctx)
    if not clinician and not organizations:
        return []
    name = _name(clinician)
    if clinician and not organizations:
        _role(prd, clinician, None, ctx)
        return [ctx.reference(clinician, name)]
    roles = [_role(prd, clinician, organization, ctx) for organization in organizations]
    if clinician:
        return [ctx.reference(role, name) for role in roles]
    return [ctx.reference(one, one.get("name", "")) for one in organizations]


def _role(prd: Segment, clinician: Json | None, organization: Json | None, ctx: Context) -> Json:
    """PRD-1 roles, -4 and -12 places, -8 and -9 period, -6 and -14 preferred methods of contact."""
    codes = [cwe_codeableconcept(cwe, ctx, _ROLES.get(prd.name)) for cwe in prd[1]]
    places = [(pl, pl_location(pl, ctx)) for number in (4, 12) for pl in prd[number]]
    methods = [_method(prd[number], ctx) for number in (6, 14)] if len(prd) > 5 else []
    until = [field_datetime(dtm, ctx) for dtm in prd[9] if not _is_number(dtm)]
    role = {
        "resourceType": "PractitionerRole",
        "extension": note_extensions([{"text": words} for words in methods if words]),
        "period": period(field_datetime(prd[8], ctx), max(until, default="")),
        "practitioner": ctx.reference(clinician, _name(clinician)) if clinician else None,
        "organization": ctx.reference(organization, organization.get("name", "")) if organization else None,
        "code": present(codes),
        "location": [ctx.reference(place, place_name(pl)) for pl, place in places if place],
    }
    identity = [one["id"] for one in (clinician, organization) if one]
    return ctx.add(role, "clinician", *identity)


def _method(method: Field, ctx: Context) -> str:
    """How somebody wants to be reached (table 0185) in words."""
    if not method or _is_telephone(method):
        return ""
    sent = cwe_codeableconcept(method, ctx, _METHOD)
    code = method.text
    words = sent.get("text") or _METHOD.names.get(code, "")
    return f"Preferred method of contact: {' '.join(filter(None, (code, words)))}"


def _organizations(prd: Segment, ctx: Context) -> list[Json]:
    """PRD-10, the first with the address (PRD-11) and the telephones (PRD-13)."""
    found = [one for xon in prd[10] if (one := xon_organization(xon, ctx))]
    if found and len(prd) > 10:
        more = {
            "address": premises(prd[11], ctx),
            "telecom": [line(point) for point in _telecom(prd, 13, 14, ctx)],
        }
        complete(found[0], compact(more))
    return found


def _telecom(prd: Segment, number: int, method: int, ctx: Context) -> list[Json]:
    """The contact points; the preferred one (table 0185) comes first in rank."""
    fields = (prd[number], prd[method]) if _is_telephone(prd[method]) else (prd[number],)
    found = telecom(((field, "work") for field in fields), ctx)
    preferred = _PREFERRED.get(prd[method].text.upper())
    for place, point in enumerate(found):
        if preferred and point.get("system") == preferred:
            return [*found[:place], {**point, "rank": 1}, *found[place + 1 :]]
    return found


def _is_telephone(method: Field) -> bool:
    """Senders of older versions write the telephone where the preferred method of contact belongs."""
    return bool(method) and not method.text and len(method.first) > _METHOD_COMPONENTS


def _name(practitioner: Json | None) -> str:
    return full_name(practitioner.get("name", [{}])[0]) if practitioner else ""


def _practitioner(prd: Segment, ctx: Context) -> Json | None:
    """PRD-2 names, -3 addresses, -5 telecom, -7 identifiers (and a CX in PRD-9, where some senders write it)."""
    misplaced = present(cx_identifier(cx, ctx) for cx in prd[9] if _is_number(cx))
    identifiers, names = [*each(prd[7], pln_identifier, ctx), *misplaced], each(prd[2], xpn_humanname, ctx)
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
                "telecom": _telecom(prd, 5, 6, ctx),
                "address": each(prd[3], xad_address, ctx),
            }
        ),
        key,
    )


def _is_number(repetition: Repetition) -> bool:
    """Whether it has the authority of a CX, which no date has."""
    return bool(repetition.part(4))

"""PRT of an order or a result → who takes part in it, and as what (HL7 v2.9, chapter 7.4.4; table 0912).

IHE 360X routes a referral by its transport and leaves the recipient out of the order; here the standard's own place
for it is read: participation RT (referred-to provider), PRT-5 the person, PRT-8 the organization.
"""

from collections.abc import Iterator

from hub.fhir.build import compact, complete, period, present
from hub.fhir.codes import Table
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.pl_location import pl_location
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xcn_practitioner import xcn_practitioner
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.datatypes.xpn_humanname import full_name
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.facts import Fact, coded, facts, in_words
from hub.mappers.premises import premises
from hub.mappers.segments.nte_annotation import note_extensions
from hub.mappers.segments.prt_device import prt_device
from hub.model import Json

REFERRED_TO = "RT"
REFERRING = "RP"
COLLECTOR = "SC"
FUNCTION = EXTENSION + "event-performerFunction"
"""Extension of a performer: as what he took part."""
_ROLE, _UNIT = Table("0912"), Table("0406")
_ENDED = frozenset(("DE", "D"))
_REMARKS = (Fact(3, "Reason of the participation", coded()), Fact(13, "Duration of the participation", coded()))


def prt_references(participations: list[Segment], role: str, ctx: Context) -> list[Json]:
    """References to the persons and organizations in that role (table 0912), without deleted ones (PRT-2)."""
    return [who for prt in participations if prt[4].first[1] == role for who in prt_actors(prt, ctx)]


def prt_agents(participations: list[Segment], ctx: Context) -> list[Json]:
    """All who take part, as agents of a Provenance, each with the role."""
    return [
        compact({"type": cwe_codeableconcept(prt[4], ctx, _ROLE), "who": who})
        for prt in participations
        for who in (*prt_actors(prt, ctx), *prt_devices([prt], ctx))
    ]


def prt_devices(participations: list[Segment], ctx: Context) -> list[Json]:
    """References to the devices (PRT-10) that take part."""
    found = [prt_device(prt, ctx) for prt in participations if prt[2].text not in _ENDED]
    return [ctx.reference(one) for one in found if one]


def prt_performers(participations: list[Segment], ctx: Context) -> list[Json]:
    """References to all who took part in a result, each with the role as its function."""
    return [{**function(prt, ctx), **who} for prt in participations for who in prt_actors(prt, ctx)]


def function(prt: Segment, ctx: Context) -> Json:
    """PRT-4 as the extension of a Reference."""
    role = cwe_codeableconcept(prt[4], ctx, _ROLE)
    return {"extension": [{"url": FUNCTION, "valueCodeableConcept": role}]} if role else {}


def prt_remarks(prt: Segment, ctx: Context) -> list[str]:
    """Why somebody or something takes part (PRT-3) and for how long in words (PRT-13)."""
    return in_words(facts(prt, _REMARKS, ctx))


def prt_actors(prt: Segment, ctx: Context) -> list[Json]:
    """PRT-5 persons, -8 organizations; a person with what the PRT says beyond the name (-6 kind, -7 unit, -11/-12
    period, -9 place, -14 address, -15 telecom) as a PractitionerRole. Nobody when the participation is deleted."""
    if prt[2].text in _ENDED:
        return []
    organizations = [one for xon in prt[8] if (one := xon_organization(xon, ctx))]
    places = [ctx.reference(one, one.get("name", "")) for pl in prt[9] if (one := pl_location(pl, ctx))]
    members = compact(
        {
            "extension": note_extensions([{"text": words} for words in prt_remarks(prt, ctx)]),
            "period": period(field_datetime(prt[11], ctx), field_datetime(prt[12], ctx)),
            "code": present([cwe_codeableconcept(prt[7], ctx, _UNIT)]) if prt[7] else None,
            "specialty": present([cwe_codeableconcept(prt[6], ctx)]),
            "location": places,
            "telecom": each(prt[15], xtn_contactpoint, ctx),
        }
    )
    address = each(prt[14], xad_address, ctx)
    people = list(_persons(prt, members, address, ctx))
    if address and organizations and not people:
        complete(organizations[0], {"address": premises(prt[14], ctx)})
    return [*people, *(ctx.reference(one, one.get("name", "")) for one in organizations)]


def _persons(prt: Segment, members: Json, address: list[Json], ctx: Context) -> Iterator[Json]:
    for xcn in prt[5]:
        practitioner = xcn_practitioner(xcn, ctx)
        if practitioner is None:
            continue
        if address:
            complete(practitioner, {"address": address})
        name = full_name(practitioner.get("name", [{}])[0])
        who = ctx.reference(practitioner, name)
        if members:
            number = present([ei_identifier(prt[1].first, ctx)])
            role = {"resourceType": "PractitionerRole", "identifier": number, "practitioner": who, **members}
            who = ctx.reference(ctx.add(role, "PRT", practitioner["id"], prt[4].text), name)
        yield who

"""PRT of an order → who refers and to whom (HL7 v2.9, chapter 7.4.4; table 0912).

IHE 360X routes a referral by its transport and leaves the recipient out of the order; here the standard's own place
for it is read: participation RT (referred-to provider), PRT-5 the person, PRT-8 the organization.
"""

from hub.fhir.build import present
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.model import Json

REFERRED_TO = "RT"
REFERRING = "RP"


def prt_references(participations: list[Segment], role: str, ctx: Context) -> list[Json]:
    """References to the persons and organizations in that role (table 0912), without deleted ones (PRT-2)."""
    return present(
        reference
        for prt in participations
        if prt[4].first[1] == role and prt[2].text not in {"DE", "D"}
        for reference in (*_persons(prt, ctx), *_organizations(prt, ctx))
    )


def _persons(prt: Segment, ctx: Context) -> list[Json]:
    return [xcn_reference(xcn, ctx) for xcn in prt[5]]


def _organizations(prt: Segment, ctx: Context) -> list[Json]:
    found = [xon_organization(xon, ctx) for xon in prt[8]]
    return [ctx.reference(one, one.get("name", "")) for one in found if one]

"""PL (person location) → a chain of Locations (HL7 v2.9, chapter 2A.3.53).

Bed, room, ward, level, building and site are Locations of their own, each ``partOf`` the next; an encounter points
at the innermost.
"""

from hub.fhir.build import compact, concept, reference, token
from hub.fhir.codes import LOCATION_NAMES, LOCATION_TYPE
from hub.fhir.ids import identifier_key
from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.hd_uri import assigned
from hub.mappers.notes import Notes
from hub.mappers.remember import Coded, remembered
from hub.model import Json, stable_id


def pl_location(pl: Coded, ctx: Context) -> Json | None:
    """Adds the Locations of a PL to the bundle; returns the innermost, with type (PL.6) and description (PL.9)."""
    inner = None
    for place in _places(pl, ctx, ctx.facility["id"] if ctx.facility else ctx.feed.name):
        inner = ctx.keep(place)
    return inner


def place_name(pl: Repetition) -> str:
    """The place in words: ward, room and bed."""
    return " ".join(part for part in (pl[1], pl[2], pl[3]) if part) or pl[7] or pl[4]


@remembered
def _places(pl: Repetition, notes: Notes, facility: str) -> list[Json]:
    """The Locations from the outside in. ``facility`` is whose they are where the PL does not say it (PL.4)."""
    if not pl:
        return []
    ward, room, bed, _, _, kind, building, level, description = pl.texts(9)
    site, root = _site(pl, notes)
    chain: list[Json] = []
    trail = [root or facility]
    if site:
        chain.append(_place("si", site, trail, None))
    for physical, name in (("bu", building), ("lvl", level), ("wa", ward), ("ro", room), ("bd", bed)):
        if name:
            trail.append(f"{physical}:{name}")
            chain.append(_place(physical, name, trail, chain[-1] if chain else None))
    if chain:
        kinds = [concept(V2 + "0305", token(kind))] if kind else None
        chain[-1].update(compact({"type": kinds, "description": description}))
    return chain


def _site(pl: Repetition, notes: Notes) -> tuple[str, str]:
    """Name and key of the facility (PL.4)."""
    namespace, universal, kind, *_ = [*pl.subcomponents(4), "", "", ""]
    site = namespace or universal
    return site, identifier_key(assigned(namespace, universal, kind, notes), notes.feed.name) if site else ""


def _place(kind: str, name: str, trail: list[str], outer: Json | None) -> Json:
    physical = {"system": LOCATION_TYPE, "code": kind, "display": LOCATION_NAMES[kind]}
    return compact(
        {
            "resourceType": "Location",
            "id": stable_id("Location", *trail),
            "name": name,
            "mode": "instance",
            "physicalType": {"coding": [physical]},
            "partOf": reference(outer) if outer else None,
        }
    )

"""PL (person location) → a chain of Locations (HL7 v2.9, chapter 2A.3.53).

Bed, room, ward, level, building and site are Locations of their own, each ``partOf`` the next; an encounter points
at the innermost.
"""

from functools import lru_cache

from hub.fhir.build import compact, complete, concept, reference, token
from hub.fhir.codes import LOCATION_NAMES, LOCATION_TYPE
from hub.fhir.ids import identifier_key
from hub.fhir.systems import V2
from hub.formats.hl7v2.message import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes import values
from hub.mappers.datatypes.hd_uri import assigned
from hub.model import Json, stable_id


def pl_location(pl: Repetition, ctx: Context) -> Json | None:
    """Adds the Locations of a PL to the bundle; returns the innermost, with type (PL.6) and description (PL.9)."""
    if not pl:
        return None
    ward, room, bed, _, _, kind, building, level, description = values(pl, 9)
    site, root = _site(pl, ctx)
    inner = None
    for place in _chain(site, root, (building, level, ward, room, bed)):
        inner = ctx.keep(place)
    if inner is not None:
        kinds = [concept(V2 + "0305", token(kind))] if kind else None
        complete(inner, compact({"type": kinds, "description": description}))
    return inner


def place_name(pl: Repetition) -> str:
    """The place in words: ward, room and bed."""
    return " ".join(part for part in (pl[1], pl[2], pl[3]) if part) or pl[7] or pl[4]


def _site(pl: Repetition, ctx: Context) -> tuple[str, str]:
    """Name and key of the facility (PL.4); without one the places are the sending facility's."""
    namespace, universal, kind, *_ = [*pl.subcomponents(4), "", "", ""]
    if site := namespace or universal:
        return site, identifier_key(assigned(namespace, universal, kind, ctx), ctx.feed.name)
    return "", ctx.facility["id"] if ctx.facility else ctx.feed.name


@lru_cache(maxsize=4096)
def _chain(site: str, root: str, names: tuple[str, ...]) -> tuple[Json, ...]:
    """The Locations from the outside in. The same beds stand in all messages of a hospital: each is made once."""
    chain: list[Json] = []
    trail = [root]
    if site:
        chain.append(_place("si", site, trail, None))
    for kind, name in zip(("bu", "lvl", "wa", "ro", "bd"), names, strict=True):
        if name:
            trail.append(f"{kind}:{name}")
            chain.append(_place(kind, name, trail, chain[-1] if chain else None))
    return tuple(chain)


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

"""PL (person location) → a chain of Locations (HL7 v2.9, chapter 2A.3.53).

Bed, room, ward, level, building and site are Locations of their own, each ``partOf`` the next; an encounter points
at the innermost.
"""

from functools import lru_cache

from hub.fhir.build import URN, compact, concept, token
from hub.fhir.codes import LOCATION_NAMES, LOCATION_TYPE
from hub.fhir.ids import identifier_key
from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Repetition, Syntax
from hub.mappers.context import Context
from hub.mappers.datatypes.hd_uri import assigned, universal_identifier
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import ELEMENTS, Coded, remembered
from hub.model import Json, stable_id


def pl_location(pl: Coded, ctx: Context) -> Json | None:
    """Adds the Locations of a PL to the bundle; returns the innermost, with type (PL.6) and description (PL.9)."""
    return located(pl, ctx, ctx.site)


def located(pl: Coded, ctx: Mentions, site: str) -> Json | None:
    """The same; ``site`` is whose they are where the PL does not say it (PL.4)."""
    inner = None
    for place in _places(pl, ctx, site):
        inner = ctx.keep(place)
    return inner


def place_name(pl: Repetition) -> str:
    """The place in words: ward, room and bed."""
    return " ".join(part for part in (pl[1], pl[2], pl[3]) if part) or pl[7] or pl[4] or pl[9]


@remembered
def _places(pl: Repetition, notes: Notes, facility: str) -> list[Json]:
    """The Locations from the outside in. ``facility`` is whose they are where the PL does not say it (PL.4)."""
    if not pl:
        return []
    ward, room, bed, _, state, kind, building, level, description = pl.texts(9)
    site, root = _site(pl, notes)
    chain: list[Json] = []
    trail: tuple[str, ...] = (root or facility,)
    if site:
        chain.append(_place(("si", site), trail, "", pl.part(4), pl.syntax))
    for physical, name, part in (
        ("bu", building, 7),
        ("lvl", level, 8),
        ("wa", ward, 1),
        ("ro", room, 2),
        ("bd", bed, 3),
    ):
        if name:
            trail = (*trail, f"{physical}:{name}")
            chain.append(_place((physical, name), trail, chain[-1]["id"] if chain else "", pl.part(part), pl.syntax))
    if not chain:
        return _elsewhere(pl, trail, notes)
    inner = chain[-1]
    numbers = [*inner.get("identifier", ()), *further] if (further := _comprehensive(pl, notes)) else None
    kinds = [concept(V2 + "0305", token(kind))] if kind else None
    more = compact({"identifier": numbers, "type": kinds, "description": description, **_state(state)})
    return [*chain[:-1], {**inner, **more}] if more else chain


def _elsewhere(pl: Repetition, trail: tuple[str, ...], notes: Notes) -> list[Json]:
    """The one Location of a PL that has no place in a building: a description (PL.9), a number (PL.10) or a sort of
    place (PL.6), such as the patient's home."""
    state, kind, description = pl[5], pl[6], pl[9]
    numbers = _comprehensive(pl, notes)
    name = description or (numbers[0]["value"] if numbers else kind)
    if not name:
        return []
    members = {
        "resourceType": "Location",
        "id": stable_id("Location", *trail, f"else:{name}"),
        "identifier": numbers,
        "name": name,
        "mode": "instance",
        "type": [concept(V2 + "0305", token(kind))] if kind else None,
        **_state(state),
    }
    return [compact(members)]


def _state(state: str) -> Json:
    """PL.5, table 0306."""
    return {"operationalStatus": {"system": V2 + "0306", "code": token(state)}} if token(state) else {}


def _universal(hd: str, syntax: Syntax) -> Json:
    """The universal id of a place (HD.2 and HD.3 of PL.1–.4, .7 and .8)."""
    _, universal, kind, *_ = [*syntax.subcomponents(hd), "", "", ""]
    return universal_identifier(universal, kind) if universal else {}


def _comprehensive(pl: Repetition, notes: Notes) -> list[Json]:
    """The number of the place as a whole (PL.10, an EI), given out by the authority PL.11 where it names none."""
    if len(pl) < 10 or not pl.part(10):
        return []
    value, namespace, universal, kind, *_ = [*pl.subcomponents(10), "", "", "", ""]
    if not (namespace or universal):
        namespace, universal, kind, *_ = [*pl.subcomponents(11), "", "", ""]
    return [{"value": value, **assigned(namespace, universal, kind, notes)}] if value else []


def _site(pl: Repetition, notes: Notes) -> tuple[str, str]:
    """Name and key of the facility (PL.4)."""
    namespace, universal, kind, *_ = [*pl.subcomponents(4), "", "", ""]
    site = namespace or universal
    return site, identifier_key(assigned(namespace, universal, kind, notes), notes.feed.name) if site else ""


@lru_cache(maxsize=ELEMENTS)
def _place(called: tuple[str, str], trail: tuple[str, ...], outer: str, hd: str, syntax: Syntax) -> Json:
    """A place by its sort and name, the same for all that is in it; ``outer`` is the id of the one around it."""
    kind, name = called
    identifier = _universal(hd, syntax)
    return compact(
        {
            "resourceType": "Location",
            "id": stable_id("Location", *trail),
            "identifier": [identifier] if identifier else None,
            "name": name,
            "mode": "instance",
            "physicalType": _physical(kind),
            "partOf": {"reference": URN + outer} if outer else None,
        }
    )


@lru_cache(maxsize=16)
def _physical(kind: str) -> Json:
    return concept(LOCATION_TYPE, kind, LOCATION_NAMES[kind])

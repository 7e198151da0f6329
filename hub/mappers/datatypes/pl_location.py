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
from hub.mappers.datatypes.hd_uri import assigned, universal_identifier
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
    return " ".join(part for part in (pl[1], pl[2], pl[3]) if part) or pl[7] or pl[4] or pl[9]


@remembered
def _places(pl: Repetition, notes: Notes, facility: str) -> list[Json]:
    """The Locations from the outside in. ``facility`` is whose they are where the PL does not say it (PL.4)."""
    if not pl:
        return []
    ward, room, bed, _, state, kind, building, level, description = pl.texts(9)
    site, root = _site(pl, notes)
    chain: list[Json] = []
    trail = [root or facility]
    if site:
        chain.append(_place("si", site, trail, None, _universal(pl, 4)))
    for physical, name, part in (
        ("bu", building, 7),
        ("lvl", level, 8),
        ("wa", ward, 1),
        ("ro", room, 2),
        ("bd", bed, 3),
    ):
        if name:
            trail.append(f"{physical}:{name}")
            chain.append(_place(physical, name, trail, chain[-1] if chain else None, _universal(pl, part)))
    if not chain:
        return _elsewhere(pl, trail, notes)
    inner = chain[-1]
    numbers = [*inner.get("identifier", ()), *_comprehensive(pl, notes)]
    kinds = [concept(V2 + "0305", token(kind))] if kind else None
    inner.update(compact({"identifier": numbers, "type": kinds, "description": description, **_state(state)}))
    return chain


def _elsewhere(pl: Repetition, trail: list[str], notes: Notes) -> list[Json]:
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


def _universal(pl: Repetition, component: int) -> Json:
    """The universal id of a place (HD.2 and HD.3 of PL.1–.4, .7 and .8)."""
    _, universal, kind, *_ = [*pl.subcomponents(component), "", "", ""]
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


def _place(kind: str, name: str, trail: list[str], outer: Json | None, identifier: Json) -> Json:
    physical = {"system": LOCATION_TYPE, "code": kind, "display": LOCATION_NAMES[kind]}
    return compact(
        {
            "resourceType": "Location",
            "id": stable_id("Location", *trail),
            "identifier": [identifier] if identifier else None,
            "name": name,
            "mode": "instance",
            "physicalType": {"coding": [physical]},
            "partOf": reference(outer) if outer else None,
        }
    )

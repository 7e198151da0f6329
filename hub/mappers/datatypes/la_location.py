"""LA1 and LA2 (location with address) → Location: where a drug is delivered or given (HL7 v2.9, chapters 2A.3.39 and
2A.3.40; withdrawn there, and what most senders still write)."""

from hub.fhir.build import compact, complete
from hub.formats.hl7v2.segment import Field, Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.pl_location import pl_location
from hub.mappers.datatypes.xad_address import xad_address
from hub.model import Json

_PLACE = 8
"""Components 1 to 8 are those of a PL: point of care, room, bed, facility, status, type, building, floor."""


def la_location(la: Repetition, ctx: Context) -> Json:
    """Adds the Location of an LA1 or LA2: a place, and from component 9 on its address; ``{}`` for neither."""
    if not la:
        return {}
    syntax = la.syntax
    parts = la.raw.split(syntax.component)
    address = la.inner(_PLACE + 1) if len(la.subcomponents(_PLACE + 1)) > 1 else None
    if address is None:
        address = la.like(syntax.component.join(parts[_PLACE:]))
    return _located(la.like(syntax.component.join(parts[:_PLACE])), address, ctx)


def place_with_address(pl: Field, xad: Field, ctx: Context) -> Json:
    """Adds the Location of a PL in one field and its address in another (RXE-42/-43, RXA-27/-28)."""
    return _located(pl.first, xad.first, ctx) if pl or xad else {}


def _located(pl: Repetition, xad: Repetition, ctx: Context) -> Json:
    place, address = pl_location(pl, ctx), xad_address(xad, ctx)
    if not address:
        return place or {}
    if place is None:
        return ctx.add({"resourceType": "Location", "mode": "instance", "address": address}, ctx.feed.name, xad.raw)
    complete(place, compact({"address": address}))
    return place

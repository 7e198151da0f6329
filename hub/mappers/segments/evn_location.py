"""EVN-7 → Location: where the event happened (HL7 v2.9, chapter 3.4.1.7)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.hd_uri import universal_identifier
from hub.model import Json


def evn_location(evn: Segment, ctx: Context) -> Json | None:
    """Adds the facility of the event as a place."""
    name, universal, kind = evn[7].first.texts(3)
    if not (name or universal):
        return None
    number = universal_identifier(universal, kind) if universal else None
    place = {"resourceType": "Location", "identifier": [number] if number else None, "name": name or universal}
    return ctx.add({**place, "mode": "instance"}, ctx.feed.name, "facility", name, universal)

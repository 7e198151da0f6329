"""Segments that nothing maps, and Z segments → Basic: kept as they are, field by field, and named in the outcome."""

from hub.fhir.build import compact, extension
from hub.fhir.systems import SEGMENT
from hub.formats.hl7v2.message import Field, Segment
from hub.mappers.context import Context
from hub.model import Json


def zzz_basic(ctx: Context) -> None:
    """Adds a Basic for each segment of the message that no mapper has asked for."""
    for segment in ctx.message.segments if ctx.message else ():
        if segment.name not in ctx.taken:
            _keep(segment, ctx)


def _keep(segment: Segment, ctx: Context) -> None:
    fields = [kept for field in segment if (kept := _field(field))]
    if not fields:
        return
    ctx.add(
        compact(
            {
                "resourceType": "Basic",
                "extension": fields,
                "code": {"coding": [{"system": SEGMENT, "code": segment.name}]},
                "subject": ctx.subject,
            }
        ),
        ctx.raw.id,
        str(segment.line),
    )
    place = segment.path(1).rpartition("-")[0]
    ctx.inform(place, "unmapped-segment", f"no mapping for {segment.name}: its fields are kept as they are")


def _field(field: Field) -> Json:
    """One field as text, its delimiters as sent."""
    if field.is_null:
        return {}
    words = field.raw if field.raw.strip() else ""
    return extension(f"{SEGMENT}:{field.path.replace('[', '.').replace(']', '')}", "String", words)

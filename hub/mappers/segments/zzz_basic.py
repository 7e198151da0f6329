"""Segments that nothing maps, and Z segments → Basic: kept as they are, field by field, and named in the outcome."""

from hub.fhir.systems import SEGMENT
from hub.formats.hl7v2.segment import NULL, Segment
from hub.mappers.context import Context


def zzz_basic(segment: Segment, ctx: Context) -> None:
    """Adds the segment: its fields as text with their delimiters as sent, without blank ones and explicit nulls."""
    url = f"{SEGMENT}:{segment.place.replace('[', '.').replace(']', '')}-"
    stated = [(number, raw) for number, raw in enumerate(segment.raws) if number and raw.strip() and raw != NULL]
    if not stated:
        return
    ctx.add(
        {
            "resourceType": "Basic",
            "extension": [{"url": f"{url}{number}", "valueString": raw} for number, raw in stated],
            "code": {"coding": [{"system": SEGMENT, "code": segment.name}]},
            "subject": ctx.subject,
        },
        ctx.raw.id,
        str(segment.line),
    )
    ctx.inform(segment.place, "unmapped-segment", f"no mapping for {segment.name}: its fields are kept as they are")

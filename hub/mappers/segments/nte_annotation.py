"""NTE → Annotation (HL7 v2.9, chapter 2.13.10)."""

from collections.abc import Iterable

from hub.fhir.build import compact
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.model import Json


def nte_text(nte: Segment) -> str:
    """The comment (NTE-3), its repetitions as lines."""
    return "\n".join(repetition.text for repetition in nte[3])


def nte_annotations(notes: Iterable[Segment], ctx: Context) -> list[Json]:
    """One Annotation for each NTE that says something: NTE-3 text, -5 author, -6 (else -7) time."""
    return [annotation for nte in notes if (annotation := _annotation(nte, ctx))]


def _annotation(nte: Segment, ctx: Context) -> Json:
    text = nte_text(nte)
    if not text:
        return {}
    return compact(
        {
            "authorReference": xcn_reference(nte[5], ctx),
            "time": dtm_datetime(nte[6].text or nte[7].text, ctx, nte.path(6)),
            "text": text,
        }
    )

"""NTE → Annotation (HL7 v2.9, chapter 2.13.10)."""

from collections.abc import Iterable

from hub.fhir.build import compact
from hub.fhir.codes import Table
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.model import Json

_TYPE = EXTENSION + "annotationType"
_SOURCE, _KIND = Table("0105"), Table("0364")


def note_extensions(notes: list[Json]) -> list[Json]:
    """Annotations as extensions of a resource that has no ``note`` of its own in R4."""
    return [{"url": EXTENSION + "note", "valueAnnotation": note} for note in notes]


def nte_text(nte: Segment) -> str:
    """The comment (NTE-3), its repetitions as lines; then the words of a coded comment (NTE-9)."""
    lines = [repetition.text for repetition in nte[3]]
    if len(nte) > 8:
        lines += [words for cwe in nte[9] if (words := cwe[9] or cwe[2] or cwe[1])]
    return "\n".join(lines)


def nte_annotations(notes: Iterable[Segment], ctx: Context) -> list[Json]:
    """One Annotation for each NTE that says something: NTE-3 text, -5 author, -6 (else -7) time; NTE-2 (whose comment
    it is) and NTE-4 (of what kind) as its types."""
    return [annotation for nte in notes if (annotation := _annotation(nte, ctx))]


def _annotation(nte: Segment, ctx: Context) -> Json:
    text = nte_text(nte)
    if not text.strip():
        return {}
    kinds = _types(nte, ctx) if nte[2].raw or nte[4].raw else None
    if len(nte) < 5:
        return {"extension": kinds, "text": text} if kinds else {"text": text}
    return compact(
        {
            "extension": kinds,
            "authorReference": xcn_reference(nte[5], ctx),
            "time": dtm_datetime(nte[6].text or nte[7].text, ctx, nte.path(6)),
            "text": text,
        }
    )


def _types(nte: Segment, ctx: Context) -> list[Json]:
    found = (cwe_codeableconcept(field, ctx, table) for field, table in ((nte[2], _SOURCE), (nte[4], _KIND)))
    return [{"url": _TYPE, "valueCodeableConcept": kind} for kind in found if kind]

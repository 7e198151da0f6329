"""OBX of a document → DocumentReference.content: text and attachments (HL7 v2.9, chapter 9.5)."""

from collections.abc import Iterator
from itertools import groupby

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ed_attachment import attachment, ed_attachment, rp_attachment
from hub.mappers.segments.nte_annotation import nte_text
from hub.model import Json

_TEXT = {"TX", "FT", "ST", "TEXT", ""}
_FILES = {"ED": ed_attachment, "RP": rp_attachment}
_PLAIN = "text/plain; charset=utf-8"


def is_content(obx: Segment) -> bool:
    """Whether the OBX is text or a file; a number or a code is an observation that comes with the document."""
    return obx[2].text in _TEXT or obx[2].text in _FILES


def obx_lines(content: list[Segment]) -> list[str]:
    """The text of a document as lines, decoded, in order."""
    return [
        line for obx in content if obx[2].text in _TEXT for repetition in obx[5] for line in repetition.text.split("\n")
    ]


def obx_contents(content: list[Segment], notes: list[Segment], ctx: Context) -> list[Json]:
    """The text of all OBX of a name (OBX-3) together as ``text/plain``; formatted text (FT) once more as it was sent
    (``text/hl7v2``) where decoding changed it; then every attachment (ED, RP), and the comments (NTE)."""
    found = [*_texts(content, ctx), *_formatted(content, ctx), *_files(content, ctx)]
    if comments := [text for nte in notes if (text := nte_text(nte).strip())]:
        found.append(attachment("\n".join(comments).encode(), "text/hl7v2", ctx, "comments"))
    return [{"attachment": one} for one in found if one]


def _texts(content: list[Segment], ctx: Context) -> Iterator[Json]:
    texts = [obx for obx in content if obx[2].text in _TEXT]
    for _, alike in groupby(texts, key=lambda obx: obx[3].raw):
        part = list(alike)
        if lines := obx_lines(part):
            yield _created(attachment("\n".join(lines).encode(), _PLAIN, ctx, _title(part[0])), part[0], ctx)


def _formatted(content: list[Segment], ctx: Context) -> Iterator[Json]:
    if formatted := [r.raw for obx in content if obx[2].text == "FT" for r in obx[5] if r.raw != r.text]:
        yield attachment("\n".join(formatted).encode(), "text/hl7v2", ctx)


def _files(content: list[Segment], ctx: Context) -> Iterator[Json]:
    for obx in content:
        if mapper := _FILES.get(obx[2].text):
            for repetition in obx[5]:
                yield _created(mapper(repetition, ctx, _title(obx)), obx, ctx)


def _title(obx: Segment) -> str:
    """What OBX-3 calls this part of the document."""
    name = obx[3].first
    return name[9] or name[2] or name[5] or name[1]


def _created(found: Json, obx: Segment, ctx: Context) -> Json:
    """The attachment with the time at which it was written (OBX-14)."""
    written = field_datetime(obx[14], ctx) if found and obx[14] else ""
    return {**found, "creation": written} if written else found

"""OBX of a document → its content: text and attachments (HL7 v2.9, chapter 9.5)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.ed_attachment import attachment, ed_attachment, rp_attachment
from hub.model import Json

_TEXT = {"TX", "FT", "ST", ""}


def obx_lines(content: list[Segment]) -> list[str]:
    """The text of a document as lines, decoded, in order."""
    return [
        line for obx in content if obx[2].text in _TEXT for repetition in obx[5] for line in repetition.text.split("\n")
    ]


def obx_contents(content: list[Segment], ctx: Context) -> list[Json]:
    """The text of all OBX together as ``text/plain``; formatted text (FT) once more as it was sent (``text/hl7v2``)
    where decoding changed it; then every attachment (ED, RP)."""
    lines = obx_lines(content)
    formatted = [r.raw for obx in content if obx[2].text == "FT" for r in obx[5] if r.raw != r.text]
    found = [attachment("\n".join(lines).encode(), "text/plain; charset=utf-8", ctx)] if lines else []
    if formatted:
        found.append(attachment("\n".join(formatted).encode(), "text/hl7v2", ctx))
    for obx in content:
        mapper = {"ED": ed_attachment, "RP": rp_attachment}.get(obx[2].text)
        found.extend(mapper(r, ctx, obx[3].first[2]) for r in obx[5] if mapper)
    return [{"attachment": one} for one in found if one]

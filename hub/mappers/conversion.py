"""The entrance: a raw message of any format becomes a FHIR R4 message bundle, or says why not."""

from hub.formats.hl7v2.message import Message, parse
from hub.mappers.context import Context
from hub.mappers.dispatch import mapper_of, segment_mapper_of
from hub.mappers.envelope import conversion
from hub.mappers.messages.csv_row import convert_row
from hub.mappers.messages.document import convert_document
from hub.mappers.segments.msh_messageheader import msh_messageheader
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Conversion, Format, RawMessage
from hub.ports import Page
from hub.settings import Feed


def convert(raw: RawMessage, feed: Feed, pages: tuple[Page, ...] = ()) -> Conversion:
    """The bundle of a raw message and what was noticed on the way; ``pages`` are those of a document that was read.

    Raises ``Unreadable`` for bytes that cannot be understood and ``Held`` when nothing usable comes out of them.
    """
    if raw.format is Format.CSV:
        return convert_row(raw, feed)
    if raw.format is Format.DOCUMENT:
        return convert_document(raw, feed, pages)
    return _convert_hl7v2(raw, feed)


def _convert_hl7v2(raw: RawMessage, feed: Feed) -> Conversion:
    message = parse(raw.body, feed.charset)
    ctx = Context(raw, feed, message)
    header = msh_messageheader(ctx)
    mapper_of(message.type, ctx.trigger)(message, ctx)
    _rest(message, ctx)
    return conversion(ctx, header)


def _rest(message: Message, ctx: Context) -> None:
    """The segments that the message's own mapper did not ask for, each by itself and in their order."""
    patient, encounter = ctx.patient, ctx.encounter
    for segment in message.segments:
        if segment.line not in ctx.taken:
            mapper = segment_mapper_of(segment.name) or zzz_basic
            mapper(ctx.take(segment), ctx)
    ctx.patient, ctx.encounter = patient, encounter

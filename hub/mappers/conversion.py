"""The entrance: a raw message of any format becomes a FHIR R4 message bundle, or says why not."""

from dataclasses import replace

from hub.fhir.build import stated
from hub.fhir.check import check
from hub.formats.hl7v2.message import Message, parse
from hub.mappers.context import Context
from hub.mappers.dispatch import mapper_of, segment_mapper_of
from hub.mappers.envelope import conversion, invalid
from hub.mappers.messages.csv_row import convert_row
from hub.mappers.messages.document import convert_document
from hub.mappers.messages.fhir_posted import convert_posted
from hub.mappers.profile import apply_profile
from hub.mappers.segments.msh_messageheader import msh_messageheader
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.mappers.z_segment import z_segment
from hub.model import Conversion, Format, RawMessage
from hub.ports import Page
from hub.settings import Feed


def convert(raw: RawMessage, feed: Feed, pages: tuple[Page, ...] = ()) -> Conversion:
    """The bundle of a raw message and what was noticed on the way; ``pages`` are those of a document that was read.

    Raises ``Unreadable`` for bytes that cannot be understood, and ``Held`` when nothing usable comes out of them or
    what comes out is not valid FHIR R4.
    """
    made = _mapped(raw, feed, pages)
    if check(made.bundle):  # in the text of some sender everything is blank that a mapper took for a value
        made = replace(made, bundle=stated(made.bundle))
        if problems := check(made.bundle):
            raise invalid(problems)
    return made


def _mapped(raw: RawMessage, feed: Feed, pages: tuple[Page, ...]) -> Conversion:
    if raw.format is Format.CSV:
        return convert_row(raw, feed)
    if raw.format is Format.DOCUMENT:
        return convert_document(raw, feed, pages)
    if raw.format is Format.FHIR:
        return convert_posted(raw, feed)
    return _convert_hl7v2(raw, feed)


def _convert_hl7v2(raw: RawMessage, feed: Feed) -> Conversion:
    message = parse(raw.body, feed.charset)
    ctx = Context(raw, feed, message)
    if feed.profile:
        apply_profile(message, ctx)
    header = msh_messageheader(ctx)
    mapper_of(message.type, ctx.trigger)(message, ctx)
    placed = [ctx.take(segment) for name in feed.z_fields for segment in message.all(name)]
    _rest(message, ctx)
    for segment in placed:
        z_segment(segment, ctx)
    return conversion(ctx, header)


def _rest(message: Message, ctx: Context) -> None:
    """The segments that the message's own mapper did not ask for, each by itself and in their order. An NTE speaks of
    the resource of the segment before it: several in a row, of the same."""
    patient, encounter = ctx.patient, ctx.encounter
    for segment in message.segments:
        if segment.line in ctx.taken:
            ctx.last = None
            if segment.name == "PID":
                ctx.turn_to(segment)
            continue
        mapper = segment_mapper_of(segment.name) or zzz_basic
        made = mapper(ctx.take(segment), ctx)
        ctx.last = made if isinstance(made, dict) else None
    ctx.patient, ctx.encounter = patient, encounter

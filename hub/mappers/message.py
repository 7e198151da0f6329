"""A message of HL7 v2, whoever wrote it, → bundle: its own mapper, then what that leaves."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import mapper_of, segment_mapper_of
from hub.mappers.envelope import conversion
from hub.mappers.profile import Profile, apply_profile
from hub.mappers.segments.msh_messageheader import msh_messageheader
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.mappers.z_segment import z_segment
from hub.model import Conversion


def convert_message(message: Message, profile: Profile, ctx: Context) -> Conversion:
    """The bundle of a message, with what the profile changes in it."""
    if profile:
        apply_profile(message, profile, ctx)
    header = msh_messageheader(ctx)
    mapper_of(message.type, ctx.trigger)(message, ctx)
    placed = [ctx.take(segment) for name in ctx.feed.z_fields for segment in message.all(name)]
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

"""Message types without a mapper of their own: every known segment by itself."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import OTHER, message
from hub.mappers.messages.adt import patient_and_visit


@message(OTHER)
def other(source: Message, ctx: Context) -> None:
    """Patient and visit where there are any, so that the other segments are theirs."""
    ctx.inform(
        "MSH-9", "unmapped-type", "this message type has no mapping of its own: its segments are read one by one"
    )
    patient_and_visit(source, ctx)

"""PPR, PGL and PPP: problems, goals and pathways of a patient (HL7 v2.9, chapter 12.3)."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.messages.adt import patient_and_visit


@message("PPR", "PGL", "PPP")
def problem(source: Message, ctx: Context) -> None:
    """The patient and the visit; problems, goals, pathways and their variances follow one by one."""
    patient_and_visit(source, ctx)

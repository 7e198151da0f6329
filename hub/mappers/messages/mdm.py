"""MDM^T01–T11: documents (HL7 v2.9, chapter 9.4): PID PV1 {ORC OBR} TXA {OBX}."""

from hub.errors import Held
from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import orders
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.segments.orc_servicerequest import order_identifiers
from hub.mappers.segments.pid_patient import required_patient
from hub.mappers.segments.txa_documentreference import Written, txa_documentreference
from hub.model import Json


@message("MDM")
def mdm(source: Message, ctx: Context) -> None:
    """The patient, the visit, and the document. The orders that it answers are named by number, not restated."""
    required_patient(ctx)
    patient_and_visit(source, ctx)
    txa = ctx.first("TXA")
    if txa is None:
        raise Held("a document without TXA", code="100", path="TXA")
    ctx.focus.append(txa_documentreference(txa, Written(ctx.all("OBX"), _orders(source, ctx)), ctx))


def _orders(source: Message, ctx: Context) -> list[Json]:
    return [number for order in orders(source, ctx) for number in order_identifiers(order, ctx)]

"""SIU^S12–S26: appointments (HL7 v2.9, chapter 10.4): SCH [TQ1] [NTE] {PATIENT} {RGS {AIS|AIG|AIL|AIP}}."""

from hub.errors import Held
from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import Observed
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.sch_appointment import Scheduled, sch_appointment

_RESOURCES = ("AIS", "AIG", "AIL", "AIP")


@message("SIU")
def siu(source: Message, ctx: Context) -> None:
    """The patient (some senders name only the appointment), the visit, the appointment."""
    patient_and_visit(source, ctx)
    sch = ctx.first("SCH")
    if sch is None:
        raise Held("an appointment without SCH", code="100", path="SCH")
    ctx.all("RGS")
    resources = [ctx.take(segment) for segment in source.segments if segment.name in _RESOURCES]
    rest = Scheduled(ctx.all("TQ1"), ctx.all("NTE"), resources)
    appointment = sch_appointment(sch, rest, ctx)
    ctx.focus.append(appointment)
    shared = Report(f"appointment|{appointment['id']}", {})
    for obx in ctx.all("OBX"):
        obx_observation(Observed(obx), shared, ctx)

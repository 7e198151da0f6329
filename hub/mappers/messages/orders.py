"""Orders and what becomes of them: OMG, OML, OMI, ORM, OSU, and the answers ORR, ORG, ORL (HL7 v2.9, chapter 4)."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import Order, orders
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.orc_servicerequest import is_referral, order_servicerequest
from hub.mappers.segments.orc_task import orc_task
from hub.mappers.segments.pid_patient import required_patient
from hub.mappers.segments.spm_specimen import spm_specimen
from hub.model import Json


@message("OMG", "OML", "OMI", "ORM")
def order_message(source: Message, ctx: Context) -> None:
    """The patient, the visit, and a ServiceRequest for each order."""
    required_patient(ctx)
    order_answer(source, ctx)


@message("OSU", "ORR", "ORG", "ORL")
def order_answer(source: Message, ctx: Context) -> None:
    """The same; an answer may leave the patient out and speak of the order's number alone."""
    patient_and_visit(source, ctx)
    ctx.all("MSA")
    reports: dict[str, Report] = {}
    for order in orders(source, ctx):
        _order(order, reports, ctx)


def _order(order: Order, reports: dict[str, Report], ctx: Context) -> None:
    request = order_servicerequest(order, ctx)
    if request is not None:
        _supporting(order, request, reports.setdefault(request["id"], Report(request["id"], {})), ctx)
        ctx.focus.append(request)
    if is_referral(order, ctx) and (task := orc_task(order, request, ctx)):
        ctx.focus.append(task)


def _supporting(order: Order, request: Json, shared: Report, ctx: Context) -> None:
    """Observations that come with an order (weight, answers to its questions) and the specimens it is for."""
    specimens = [ctx.reference(spm_specimen(spm, ctx)) for spm in order.specimens]
    found = [ctx.reference(obx_observation(observed, shared, ctx)) for observed in order.observations]
    if specimens:
        request["specimen"] = specimens
    if found:
        request["supportingInfo"] = found

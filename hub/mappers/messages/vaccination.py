"""Vaccinations: VXU reports them, VXR, VXX and RSP answer queries about them (HL7 v2.9, chapter 4A.7; CDC's guide for
immunization messaging)."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import Order, PatientGroup, patient_groups
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.messages.oru import another_patient
from hub.mappers.pharmacy import has_drugs
from hub.mappers.segments.orc_servicerequest import order_servicerequest
from hub.mappers.segments.rx_treatment import treatment


@message("VXU", "VXR", "VXX", "VXQ", "RSP")
def vaccinations(source: Message, ctx: Context) -> None:
    """Each patient, the visit, and an Immunization for each RXA; the answer to a query that found nobody has none."""
    if source.type == "VXU" and source.first("PID") is None:
        ctx.error("PID", "100", "the message has no PID segment")
    patient_and_visit(source, ctx)
    patient, encounter = ctx.patient, ctx.encounter
    first, *others = patient_groups(source, ctx)
    _orders(first, ctx)
    for group in others:
        another_patient(group, ctx)
        _orders(group, ctx)
    ctx.patient, ctx.encounter = patient, encounter


def _orders(group: PatientGroup, ctx: Context) -> None:
    for order in group.orders:
        _order(order, ctx)


def _order(order: Order, ctx: Context) -> None:
    if has_drugs(order):
        ctx.focus.extend(treatment(order, ctx))
    elif request := order_servicerequest(order, ctx):
        ctx.focus.append(request)

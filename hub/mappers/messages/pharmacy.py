"""Pharmacy: orders for drugs, encoded orders, dispenses, gives, administrations, and the answers to them (HL7 v2.9,
chapter 4A.3)."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import Order, patient_groups
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.messages.oru import sampled
from hub.mappers.pharmacy import has_drugs
from hub.mappers.segments.orc_servicerequest import order_servicerequest
from hub.mappers.segments.rx_treatment import treatment

_ORDERS = ("OMP", "RDE", "RDS", "RGV", "RAS")
"""What is about a patient; answers may leave him out."""
_ANSWERS = ("ORP", "RRE", "RRD", "RRG", "RRA", "RDR", "RAR", "RER", "RGR", "ROR", "RDY")


@message(*_ORDERS, *_ANSWERS)
def pharmacy_message(source: Message, ctx: Context) -> None:
    """The patient, the visit, and what each order says of its drugs; an answer may leave out the patient, and the drug,
    and speak of the order's number alone."""
    if source.type in _ORDERS and source.first("PID") is None:
        ctx.error("PID", "100", "the message has no PID segment")
    patient_and_visit(source, ctx)
    for group in patient_groups(source, ctx):
        for sample in group.samples:
            sampled(sample, ctx)
        for order in group.orders:
            _order(order, ctx)


def _order(order: Order, ctx: Context) -> None:
    """An order with an OBR is one for a service, whatever the message is for."""
    for sample in order.samples:
        sampled(sample, ctx)
    if order.obr is not None and not has_drugs(order):
        request = order_servicerequest(order, ctx)
        ctx.focus.extend([request] if request else ())
    else:
        ctx.focus.extend(treatment(order, ctx))

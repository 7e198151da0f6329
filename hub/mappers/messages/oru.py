"""ORU^R01: results (HL7 v2.9, chapter 7.3.1): {PATIENT [VISIT] {ORDER_OBSERVATION {OBSERVATION} {SPECIMEN}}}."""

from hub.errors import Held
from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import Order, PatientGroup, of_name, patient_groups
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.segments.obr_diagnosticreport import obr_diagnosticreport
from hub.mappers.segments.pid_patient import pid_patient, required_patient
from hub.mappers.segments.pv1_encounter import pv1_encounter


@message("ORU")
def oru(source: Message, ctx: Context) -> None:
    """Patient and visit, then a report for each OBR. The message is about its first patient, whoever else is in it."""
    required_patient(ctx)
    patient_and_visit(source, ctx)
    first, *others = patient_groups(source, ctx)
    _reports(first, ctx)
    patient, encounter = ctx.patient, ctx.encounter
    for group in others:
        _another_patient(group, ctx)
        _reports(group, ctx)
    ctx.patient, ctx.encounter = patient, encounter


def _reports(group: PatientGroup, ctx: Context) -> None:
    for order in group.orders:
        if order.obr is None:
            _no_report(order, ctx)
        else:
            obr_diagnosticreport(order, ctx)


def _no_report(order: Order, ctx: Context) -> None:
    assert order.orc is not None, "an order has an ORC or an OBR"
    if order.observations:
        raise Held("results without an OBR", code="100", path=order.orc.path(1))
    ctx.warn(order.orc.path(1), "required", "an order without OBR: there is no report")


def _another_patient(group: PatientGroup, ctx: Context) -> None:
    ctx.encounter = None
    for pid in of_name(group.segments, "PID"):
        pid_patient(ctx.take(pid), ctx)
    for pv1 in of_name(group.segments, "PV1"):
        pv1_encounter(ctx.take(pv1), ctx)

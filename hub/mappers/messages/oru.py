"""ORU^R01, R30–R32, R40 and OUL^R21–R24: results (HL7 v2.9, chapters 7.3.1 and 7.3.7):
{PATIENT [VISIT] {ORDER_OBSERVATION {OBSERVATION} {SPECIMEN}}}, in OUL also specimens or containers first."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import Observed, Order, PatientGroup, Sample, of_name, patient_groups
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.segments.obr_diagnosticreport import obr_diagnosticreport
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.orc_servicerequest import order_servicerequest
from hub.mappers.segments.order_rest import order_rest
from hub.mappers.segments.pid_patient import pid_patient, required_patient
from hub.mappers.segments.pv1_encounter import pv1_encounter
from hub.mappers.segments.spm_specimen import sample_specimen


@message("ORU")
def oru(source: Message, ctx: Context) -> None:
    """Patient and visit, then a report for each OBR. The message is about its first patient, whoever else is in it."""
    required_patient(ctx)
    oul(source, ctx)


@message("OUL", "ORF", "CSU")
def oul(source: Message, ctx: Context) -> None:
    """The same; a message about specimens may leave the patient out, and so may an answer to a query (ORF^R04). In a
    clinical study (CSU) the results are reports, too."""
    patient_and_visit(source, ctx)
    first, *others = patient_groups(source, ctx)
    _reports(first, ctx)
    patient, encounter = ctx.patient, ctx.encounter
    for group in others:
        another_patient(group, ctx)
        _reports(group, ctx)
    ctx.patient, ctx.encounter = patient, encounter


def _reports(group: PatientGroup, ctx: Context) -> None:
    for sample in group.samples:
        sampled(sample, ctx)
    if not group.orders:
        _unasked(group, ctx)
    for order in group.orders:
        if order.obr is None and not order.observations:
            _no_report(order, ctx)
        else:
            order_rest(order, obr_diagnosticreport(order, ctx), ctx)


def _unasked(group: PatientGroup, ctx: Context) -> None:
    """Results without ORC and OBR: one report."""
    results = [ctx.take(obx) for obx in of_name(group.segments, "OBX")]
    if results:
        order = Order(ctx, segments=results, observations=[Observed(obx) for obx in results])
        obr_diagnosticreport(order, ctx)


def _no_report(order: Order, ctx: Context) -> None:
    ctx.warn(order.head.path(1), "required", "an order without OBR: there is no report")
    if request := order_servicerequest(order, ctx):
        order_rest(order, request, ctx)


def sampled(sample: Sample, ctx: Context) -> None:
    """A specimen that comes before its orders, with what was observed of it."""
    specimen = sample_specimen(sample, ctx)
    shared = Report(specimen["id"], {}, specimen=ctx.reference(specimen))
    for observed in sample.observations:
        obx_observation(observed, shared, ctx)


def another_patient(group: PatientGroup, ctx: Context) -> None:
    """Makes the patient and the visit of a further group those that the next resources are about."""
    ctx.encounter = None
    for pid in of_name(group.segments, "PID"):
        pid_patient(ctx.take(pid), ctx)
    for pv1 in of_name(group.segments, "PV1"):
        pv1_encounter(ctx.take(pv1), ctx)

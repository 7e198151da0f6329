"""Orders and what becomes of them: OMG, OML, OMI, ORM, OSU, those of blood (OMB), meals (OMD) and supplies (OMN, OMS),
and the answers ORR, ORG, ORL … (HL7 v2.9, chapter 4)."""

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import Order, PatientGroup, patient_groups
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.messages.oru import another_patient, sampled
from hub.mappers.segments.obr_diagnosticreport import report_effective
from hub.mappers.segments.obr_servicerequest import obr_reported
from hub.mappers.segments.obr_specimen import obr_specimen
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.orc_servicerequest import is_referral, order_servicerequest
from hub.mappers.segments.orc_task import orc_task
from hub.mappers.segments.order_rest import order_rest
from hub.mappers.segments.pid_patient import required_patient
from hub.mappers.segments.rx_treatment import treatment
from hub.mappers.segments.spm_specimen import sample_specimen
from hub.model import Json

_DRUGS = frozenset(("RXO", "RXE", "RXD", "RXG", "RXA"))


@message("OMG", "OML", "OMI", "ORM", "OMB", "OMD", "OMN", "OMS")
def order_message(source: Message, ctx: Context) -> None:
    """The patient, the visit, and a ServiceRequest for each order; an order for a control specimen has no patient."""
    if source.first("PID"):
        required_patient(ctx)
    order_answer(source, ctx)


@message("OSU", "ORR", "ORG", "ORL", "ORI", "ORB", "ORD", "ORN", "ORS")
def order_answer(source: Message, ctx: Context) -> None:
    """The same; an answer may leave the patient out and speak of the order's number alone."""
    patient_and_visit(source, ctx)
    first, *others = patient_groups(source, ctx)
    _orders(first, {}, ctx)
    patient, encounter = ctx.patient, ctx.encounter
    for group in others:  # of prior results, or of another patient
        another_patient(group, ctx)
        for order in group.orders:
            _orders(PatientGroup(orders=[order]), report_effective(order, ctx), ctx)
    ctx.patient, ctx.encounter = patient, encounter


def _orders(group: PatientGroup, effective: Json, ctx: Context) -> None:
    """``effective`` is when it was observed, which a prior result says of itself."""
    for sample in group.samples:
        sampled(sample, ctx)
    reports: dict[str, Report] = {}
    for order in group.orders:
        if any(segment.name in _DRUGS for segment in order.segments):
            ctx.focus.extend(treatment(order, ctx))
        else:
            _order(order, reports, effective, ctx)


def _order(order: Order, reports: dict[str, Report], effective: Json, ctx: Context) -> None:
    request = order_servicerequest(order, ctx)
    if request is not None:
        _supporting(order, request, reports.setdefault(request["id"], Report(request["id"], effective)), ctx)
        order_rest(order, request, ctx)
        if order.obr is not None and len(order.obr) > 6:
            obr_reported(order.obr, request, ctx)
        ctx.focus.append(request)
    if is_referral(order, ctx) and (task := orc_task(order, request, ctx)):
        ctx.focus.append(task)


def _supporting(order: Order, request: Json, shared: Report, ctx: Context) -> None:
    """Observations that come with an order (weight, answers to its questions) and the specimens it is for."""
    specimens = _specimens(order, request, ctx)
    shared.specimens = specimens
    observed = [*order.observations, *(one for sample in order.samples for one in sample.observations)]
    found = [ctx.reference(obx_observation(one, shared, ctx)) for one in observed]
    if specimens:
        request["specimen"] = [ctx.reference(specimen) for specimen in specimens]
    if found:
        request["supportingInfo"] = [*request.get("supportingInfo", ()), *found]


def _specimens(order: Order, request: Json, ctx: Context) -> list[Json]:
    found = [sample_specimen(sample, ctx) for sample in order.samples]
    if order.obr is None or len(found) > 1:
        return found
    specimen = obr_specimen(order.obr, found[0] if found else None, request["id"], ctx)
    return [specimen] if specimen else []

"""REF^I12–I15 and RRI: patient referrals and the answers to them (HL7 v2.9, chapter 11.3)."""

from hub.errors import Held
from hub.fhir.build import complete
from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.groups import orders
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.segments.dg1_condition import dg1_condition
from hub.mappers.segments.obr_diagnosticreport import obr_diagnosticreport
from hub.mappers.segments.pid_patient import required_patient
from hub.mappers.segments.prd_practitioner import Parties, prd_parties
from hub.mappers.segments.rf1_servicerequest import rf1_servicerequest, rf1_task
from hub.model import Json


@message("REF")
def referral(source: Message, ctx: Context) -> None:
    """RF1 {PRD} PID {DG1} {OBR {OBX}} [PV1]: the referral, the parties, the patient; I15 only asks for the status."""
    required_patient(ctx)
    referral_answer(source, ctx)


@message("RRI")
def referral_answer(source: Message, ctx: Context) -> None:
    """The same; an answer may leave the patient out."""
    patient_and_visit(source, ctx)
    ctx.all("MSA")
    parties = prd_parties(ctx.all("PRD"), ctx)
    if ctx.patient is not None:
        _belongs(ctx.patient, parties, ctx)
    rf1 = ctx.first("RF1")
    if rf1 is None:
        raise Held("a referral without RF1", code="100", path="RF1")
    request = rf1_servicerequest(rf1, parties, ctx.all("NTE"), ctx)
    if request is not None:
        _clinical(source, request, ctx)
        ctx.focus.append(request)
    if ctx.trigger != "I15":
        ctx.focus.append(rf1_task(rf1, request, ctx))


def _belongs(patient: Json, parties: Parties, ctx: Context) -> None:
    """The primary care provider is the patient's, other providers are his care team."""
    if parties.primary_care:
        complete(patient, {"generalPractitioner": parties.primary_care})
    if parties.consulting:
        participants = [{"member": who} for who in parties.consulting]
        team = {"resourceType": "CareTeam", "subject": ctx.reference(patient), "participant": participants}
        ctx.add(team, patient["id"])


def _clinical(source: Message, request: Json, ctx: Context) -> None:
    """Diagnoses are reasons of the referral, results that come with it support it."""
    conditions = [condition for dg1 in ctx.all("DG1") if (condition := dg1_condition(dg1, ctx))]
    reports = [obr_diagnosticreport(order, ctx) for order in orders(source, ctx) if order.obr]
    if conditions:
        request["reasonReference"] = [ctx.reference(condition) for condition in conditions]
    if reports:
        request["supportingInfo"] = [ctx.reference(report) for report in reports]

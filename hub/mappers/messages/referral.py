"""REF^I12–I15, RRI and their like: patient referrals and the answers to them (HL7 v2.9, chapter 11.3)."""

from hub.fhir.build import complete
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import message, segment
from hub.mappers.groups import orders
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.parts import part_of
from hub.mappers.segments.aut_claimresponse import aut_claimresponse
from hub.mappers.segments.dg1_condition import dg1_condition
from hub.mappers.segments.obr_diagnosticreport import obr_diagnosticreport
from hub.mappers.segments.pid_patient import required_patient
from hub.mappers.segments.prd_practitioner import Parties, prd_parties, provider_references
from hub.mappers.segments.rf1_servicerequest import rf1_servicerequest, rf1_task
from hub.model import Json

_NOTED = frozenset(("RF1", "PRD", "CTD", "AUT", "PV1", "PV2", "NTE"))
"""Segments after which an NTE speaks of the referral."""


@message("REF")
def referral(source: Message, ctx: Context) -> None:
    """RF1 {AUT} {PRD {CTD}} PID {DG1} {OBR {OBX}} [PV1]: the referral, the parties, the patient; I15 only asks for the
    status."""
    required_patient(ctx)
    referral_answer(source, ctx)


@message("RRI", "RPI", "RCI", "RPA", "RQA", "RQC", "RQP", "RQI", "RPL", "RPR", "RCL")
def referral_answer(source: Message, ctx: Context) -> None:
    """The same; an answer may leave the patient out, and one to a question about him the referral."""
    patient_and_visit(source, ctx)
    ctx.all("MSA")
    parties = prd_parties(ctx.all("PRD"), ctx)
    if ctx.patient is not None:
        _belongs(ctx.patient, parties, ctx)
    for ctd in source.all("CTD"):
        if source.segments[ctd.line - 2].name != "OBR":
            provider_references(ctx.take(ctd), ctx)
    rf1 = ctx.first("RF1")
    if rf1 is None:
        if source.type in {"REF", "RRI"}:
            ctx.error("RF1", "100", "a referral without RF1: its other segments are mapped by themselves")
        _reports(source, ctx)
        return
    _referral(rf1, parties, source, ctx)


@segment("RF1")
def referred(rf1: Segment, ctx: Context) -> Json:
    """A referral in a message of another type."""
    request = rf1_servicerequest(rf1, Parties(), [], ctx)
    rf1_task(rf1, request, ctx)
    return request


def _referral(rf1: Segment, parties: Parties, source: Message, ctx: Context) -> None:
    request = rf1_servicerequest(rf1, parties, _notes(source, ctx), ctx)
    authorizations = [made for aut in ctx.all("AUT") if (made := aut_claimresponse(aut, ctx))]
    if authorizations:
        complete(request, {"insurance": [ctx.reference(one) for one in authorizations]})
    _clinical(source, request, ctx)
    ctx.focus.append(request)
    if ctx.trigger != "I15" or source.type != "REF":
        ctx.focus.append(rf1_task(rf1, request, ctx))


def _notes(source: Message, ctx: Context) -> list[Segment]:
    """The comments on the referral: those after RF1, its parties and its visit."""
    found, before = [], ""
    for one in source.segments:
        if one.name == "NTE" and before in _NOTED:
            found.append(ctx.take(one))
        else:
            before = one.name
    return found


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
    if conditions:
        complete(request, {"reasonReference": [ctx.reference(condition) for condition in conditions]})
    if reports := _reports(source, ctx):
        complete(request, {"supportingInfo": [ctx.reference(report) for report in reports]})


def _reports(source: Message, ctx: Context) -> list[Json]:
    """The results that come with a referral."""
    begins = min((one.line for one in source.segments if one.name in {"ORC", "OBR"}), default=len(source.segments) + 1)
    listed = [one for one in source.segments[begins - 1 :] if one.line not in ctx.taken]
    return [obr_diagnosticreport(order, ctx) for order in orders(part_of(source, listed), ctx) if order.obr]

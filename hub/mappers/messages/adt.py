"""ADT: admission, discharge, transfer, and what is known of a person (HL7 v2.9, chapter 3.3)."""

from hub.errors import Held
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import message
from hub.mappers.segments.al1_allergyintolerance import al1_allergyintolerance
from hub.mappers.segments.dg1_condition import dg1_condition
from hub.mappers.segments.in1_coverage import in1_coverage
from hub.mappers.segments.mrg_patient import mrg_old_identifiers, mrg_patient
from hub.mappers.segments.nk1_relatedperson import nk1_relatedperson
from hub.mappers.segments.pd1_patient import pd1_patient
from hub.mappers.segments.pid_patient import pid_patient, required_patient
from hub.mappers.segments.pv1_encounter import pv1_encounter
from hub.mappers.segments.pv2_encounter import pv2_encounter
from hub.mappers.segments.rol_practitionerrole import rol_practitionerrole
from hub.model import Json

MERGES = {"A18", "A34", "A39", "A40"}
"""Two patients become one: MRG names the one that is given up."""
CHANGES = {"A46", "A47"}
"""One patient's identifiers change: MRG names the former ones."""

BED_STATUS = "A20"
"""The one event that is about no patient."""


@message("ADT")
def adt(source: Message, ctx: Context) -> None:
    """The patient, the visit and what belongs to them; a merge has patients only. Raises ``Held`` without a patient."""
    if ctx.trigger != BED_STATUS:
        required_patient(ctx)
    patient_and_visit(source, ctx)
    if ctx.trigger in MERGES | CHANGES:
        _merges(source, ctx)


def patient_and_visit(source: Message, ctx: Context) -> None:
    """PID [PD1] {ROL} {NK1} [PV1 [PV2]] {ROL} {DG1} {AL1} {IN1}: the part that most messages share."""
    pid = ctx.first("PID")
    patient = ctx.patient or (pid_patient(pid, ctx) if pid else None)
    if patient is None:
        return
    if pd1 := ctx.first("PD1"):
        pd1_patient(pd1, patient, ctx)
    for nk1 in ctx.all("NK1"):
        nk1_relatedperson(nk1, patient, ctx)
    visit = _visit(ctx)
    _roles(patient, visit, ctx)
    for dg1 in ctx.all("DG1"):
        dg1_condition(dg1, ctx)
    for al1 in ctx.all("AL1"):
        al1_allergyintolerance(al1, ctx)
    for in1 in ctx.all("IN1"):
        in1_coverage(in1, ctx)


def _visit(ctx: Context) -> Segment | None:
    """The PV1, once it gave an Encounter that PV2 could complete."""
    pv1 = ctx.first("PV1")
    encounter = pv1_encounter(pv1, ctx) if pv1 else None
    if encounter is not None and (pv2 := ctx.first("PV2")):
        pv2_encounter(pv2, encounter, ctx)
    return pv1


def _roles(patient: Json, pv1: Segment | None, ctx: Context) -> None:
    """A ROL before PV1 is the patient's, one after it the visit's."""
    for rol in ctx.all("ROL"):
        after = pv1 is not None and rol.line > pv1.line
        rol_practitionerrole(rol, patient, ctx.encounter if after else None, ctx)


def _merges(source: Message, ctx: Context) -> None:
    """Each MRG belongs to the PID before it."""
    if not ctx.all("MRG"):
        raise Held("a merge without MRG", code="100", path="MRG")
    assert ctx.patient is not None, "an ADT message without a patient is held"
    patient = current = ctx.patient
    for segment in source.segments:
        if segment.name == "PID" and segment.number > 1:
            current = pid_patient(ctx.take(segment), ctx)
        elif segment.name == "MRG" and ctx.trigger in MERGES:
            mrg_patient(segment, current, ctx)
        elif segment.name == "MRG":
            mrg_old_identifiers(segment, current, ctx)
    ctx.patient = patient

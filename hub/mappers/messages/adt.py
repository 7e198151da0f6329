"""ADT: admission, discharge, transfer, and what is known of a person (HL7 v2.9, chapter 3.3)."""

import sys

from hub.fhir.build import complete, extension
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.dispatch import message
from hub.mappers.messages.adt_merge import MERGERS, merge
from hub.mappers.segments.pd1_patient import pd1_patient
from hub.mappers.segments.pid_patient import pid_patient, required_patient
from hub.mappers.segments.pv1_encounter import pv1_encounter
from hub.mappers.segments.pv2_encounter import pv2_encounter
from hub.model import Json

BED_STATUS = "A20"
"""The one event that is about no patient."""
LINK, UNLINK = "A24", "A37"
"""Two records of what may be one person: two PID segments."""
DELETED = "A29"
_ANNOUNCED = {"A05": "plannedStartDate", "A14": "plannedStartDate", "A16": "plannedEndDate"}
"""Pre-admission, pending admission, pending discharge."""


@message("ADT")
def adt(source: Message, ctx: Context) -> None:
    """The patient, the visit and what the event does to them."""
    if ctx.trigger != BED_STATUS and (patient := required_patient(ctx)) and ctx.trigger == DELETED:
        patient["active"] = False
    patient_and_visit(source, ctx)
    _planned(source, ctx)
    if ctx.trigger in MERGERS:
        merge(source, ctx)
    elif ctx.trigger in (LINK, UNLINK):
        _linked(ctx)


def patient_and_visit(source: Message, ctx: Context) -> None:
    """PID [PD1] [PV1 [PV2]] of the first patient: the part that most messages share. All that belongs to the patient or
    the visit besides (NK1, ROL, DG1, AL1, IN1 …) stands alone, and another PID begins another patient."""
    patients = source.all("PID")
    if patients and ctx.patient is None:
        pid_patient(ctx.take(patients[0]), ctx)
    end = patients[1].line if len(patients) > 1 else sys.maxsize
    if pd1 := _before("PD1", end, source, ctx):
        pd1_patient(pd1, ctx)
    pv1 = _before("PV1", end, source, ctx)
    if pv1 and pv1_encounter(pv1, ctx) and (pv2 := _before("PV2", end, source, ctx)):
        pv2_encounter(pv2, ctx)


def _before(name: str, end: int, source: Message, ctx: Context) -> Segment | None:
    """The first segment of that name, if it stands before that line; it hereby counts as mapped."""
    segment = source.first(name)
    return ctx.take(segment) if segment is not None and segment.line < end else None


def _planned(source: Message, ctx: Context) -> None:
    """When what the event only announces is to happen (EVN-3), unless PV2-8 or PV2-9 say it."""
    evn, encounter = source.first("EVN"), ctx.encounter
    name = _ANNOUNCED.get(ctx.trigger)
    if encounter is None or name is None or evn is None or not (when := field_datetime(evn[3], ctx)):
        return
    url = f"http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.{name}"
    if all(known["url"] != url for known in encounter.get("extension", ())):
        complete(encounter, {"extension": [extension(url, "DateTime", when)]})


def _linked(ctx: Context) -> None:
    """A link says of each patient to see also the other; that they are unlinked FHIR can say by no link alone."""
    patient = ctx.patient
    if patient is None:
        return
    first, *others = ctx.all("PID")
    for pid in others:
        other = pid_patient(pid, ctx)
        if ctx.trigger == UNLINK:
            ctx.inform(pid.place, "unlinked", "this patient and the first are two persons, and not linked any more")
        elif other is not patient:
            _see_also(patient, other, ctx)
            _see_also(other, patient, ctx)
    ctx.turn_to(first)


def _see_also(patient: Json, other: Json, ctx: Context) -> None:
    complete(patient, {"link": [{"other": ctx.reference(other), "type": "seealso"}]})

"""SIU^S12–S26, SRM and SRR^S01–S11: appointments (HL7 v2.9, chapters 10.3 and 10.4): SCH or ARQ [TQ1] [NTE] {PATIENT}
{RGS {AIS|AIG|AIL|AIP}}."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from hub.fhir.build import complete
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.dispatch import message, segment
from hub.mappers.groups import Observed
from hub.mappers.messages.adt import patient_and_visit
from hub.mappers.parts import by_patient, part_of
from hub.mappers.segments.ai_participant import ai_participants, ais_service
from hub.mappers.segments.ai_timing import Appointed
from hub.mappers.segments.dg1_condition import dg1_condition
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.sch_appointment import Scheduled, sch_appointment
from hub.model import Json

_HEADS = frozenset(("SCH", "ARQ"))
_RESOURCES = frozenset(("AIS", "AIG", "AIL", "AIP"))
_NOBODY: Json = {"type": [{"text": "not stated"}], "status": "needs-action"}
_NOTED = frozenset(("TQ1", "APR", "RGS", "NTE")) | _HEADS | _RESOURCES
"""Segments of the appointment, whose NTE speak of the appointment."""


@message("SIU", "SRM", "SRR")
def siu(source: Message, ctx: Context) -> None:
    """The patients (some senders name only the appointment), the visit, the appointment."""
    heads = [one for one in source.segments if one.name in _HEADS]
    if not heads:
        ctx.error("SCH", "100", "an appointment without SCH: its other segments are mapped by themselves")
        patient_and_visit(source, ctx)
        return
    ctx.all("MSA")
    about = Scheduled()
    for group in by_patient(source, _NOTED):
        _patient(part_of(source, group), about, ctx)
    _first_patient(about, ctx)
    for head in heads:
        ctx.focus.append(_appointment(head, source, about, ctx))


@segment("SCH", "ARQ")
def appointment(head: Segment, ctx: Context) -> Json:
    """An appointment in a message of another type, with the resources that follow it."""
    assert ctx.message is not None, "a segment belongs to a message"
    about = Scheduled(patients=[ctx.subject] if ctx.subject else [])
    return _appointment(head, ctx.message, about, ctx)


@segment(*sorted(_RESOURCES))
def resource(one: Segment, ctx: Context) -> Json:
    """A resource that no SCH stands before: all of a message belong to one appointment that is not agreed on."""
    patient = [{"actor": ctx.subject, "status": "accepted"}] if ctx.subject else []
    made = ctx.add({"resourceType": "Appointment", "status": "proposed"}, ctx.raw.id, "resources")
    added = ai_participants(one, None, Appointed(ctx.reference(made)), ctx)
    service = ais_service(one, ctx)
    complete(made, {"serviceType": [service] if service else [], "participant": [*patient, *added] or [_NOBODY]})
    return made


@segment("RGS")
def resource_group(rgs: Segment, ctx: Context) -> Json | None:
    """A group of resources that no SCH stands before; its resources may follow."""
    kinds = each(rgs[3], cwe_codeableconcept, ctx)
    if not kinds:
        return None
    made = ctx.add({"resourceType": "Appointment", "status": "proposed"}, ctx.raw.id, "resources")
    complete(made, {"participant": [{"type": kinds, "status": "needs-action"}]})
    return made


def _preferences(apr: Segment) -> Iterator[str]:
    """What is preferred: APR-1 times, -2 resources, -3 places, -4 spacing, -5 what the filler may override."""
    for number, name in enumerate(("time", "resource", "location", "slot spacing", "filler override"), 1):
        for scv in apr[number]:
            yield f"Preferred {name}: {' '.join(filter(None, (scv[1], scv[2])))}"


def _patient(part: Message, about: Scheduled, ctx: Context) -> None:
    """One patient of the appointment, why he comes (DG1), and what is known of him (OBX)."""
    whole, ctx.message = ctx.message, part
    ctx.patient = ctx.encounter = None
    patient_and_visit(part, ctx)
    if ctx.subject:
        about.patients.append(ctx.subject)
    conditions = [condition for dg1 in ctx.all("DG1") if (condition := dg1_condition(dg1, ctx))]
    about.reasons += [ctx.reference(condition) for condition in conditions]
    about.observations += [ctx.reference(made) for made in _observations(part, ctx)]
    ctx.message = whole


def _observations(part: Message, ctx: Context) -> Iterator[Json]:
    shared = Report(f"appointment|{ctx.patient['id'] if ctx.patient else ctx.raw.id}", {})
    for place, one in enumerate(part.segments):
        if one.name == "OBX":
            notes = takewhile(lambda following: following.name == "NTE", part.segments[place + 1 :])
            yield obx_observation(Observed(ctx.take(one), [ctx.take(nte) for nte in notes]), shared, ctx)


def _first_patient(about: Scheduled, ctx: Context) -> None:
    """The message is about its first patient, whoever else comes."""
    if len(about.patients) < 2:
        return
    people = {f"urn:uuid:{identity}": resource for identity, resource in ctx.resources.items()}
    ctx.patient = people[about.patients[0]["reference"]]
    visits = (r for r in ctx.resources.values() if r["resourceType"] == "Encounter" and r.get("subject") == ctx.subject)
    ctx.encounter = next(visits, None)


def _appointment(head: Segment, source: Message, about: Scheduled, ctx: Context) -> Json:
    """The appointment of a SCH with the segments that follow it, up to the next SCH."""
    ctx.take(head)
    group: Segment | None = None
    own = replace(about, timings=[], notes=[], resources=[], groups=[], preferences=[])
    before = head
    for one in source.segments[head.line :]:
        if one.name in _HEADS:
            break
        if one.name == "RGS":
            group = ctx.take(one)
            own.groups.append(one)
        elif one.name == "APR":
            own.preferences.extend(_preferences(ctx.take(one)))
        elif one.name in _RESOURCES:
            own.resources.append((ctx.take(one), group))
        elif one.name == "TQ1":
            own.timings.append(ctx.take(one))
        elif one.name == "NTE" and one.line not in ctx.taken and before.name in _NOTED:
            own.notes.append(ctx.take(one))
        before = one
    return sch_appointment(head, own, ctx)

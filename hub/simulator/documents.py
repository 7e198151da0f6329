"""What clinicians write: discharge summaries and consult notes (MDM^T02)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from hub.formats.hl7v2.build import Field, Repetition
from hub.simulator.facilities import CARDIOLOGY, PRIMARY_CARE, Facility, Segment
from hub.simulator.people import Clinician, Person
from hub.simulator.segments import Coded, Step, Visit, brief_pid, evn, pid, pv1

TYPE = ("MDM", "T02", "MDM_T02")


@dataclass(frozen=True, slots=True)
class Note:
    """A specialist's note; ``referral`` is empty when the author did not say which referral it answers."""

    person: Person
    author: Clinician
    number: str
    referral: str
    final: bool


def discharge_summary(visit: Visit, at: datetime) -> Step:
    """The letter that follows an inpatient's discharge."""
    return Step(at, visit.facility, TYPE, visit.person, partial(_summary, visit, at))


def consult_note(note: Note, at: datetime) -> Step:
    """The cardiologists' letter."""
    return Step(at, CARDIOLOGY, TYPE, note.person, partial(_consult, note, at))


def _summary(visit: Visit, at: datetime) -> list[Segment]:
    facility = visit.facility
    lines = (
        f"Admitted with {visit.reason}. Principal diagnosis: {visit.diagnosis[1]}.",
        "NEW: metoprolol succinate 25 mg daily.",
        "Follow-up with the primary care physician within 7 days.",
    )
    header = _txa(("DS", "Discharge summary"), facility, at, visit.attending)
    return [
        evn("T02", facility, at),
        pid(visit.person, facility, account=visit.account),
        pv1(visit),
        ("TXA", {**header, 12: facility.ei(f"DS-{visit.number}"), 17: "AU"}),
        *_note(("18842-5", "Discharge summary"), lines),
    ]


def _consult(note: Note, at: datetime) -> list[Segment]:
    lines = (
        "Seen for the question of the referral. Stable, NYHA II, no oedema.",
        "Increase carvedilol from 6.25 mg to 12.5 mg twice daily." if note.final else "Echocardiogram pending.",
    )
    placer = PRIMARY_CARE.ei(note.referral) if note.referral else ""
    order: list[Segment] = [("ORC", {1: "RE", 2: placer})] if placer else []
    header = _txa(("CN", "Consultation"), CARDIOLOGY, at, note.author)
    return [
        evn("T02", CARDIOLOGY, at),
        brief_pid(note.person, CARDIOLOGY, cardiology_identifiers(note.person)),
        ("PV1", {1: "1", 2: "O"}),
        *order,
        ("TXA", {**header, 12: CARDIOLOGY.ei(note.number), 14: placer, 17: "AU" if note.final else "DO"}),
        *_note(("11488-4", "Consult note"), lines),
    ]


def cardiology_identifiers(person: Person) -> list[Repetition]:
    """The cardiologists pass on the identifier that the referral came with."""
    return [
        CARDIOLOGY.cx(CARDIOLOGY.mrn(person), "MR"),
        PRIMARY_CARE.cx(PRIMARY_CARE.mrn(person), "MR"),
    ]


def _txa(kind: Coded, facility: Facility, at: datetime, author: Clinician) -> dict[int, Field]:
    stamp = facility.stamp(at)
    return {1: "1", 2: kind, 3: "TX", 4: stamp, 5: author.xcn, 6: stamp, 9: author.xcn, 19: "AV", 25: kind[1]}


def _note(code: Coded, lines: Iterable[str]) -> list[Segment]:
    return [
        ("OBX", {1: str(number), 2: "TX", 3: (*code, "LN"), 5: line, 11: "F"}) for number, line in enumerate(lines, 1)
    ]

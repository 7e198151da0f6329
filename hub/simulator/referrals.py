"""A referral to the cardiologists, from the question to the answer: OMG^O19 or REF^I12, OSU^O51, SIU, MDM^T02."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from hub.formats.hl7v2.build import Field, Repetition
from hub.simulator import people
from hub.simulator.documents import Note, cardiology_identifiers, consult_note
from hub.simulator.facilities import CARDIOLOGY, PRIMARY_CARE, ZONE, Segment
from hub.simulator.people import CARDIOLOGISTS, Clinician, Person
from hub.simulator.segments import Step, brief_pid, pd1, pid

QUESTIONS = (
    ("I50.9", "Heart failure, unspecified", "Heart failure: titrate treatment?"),
    ("I48.91", "Unspecified atrial fibrillation", "New atrial fibrillation: rhythm control?"),
    ("R01.1", "Cardiac murmur, unspecified", "New murmur: echocardiogram?"),
    ("I10", "Essential (primary) hypertension", "Resistant hypertension: secondary cause?"),
)
STATUSES = {"S12": "Booked", "S13": "Booked", "S15": "Cancelled", "S26": "Noshow"}
"""SCH-25 (HL7 table 0278) for the event."""


@dataclass(frozen=True, slots=True)
class Referral:
    """One question to a specialist."""

    person: Person
    specialist: Clinician
    number: str
    asked: datetime
    diagnosis: tuple[str, str]
    question: str
    priority: str

    @property
    def placer(self) -> Repetition:
        return PRIMARY_CARE.ei(self.number)


@dataclass(frozen=True, slots=True)
class Slot:
    """An appointment: its own number and when it is."""

    number: str
    start: datetime


def referral(person: Person, rng: Random, start: datetime, ordinal: int) -> Iterator[Step]:
    """One referral loop: asked, accepted or declined, scheduled (and moved, missed or cancelled), seen, answered."""
    code, name, question = rng.choice(QUESTIONS)
    number = f"REF-{person.number:06}{ordinal:02}"
    loop = Referral(person, rng.choice(CARDIOLOGISTS), number, start, (code, name), question, rng.choice("RRRRAS"))
    yield _request(loop, as_order=rng.random() < 0.7)
    answered = start + timedelta(hours=rng.uniform(1, 40))
    accepted = rng.random() < 0.9
    yield _answer(loop, answered, accepted=accepted)
    if not accepted:
        return
    yield from _visit(loop, rng, answered + timedelta(hours=rng.uniform(2, 30)))


def _visit(loop: Referral, rng: Random, at: datetime) -> Iterator[Step]:
    """Booked; then sometimes moved, or cancelled or missed and booked again; then seen, and mostly answered."""
    slot = Slot(f"AP{loop.number[4:]}", _office_hour(at + timedelta(days=rng.randrange(3, 7))))
    yield _siu("S12", loop, slot, at)
    chance = rng.random()
    if chance < 0.15:
        slot = replace(slot, start=_office_hour(slot.start + timedelta(days=2)))
        yield _siu("S13", loop, slot, at + timedelta(hours=20))
    elif chance < 0.35:
        missed = chance < 0.25
        noticed = slot.start + (timedelta(minutes=45) if missed else timedelta(hours=-20))
        yield _siu("S26" if missed else "S15", loop, slot, noticed)
        slot = Slot(f"{slot.number}B", _office_hour(slot.start + timedelta(days=rng.randrange(2, 5))))
        yield _siu("S12", loop, slot, noticed + timedelta(hours=5))
    if rng.random() < 0.9:
        yield from _notes(loop, rng, slot.start + timedelta(hours=1))


def _notes(loop: Referral, rng: Random, seen: datetime) -> Iterator[Step]:
    """The answer, sometimes after an interim one, sometimes without the number of its referral."""
    number = loop.number if rng.random() < 0.8 else ""
    if rng.random() < 0.15:
        note = Note(loop.person, loop.specialist, f"CN-{loop.number[4:]}-1", number, final=False)
        yield consult_note(note, seen)
    note = Note(loop.person, loop.specialist, f"CN-{loop.number[4:]}-2", number, final=True)
    yield consult_note(note, seen + timedelta(hours=rng.uniform(3, 48)))


def _office_hour(at: datetime) -> datetime:
    """A time on that day at which people are seen."""
    local = at.astimezone(ZONE)
    return local.replace(hour=9 + local.minute % 7, minute=30 * (local.second % 2), second=0).astimezone(UTC)


def _request(loop: Referral, *, as_order: bool) -> Step:
    """The question, as an order (IHE 360X) or as a patient referral."""
    kind, write = (("OMG", "O19", "OMG_O19"), _omg) if as_order else (("REF", "I12", "REF_I12"), _ref)
    return Step(loop.asked, PRIMARY_CARE, kind, loop.person, partial(write, loop))


def _omg(loop: Referral) -> list[Segment]:
    person = loop.person
    asked, due = PRIMARY_CARE.stamp(loop.asked), PRIMARY_CARE.stamp(loop.asked + timedelta(days=14))
    order: dict[int, Field] = {1: "NW", 2: loop.placer, 9: asked, 12: person.pcp.xcn, 21: person.practice.name}
    request: dict[int, Field] = {
        1: "1",
        2: loop.placer,
        4: ("57133-1", "Referral note", "LN"),
        16: person.pcp.xcn,
        31: ("", loop.question),
    }
    referred_to: dict[int, Field] = {
        1: "1",
        2: "AD",
        4: ("RT", "Referred to Provider", "HL70912"),
        5: loop.specialist.xcn,
        8: people.CARDIOLOGY,
    }
    return [
        pid(person, PRIMARY_CARE),
        pd1(person),
        ("ORC", order),
        ("TQ1", {1: "1", 7: asked, 8: due, 9: loop.priority}),
        ("OBR", request),
        ("PRT", referred_to),
        ("DG1", {1: "1", 3: (*loop.diagnosis, "I10"), 6: "A"}),
    ]


def _ref(loop: Referral) -> list[Segment]:
    person = loop.person
    asked, due = PRIMARY_CARE.stamp(loop.asked), PRIMARY_CARE.stamp(loop.asked + timedelta(days=14))
    request: dict[int, Field] = {
        1: ("P", "Pending", "HL70283"),
        2: (loop.priority, "", "HL70280"),
        3: ("CON", "Consultation", "L"),
        6: loop.placer,
        7: asked,
        8: due,
        9: asked,
        10: ("", loop.question),
    }
    return [
        ("RF1", request),
        _prd(("RP", "Referring provider"), person.pcp, person.practice.name),
        _prd(("RT", "Referred to provider"), loop.specialist, people.CARDIOLOGY),
        pid(person, PRIMARY_CARE),
        ("DG1", {1: "1", 3: (*loop.diagnosis, "I10"), 6: "A"}),
    ]


def _prd(role: tuple[str, str], clinician: Clinician, organization: str) -> Segment:
    name = (clinician.family, clinician.given, "", "", "Dr.")
    return "PRD", {1: (*role, "HL70286"), 2: name, 7: (clinician.npi, "NPI"), 10: organization}


def _answer(loop: Referral, at: datetime, *, accepted: bool) -> Step:
    return Step(at, CARDIOLOGY, ("OSU", "O51", "OSU_O51"), loop.person, partial(_osu, loop, accepted))


def _osu(loop: Referral, accepted: bool) -> list[Segment]:
    order: dict[int, Field] = {1: "UA", 2: loop.placer, 16: ("", "Not taking new patients")}
    if accepted:
        order = {1: "OK", 2: loop.placer, 3: CARDIOLOGY.ei(f"CN-{loop.number[4:]}"), 5: "IP"}
    return [brief_pid(loop.person, CARDIOLOGY, cardiology_identifiers(loop.person)), ("ORC", order)]


def _siu(trigger: str, loop: Referral, slot: Slot, at: datetime) -> Step:
    return Step(at, CARDIOLOGY, ("SIU", trigger, "SIU_S12"), loop.person, partial(_schedule, trigger, loop, slot))


def _schedule(trigger: str, loop: Referral, slot: Slot) -> list[Segment]:
    start, end = CARDIOLOGY.stamp(slot.start), CARDIOLOGY.stamp(slot.start + timedelta(minutes=30))
    schedule: dict[int, Field] = {
        2: CARDIOLOGY.ei(slot.number),
        7: ("", "Cardiology consultation"),
        8: "NEW",
        9: "30",
        10: "min",
        11: ("", "", "30", start, end),
        20: ("1444000002", "Desk", "Front"),
        25: STATUSES[trigger],
        26: loop.placer,
    }
    return [
        ("SCH", schedule),
        brief_pid(loop.person, CARDIOLOGY, cardiology_identifiers(loop.person)),
        ("RGS", {1: "1", 2: "A"}),
        ("AIP", {1: "1", 3: loop.specialist.xcn, 4: "ATND", 12: "CONFIRMED"}),
    ]

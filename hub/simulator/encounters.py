"""Visits to a hospital, from the door to the door: ADT^A01 to A13, A28, A31 and A40, with the results between them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from hub.simulator.documents import discharge_summary
from hub.simulator.facilities import HOSPITALS, Facility, Segment
from hub.simulator.people import ATTENDINGS, Person
from hub.simulator.results import report
from hub.simulator.segments import Coded, Place, Step, Visit, clinical, coverage, evn, kin, pd1, pid, pv1

STRUCTURES = {
    **dict.fromkeys(("A01", "A04", "A08", "A13"), "ADT_A01"),
    **dict.fromkeys(("A05", "A28", "A31"), "ADT_A05"),
    "A02": "ADT_A02",
    "A03": "ADT_A03",
    "A06": "ADT_A06",
    "A11": "ADT_A09",
    "A12": "ADT_A12",
    "A40": "ADT_A39",
}
"""HL7 table 0354."""

COMPLAINTS: tuple[tuple[str, Coded], ...] = (
    ("chest pain", ("I20.9", "Angina pectoris, unspecified")),
    ("dyspnea", ("I50.9", "Heart failure, unspecified")),
    ("palpitations", ("I48.91", "Unspecified atrial fibrillation")),
    ("cough and fever", ("J18.9", "Pneumonia, unspecified organism")),
    ("abdominal pain", ("K35.80", "Unspecified acute appendicitis")),
    ("fall at home", ("S72.001A", "Fracture of unspecified part of neck of right femur")),
    ("headache", ("G43.909", "Migraine, unspecified")),
    ("flank pain", ("N20.0", "Calculus of kidney")),
    ("high blood sugar", ("E11.65", "Type 2 diabetes mellitus with hyperglycemia")),
    ("wheezing", ("J45.901", "Unspecified asthma with (acute) exacerbation")),
)
ALLERGIES: tuple[Coded, ...] = (("7980", "Penicillin G"), ("2670", "Codeine"), ("10831", "Sulfamethoxazole"))
WARDS = ("4W", "5E", "6N", "ICU")
DISPOSITIONS = ("01",) * 8 + ("03", "06", "07")
"""Home, mostly; skilled nursing, home health, against medical advice (UB-04 patient status)."""

_QUARTER = timedelta(minutes=15)


def emergency(person: Person, rng: Random, start: datetime, ordinal: int) -> Iterator[Step]:
    """An emergency visit: updates in a storm, results, then home, upstairs, or a cancelled registration."""
    visit = _visit(person, rng, start, ordinal, cls="E", place=("ED", str(rng.randrange(1, 20)), "A"))
    yield adt("A04", visit, start)
    if rng.random() < 0.04:
        yield adt("A11", visit, start + _QUARTER)
        return
    end = start + timedelta(hours=rng.uniform(2, 7))
    yield from _storm(visit, rng, start, end, rng.randrange(2, 10))
    yield from report(visit, rng, start + timedelta(minutes=rng.uniform(40, 80)), 1)
    if rng.random() < 0.3:
        yield from _upstairs(visit, rng, end)
    else:
        yield from _discharge(visit, rng, end)


def planned_stay(person: Person, rng: Random, start: datetime, ordinal: int) -> Iterator[Step]:
    """A stay that was announced (A05) and begins with an admission (A01)."""
    visit = _visit(person, rng, start, ordinal, cls="I", place=_bed(rng))
    yield adt("A05", replace(visit, cls="P"), start - timedelta(days=rng.randrange(1, 4)))
    yield adt("A01", visit, start)
    yield from _stay(visit, rng, start)


def clinic_visit(person: Person, rng: Random, start: datetime, ordinal: int) -> Iterator[Step]:
    """An hour or two in an outpatient clinic, with blood taken."""
    visit = _visit(person, rng, start, ordinal, cls="O", place=("CLINIC", str(rng.randrange(1, 9)), ""))
    yield adt("A04", visit, start)
    end = start + timedelta(minutes=rng.uniform(40, 120))
    yield from _storm(visit, rng, start, end, rng.randrange(0, 4))
    if rng.random() < 0.5:
        yield from report(visit, rng, end, 1)
    yield adt("A03", replace(visit, discharged=end, disposition="01"), end)


def registration(person: Person, rng: Random, start: datetime, ordinal: int) -> Iterator[Step]:
    """A new or changed record without a visit; sometimes a second one by mistake, merged when someone notices."""
    hospital = _hospital(person, rng)
    yield _record("A28", person, hospital, start)
    yield _record("A31", person, hospital, start + timedelta(minutes=rng.uniform(5, 200)))
    if rng.random() < 0.4:
        yield _record("A28", person, hospital, start + timedelta(hours=3), copy=1)
        at = start + timedelta(hours=rng.uniform(4, 6))
        yield Step(at, hospital, ("ADT", "A40", STRUCTURES["A40"]), person, partial(_merge, person, hospital, at))


def adt(trigger: str, visit: Visit, at: datetime) -> Step:
    """An ADT message on a visit as it stands at that moment."""
    kind = ("ADT", trigger, STRUCTURES[trigger])
    return Step(at, visit.facility, kind, visit.person, partial(_segments, trigger, visit, at))


def _upstairs(visit: Visit, rng: Random, at: datetime) -> Iterator[Step]:
    """From the emergency department into a bed: an outpatient becomes an inpatient (A06)."""
    stay = replace(visit, cls="I", place=_bed(rng), before=visit.place, attending=rng.choice(ATTENDINGS))
    yield adt("A06", stay, at)
    yield from _stay(stay, rng, at)


def _stay(visit: Visit, rng: Random, start: datetime) -> Iterator[Step]:
    """Days in a bed: transfers (some cancelled), updates, a report each morning, and the discharge."""
    days = rng.randrange(1, 4)
    end = start + timedelta(days=days, hours=rng.uniform(-3, 3))
    if rng.random() < 0.6:
        moved = start + timedelta(hours=rng.uniform(3, 20))
        elsewhere = replace(visit, place=_bed(rng), before=visit.place)
        yield adt("A02", elsewhere, moved)
        if rng.random() < 0.15:
            yield adt("A12", visit, moved + _QUARTER)
        else:
            visit = elsewhere
    yield from _storm(visit, rng, start + timedelta(hours=21), end, rng.randrange(2, 5))
    for day in range(days):
        yield from report(visit, rng, start + timedelta(days=day, hours=rng.uniform(2, 4)), day + 1)
    yield from _discharge(visit, rng, end)


def _discharge(visit: Visit, rng: Random, at: datetime) -> Iterator[Step]:
    """The discharge; now and then taken back and done again."""
    gone = replace(visit, discharged=at, disposition=rng.choice(DISPOSITIONS))
    yield adt("A03", gone, at)
    if rng.random() < 0.06:
        yield adt("A13", visit, at + 2 * _QUARTER)
        at += timedelta(hours=rng.uniform(1, 3))
        gone = replace(gone, discharged=at)
        yield adt("A03", gone, at)
    if visit.cls == "I":
        yield discharge_summary(gone, at + timedelta(hours=rng.uniform(1, 5)))


def _storm(visit: Visit, rng: Random, start: datetime, end: datetime, count: int) -> Iterator[Step]:
    """Updates (A08) that say nothing new."""
    moments = sorted(start + (end - start) * rng.uniform(0.02, 0.98) for _ in range(count))
    return (adt("A08", visit, at) for at in moments)


def _record(trigger: str, person: Person, hospital: Facility, at: datetime, copy: int = 0) -> Step:
    kind = ("ADT", trigger, STRUCTURES[trigger])
    return Step(at, hospital, kind, person, partial(_person_segments, trigger, person, hospital, at, copy))


def _segments(trigger: str, visit: Visit, at: datetime) -> list[Segment]:
    person, facility = visit.person, visit.facility
    who = [evn(trigger, facility, at), pid(person, facility, account=visit.account), pd1(person)]
    if trigger in ("A11", "A12"):
        return [*who[:2], pv1(visit)]
    return [*who, *kin(person, facility), pv1(visit), *clinical(visit), *coverage(visit)]


def _person_segments(trigger: str, person: Person, hospital: Facility, at: datetime, copy: int) -> list[Segment]:
    identifiers = [hospital.cx(hospital.mrn(person, copy), "MR")]
    nowhere: Segment = ("PV1", {1: "1", 2: "N"})
    return [
        evn(trigger, hospital, at),
        pid(person, hospital, identifiers),
        pd1(person),
        *kin(person, hospital),
        nowhere,
    ]


def _merge(person: Person, hospital: Facility, at: datetime) -> list[Segment]:
    retired: Segment = ("MRG", {1: [hospital.cx(hospital.mrn(person, 1), "MR")]})
    return [evn("A40", hospital, at), pid(person, hospital), retired]


def _visit(person: Person, rng: Random, at: datetime, ordinal: int, *, cls: str, place: Place) -> Visit:
    reason, diagnosis = rng.choice(COMPLAINTS)
    return Visit(
        facility=_hospital(person, rng),
        person=person,
        number=f"V{person.number:06}{ordinal:02}",
        cls=cls,
        place=place,
        attending=rng.choice(ATTENDINGS),
        reason=reason,
        diagnosis=diagnosis,
        allergy=rng.choice(ALLERGIES),
        admitted=at,
    )


def _hospital(person: Person, rng: Random) -> Facility:
    """The usual hospital, or now and then the other one."""
    return HOSPITALS[person.home if rng.random() < 0.8 else 1 - person.home]


def _bed(rng: Random) -> Place:
    return rng.choice(WARDS), str(rng.randrange(401, 640)), rng.choice("AB")

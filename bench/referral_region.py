"""A seeded region with its referrals, as five systems write of them, and the truth of which note answers which.

People, twins and namesakes are those of the simulator, and who is whose is what the hub's identity finds out of their
records, with its errors. Each specialist's system has its own habits; one note in five names nothing that the
referral is known by. Beside the answers there are notes of other visits of the same patients to the same specialists.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from hub.routing.statements import Coded, DocumentStatement, Party, Reading, ReferralSignal, Source
from hub.services.identity.demographic_rows import demographics
from hub.services.identity.matching import Matcher
from hub.simulator.region_records import region

CONSULT = Coded("11488-4", "http://loinc.org", "Consult note")
START = datetime(2026, 1, 5, 14, tzinfo=UTC)
BY_INTERFACE = (0, 1, 2)
QUESTIONS = (
    "Heart failure: titrate treatment?",
    "Atrial fibrillation, rhythm control?",
    "Microscopic hematuria, malignancy?",
    "Chronic kidney disease with proteinuria",
    "Persistent cough and dyspnea",
    "Suspicious pigmented lesion",
)
NAMES = ("Abbott", "Bell", "Castro", "Dunn", "Ellis", "Flores", "Grant", "Hayes", "Irwin", "Jensen", "Klein", "Lopez")


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of one: of notes without any shared number, and of those what else they say; ``others`` are notes of
    other visits for each referral."""

    unnumbered: float = 0.2
    addressed: float = 0.8
    question: float = 0.5
    npi: float = 0.75
    booked: float = 0.8
    others: float = 0.25
    others_addressed: float = 0.1
    again: float = 0.03


@dataclass(slots=True)
class Region:
    """What the systems send, in order, and the truth: the referral's number by the message id of each note that
    answers one; other notes have the empty text."""

    readings: list[Reading] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)
    unnumbered: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Asked:
    """One referral of the truth."""

    number: str
    records: tuple[str, ...]
    referrer: Party
    specialist: Party
    system: int
    question: str
    sent: datetime

    @property
    def key(self) -> str:
        return f"urn:oid:1.2.3.4|{self.number}"


def simulated(seed: int, referrals: int, habits: Habits | None = None) -> Region:
    """A region with so many referrals."""
    rng, found, habits = Random(f"{seed}/referrals"), Region(), habits or Habits()
    records = _records(seed, families=referrals // 6)
    people, loops = sorted(records), list[Asked]()
    for number in range(referrals):
        again = loops[-1] if loops and rng.random() < habits.again else None
        loops.append(_asked(rng, number, again.records if again else records[rng.choice(people)], again))
    for loop in loops:
        found.readings += _told(rng, habits, loop, found)
    found.readings.sort(key=lambda r: r.source.instant)
    return found


def _records(seed: int, families: int) -> dict[int, tuple[str, ...]]:
    """By person of the truth, the person that the hub makes of each of his records."""
    matcher, truth = Matcher(), dict[str, int]()
    for row, person in region(seed, families):
        matcher.take(row["record_id"], demographics(row))
        truth[row["record_id"]] = person
    clusters, found = matcher.result().clusters, dict[int, list[str]]()
    for record, person in truth.items():
        found.setdefault(person, []).append(clusters[record])
    return {person: tuple(persons) for person, persons in found.items()}


def _clinician(npi: int, role: str) -> Party:
    name = NAMES[npi % len(NAMES)]
    group = f"{name} {role} Group" if npi % 3 else f"{role} Associates {npi % 7}"
    return Party(str(1_000_000_000 + npi), f"Dr. {chr(65 + npi % 26)}. {name}", group)


def _asked(rng: Random, number: int, records: tuple[str, ...], again: Asked | None) -> Asked:
    sent = START + timedelta(hours=rng.uniform(0, 24 * 60))
    if again:  # the same specialist is asked again, by somebody or other
        sent = again.sent + timedelta(days=rng.uniform(1, 60))
    specialist = rng.randrange(60)
    return Asked(
        number=f"R{number:06}",
        records=records,
        referrer=_clinician(500 + rng.randrange(40), "Family Medicine"),
        specialist=again.specialist if again else _clinician(specialist, "Specialty"),
        system=again.system if again else specialist % 5,
        question=rng.choice(QUESTIONS),
        sent=sent,
    )


def _told(rng: Random, habits: Habits, loop: Asked, region: Region) -> Iterator[Reading]:
    """The messages of one loop, and notes of other visits to the same specialist."""
    yield _signal(loop, rng, "requested", loop.sent, keys=(loop.key,), subject=f"sr-{loop.number}", number=loop.number)
    answered = loop.sent + timedelta(hours=rng.uniform(2, 60))
    filler = f"urn:carering:feed:system{loop.system}|F{loop.number[1:]}"
    yield _signal(loop, rng, "accepted", answered, keys=(loop.key,), learned=(filler,), number=loop.number)
    visit, booking = (
        answered + timedelta(days=rng.uniform(2, 25)),
        f"urn:carering:feed:system{loop.system}|AP{loop.number}",
    )
    if rng.random() < habits.booked:
        at = {"appointment_at": visit.isoformat(timespec="seconds"), "learned": (booking,)}
        yield _signal(loop, rng, "scheduled", answered + timedelta(hours=3), keys=(loop.key,), number=loop.number, **at)
        if rng.random() < 0.12:
            yield _signal(loop, rng, "no-show", visit + timedelta(hours=1), keys=(booking,))
            visit += timedelta(days=rng.uniform(3, 12))
            yield _signal(
                loop, rng, "scheduled", visit - timedelta(days=2), keys=(booking,), appointment_at=visit.isoformat()
            )
    if rng.random() < 0.93:
        yield _answer(rng, habits, loop, visit + timedelta(hours=rng.uniform(2, 120)), filler, region)
    if rng.random() < habits.others:
        yield _other_visit(rng, habits, loop, region)


def _signal(loop: Asked, rng: Random, step: str, at: datetime, **more: object) -> Reading:
    known = {"referrer": loop.referrer, "referred_to": loop.specialist, "reason": loop.question}
    source = _source(loop, rng, f"{loop.number}-{step}", at)
    said = ReferralSignal(source=source, step=step, **(known if step == "requested" else {}), **more)  # type: ignore[arg-type]
    return Reading(source, step, (said,))


def _source(loop: Asked, rng: Random, message: str, at: datetime) -> Source:
    """The referrer's record of the patient is the first; systems that answer by interface send its number back (IHE
    360X), the others know the patient by a record of their own."""
    person = loop.records[0 if message.endswith("requested") or loop.system in BY_INTERFACE else -1]
    instant = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    number = f"{message}-{rng.randrange(10**9):09}"
    return Source(number, person, at.isoformat(timespec="seconds"), instant, instant)


def _answer(rng: Random, habits: Habits, loop: Asked, at: datetime, filler: str, region: Region) -> Reading:
    bare = rng.random() < habits.unnumbered
    by_system = {
        0: (loop.key,),
        1: (filler,),
        2: (loop.key, filler),
        3: (f"urn:carering:feed:fax|{loop.number}",),
        4: (f"urn:carering:feed:system4|{loop.number}",),
    }
    text = _text(rng, loop, addressed=habits.addressed, question=habits.question)
    note = _note(rng, habits, loop, at, text, () if bare else by_system[loop.system])
    region.truth[note.source.message_id] = loop.number
    if bare:
        region.unnumbered.add(note.source.message_id)
    return note


def _other_visit(rng: Random, habits: Habits, loop: Asked, region: Region) -> Reading:
    """An established patient is seen for something else, before or after."""
    at = loop.sent + timedelta(days=rng.uniform(-20, 60))
    text = _text(rng, loop, addressed=habits.others_addressed, question=0.15)
    note = _note(rng, habits, loop, at, text, ())
    region.truth[note.source.message_id] = ""
    return note


def _text(rng: Random, loop: Asked, *, addressed: float, question: float) -> str:
    family = loop.referrer.name.rpartition(" ")[2]
    to = rng.choice(
        (f"Dear Dr. {family},", f"Referring: {loop.referrer.name} NPI {loop.referrer.npi}", f"cc: Dr. {family}")
    )
    about = f"Seen for {loop.question.lower()}" if rng.random() < question else "Seen in clinic today."
    return f"{to if rng.random() < addressed else 'Clinic note'}\n{about}\nPlan as discussed."


def _note(rng: Random, habits: Habits, loop: Asked, at: datetime, text: str, keys: tuple[str, ...]) -> Reading:
    who, chance = loop.specialist, rng.random()
    author = who if chance < habits.npi else Party("", who.name, "" if chance < 0.9 else who.organization)
    faxed = loop.system == 3
    source = _source(loop, rng, f"{loop.number}-note", at)
    document = DocumentStatement(
        source=source,
        subject=f"doc-{source.message_id}",
        type=CONSULT,
        text=text,
        author=author,
        dated=source.occurred_at,
        referral_keys=keys,
        confidence=rng.uniform(0.9, 1.0) if faxed else 1.0,
    )
    return Reading(source, "note", (document,))

"""A hospital day: everyone's stories, told in the order of the clock."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from hub.formats.hl7v2.build import Field, build
from hub.simulator.encounters import clinic_visit, emergency, planned_stay, registration
from hub.simulator.facilities import FACILITIES, ZONE
from hub.simulator.people import Person, people
from hub.simulator.referrals import referral
from hub.simulator.segments import Step

_Story = Callable[[Person, Random, datetime, int], Iterator[Step]]

_STORIES: tuple[tuple[_Story, float, int], ...] = (
    # the story, how often it is told, and up to how many days ago it may have begun
    (emergency, 0.5, 1),
    (clinic_visit, 0.25, 0),
    (planned_stay, 0.2, 3),
    (registration, 0.10, 0),
    (referral, 0.08, 20),
)


@dataclass(frozen=True, slots=True)
class SimulatedMessage:
    """One message. ``feed`` is a name for its sender, ``kind`` its type (``ADT^A04``), ``person`` the number of the
    human being it is about, which no receiver is told; ``sent_at`` is UTC."""

    sent_at: datetime
    feed: str
    kind: str
    control_id: str
    person: int
    body: bytes


def simulate(seed: int, patients: int, day: date) -> Iterator[SimulatedMessage]:
    """The messages that ``patients`` people cause up to the end of ``day`` in New York, in order of sending.

    Stories that are under way on that day began up to twenty days before, and are told from their beginning. The
    same arguments give the same bytes.
    """
    end = datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)
    counted: Counter[str] = Counter()
    for step in _in_order(seed, patients, day, end):
        counted[step.facility.feed] += 1
        control_id = f"{step.facility.prefix}{day:%y%m%d}{counted[step.facility.feed]:07}"
        yield _message(step, control_id)


def truth(seed: int, patients: int) -> dict[tuple[str, str], int]:
    """Whom each identifier really belongs to: ``(namespace, identifier)`` to the person's number."""
    return {
        (facility.namespace, facility.mrn(person, copy)): person.number
        for person in people(seed, patients)
        for facility in FACILITIES
        for copy in (0, 1)
    }


def _in_order(seed: int, patients: int, day: date, end: datetime) -> list[Step]:
    """All steps before ``end`` by time; those of one moment in the order in which they are told."""
    told = (step for person in people(seed, patients) for step in _life(person, seed, day) if step.at < end)
    return sorted(told, key=lambda step: step.at)


def _life(person: Person, seed: int, day: date) -> Iterator[Step]:
    """All that happens to one person around that day: at least one story."""
    rng = Random(f"{seed}/day/{person.number}")
    told = [(story, back) for story, often, back in _STORIES if rng.random() < often] or [(clinic_visit, 0)]
    for ordinal, (story, back) in enumerate(told, 1):
        yield from story(person, rng, _begin(day - timedelta(days=rng.randint(0, back)), rng), ordinal)


def _begin(day: date, rng: Random) -> datetime:
    """A moment between six and eighteen o'clock."""
    six = datetime.combine(day, time(6), ZONE).astimezone(UTC)
    return six + timedelta(seconds=rng.randrange(12 * 3600))


def _message(step: Step, control_id: str) -> SimulatedMessage:
    facility = step.facility
    header: dict[int, Field] = {
        3: facility.application,
        4: (facility.namespace, facility.oid, "ISO") if facility.oid else facility.namespace,
        5: "CARERING",
        6: "HUB",
        7: facility.stamp(step.at + timedelta(seconds=12)),
        9: step.type,
        10: control_id,
        11: "P",
        12: "2.5.1",
        18: "UNICODE UTF-8",
    }
    return SimulatedMessage(
        sent_at=step.at,
        feed=facility.feed,
        kind="^".join(step.type[:2]),
        control_id=control_id,
        person=step.person.number,
        body=build([("MSH", header), *step.write()]),
    )

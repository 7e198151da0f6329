"""Alarms over simulated weeks: how often one is false, and how long after a feed stops on Tuesday at ten it opens.

The weeks are days of the simulated hospitals, in new mixtures. Baseline of the same run: a fixed threshold that would
find the same silence as fast.
"""

import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from bench.figures import Figure
from hub.health.alarms import AlarmKind
from hub.simulator import simulate
from tests.unit.health.weeks import MONDAY, Message, Watch, feed, without

PATIENTS = int(os.environ.get("BENCH_PATIENTS", "60"))
WEEKS, LEARNING = 7, 4
TUESDAY = MONDAY + timedelta(weeks=6, days=1, hours=15)
"""Ten o'clock in New York."""

ZONE = "America/New_York"
DAYS = (date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 7))
"""Two weekdays and a Saturday, which has a third of the patients."""


def run() -> list[Figure]:
    feeds = _feeds()
    watched = WEEKS - LEARNING
    false = [_false_alarms(messages) for messages in feeds.values()]
    delays = {name: _delay(messages, AlarmKind.SILENT) for name, messages in feeds.items()}
    busiest = max(feeds, key=lambda name: len(feeds[name]))
    fixed = _false_alarms(feeds[busiest], learn=False, silent_after=f"{int(delays[busiest])}min")
    figures = [
        Figure(f"false alarms a week, {len(feeds)} feeds", sum(false) / watched, "", target=0.2, less_is_better=True),
        Figure(
            f"false alarms a week, {busiest}",
            false[list(feeds).index(busiest)] / watched,
            "",
            fixed / watched,
            "fixed threshold as fast",
        ),
    ]
    for name, messages in feeds.items():
        rate = len(messages) / WEEKS / 7 / 24
        figures.append(Figure(f"silence found, {name} ({rate:.1f} messages/h)", delays[name], "minutes"))
    discharges = _delay(feeds[busiest], AlarmKind.SILENT, "ADT^A03")
    flood = [Message(TUESDAY + timedelta(seconds=4 * n), "ADT^A08") for n in range(3600)]
    return [
        *figures,
        Figure(f"missing discharges found, {busiest}", discharges, "minutes"),
        Figure(
            f"flood of 900/h found, {busiest}", _found(feeds[busiest] + flood, AlarmKind.FLOOD, "ADT^A08"), "minutes"
        ),
    ]


def _feeds() -> dict[str, list[Message]]:
    """Weeks of each hospital: every day is one of the simulated ones, thinned and shifted a little."""
    rng = Random(7)
    days = [_day(day, PATIENTS if day.weekday() < 5 else PATIENTS // 3) for day in DAYS]
    found: dict[str, list[Message]] = {}
    for number in range(WEEKS * 7):
        templates = days[:2] if number % 7 < 5 else days[2:]
        mood = rng.uniform(0.7, 1.0)
        for name, offset, kind in rng.choice(templates):
            if rng.random() < mood:
                at = MONDAY + timedelta(days=number) + offset + timedelta(seconds=rng.uniform(-900, 900))
                found.setdefault(name, []).append(Message(at, kind))
    return {name: sorted(messages, key=lambda m: m.at) for name, messages in sorted(found.items())}


def _day(day: date, patients: int) -> list[tuple[str, timedelta, str]]:
    start = datetime.combine(day, datetime.min.time(), MONDAY.tzinfo)
    told = [(m.feed, m.sent_at - start, m.kind) for m in simulate(7, patients, day)]
    return [one for one in told if timedelta() <= one[1] < timedelta(days=1)]


def _false_alarms(messages: Sequence[Message], **expect: object) -> int:
    watch = Watch(feed(ZONE, **expect))
    watch.play(messages, MONDAY + timedelta(weeks=WEEKS), start=MONDAY + timedelta(weeks=LEARNING), step=15)
    return len(watch.opened)


def _delay(messages: Sequence[Message], kind: AlarmKind, subject: str = "") -> float:
    return _found(without(messages, TUESDAY, TUESDAY + timedelta(days=3), subject), kind, subject)


def _found(messages: Sequence[Message], kind: AlarmKind, subject: str) -> float:
    """Minutes from Tuesday at ten to the alarm."""
    watch = Watch(feed(ZONE))
    watch.play(messages, TUESDAY + timedelta(days=3), start=TUESDAY, first_only=True)
    found = watch.of(kind, subject)
    return (found[0].opened - TUESDAY).total_seconds() / 60 if found else float("inf")

"""How each feed is: what the console and ``hub feed list`` show."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from hub.health.calendar import hour_of
from hub.health.judgement import CALM_MINUTES
from hub.health.usual import Expectation
from hub.services.context import Hub
from hub.services.health import alarms
from hub.services.health.alarms import AlarmRow
from hub.services.health.learned import Learned
from hub.services.health.traffic import BOUNDS, LABELS
from hub.settings import Feed
from hub.store import traffic
from hub.store.engine import reading, utc_text

DAY = 24


@dataclass(frozen=True, slots=True)
class TypeHealth:
    """One message type of a feed; ``expected`` messages in this hour of the week, None while too little is known."""

    type: str
    last_seen: str
    last_hour: int
    expected: float | None


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed. ``last_hour`` are messages of the last 60 minutes, ``expected`` those usual in this hour of the week
    (None while too little is known), ``day`` those of the last 24 hours, the present one last, ``refused`` the arrivals
    of the last 60 minutes that were not accepted, by condition. ``ack_p50`` and ``ack_p99`` are seconds from a whole
    message to its answer, over the last 60 minutes (None without any)."""

    name: str
    adapter: str
    last_seen: str
    last_hour: int
    expected: float | None
    day: tuple[int, ...]
    refused: dict[str, int]
    ack_p50: float | None
    ack_p99: float | None
    types: tuple[TypeHealth, ...]
    alarms: tuple[AlarmRow, ...]

    @property
    def error_rate(self) -> float:
        """The share of the last 60 minutes' arrivals that was refused."""
        refused = sum(self.refused.values())
        return refused / max(refused + self.last_hour, 1)

    @property
    def state(self) -> str:
        """``alarm`` while one is open that nobody muted; else ``never``, ``quiet`` (none for an hour) or ``good``."""
        if any(alarm.state in ("open", "acknowledged") for alarm in self.alarms):
            return "alarm"
        if not self.last_seen:
            return "never"
        return "good" if self.last_hour else "quiet"


@dataclass(frozen=True)
class _Counts:
    newest: Mapping[tuple[str, str], datetime]
    lately: Sequence[Any]
    hours: Mapping[str, Mapping[int, int]]
    hour: int


def feeds(hub: Hub, learned: Learned | None = None) -> list[FeedHealth]:
    """All feeds that are configured or have sent something, by name. Whoever asks again and again keeps ``learned``."""
    learned = learned or Learned()
    now = hub.clock.now()
    open_alarms = alarms.alarms(hub)
    with reading(hub.main) as connection:
        minute, hour = int(now.timestamp()) // 60, hour_of(now)
        counts = _Counts(
            traffic.newest(traffic.totals(connection)),
            traffic.lately(connection, minute, CALM_MINUTES),
            traffic.by_hour(connection, hour - DAY + 1),
            hour,
        )
        names = sorted({feed.name for feed in hub.site.feeds} | {name for name, _ in counts.newest})
        return [
            _health(hub.site.feed(name), counts, learned.of(connection, hub.site.feed(name), hour), open_alarms)
            for name in names
        ]


def _health(
    feed: Feed, counts: _Counts, expected: Mapping[str, Expectation], open_alarms: Sequence[AlarmRow]
) -> FeedHealth:
    hour = counts.hour
    lately: dict[str, Counter[str]] = {
        kind: Counter() for kind in (traffic.ACCEPTED, traffic.REFUSED, traffic.ANSWERED)
    }
    for row in counts.lately:
        if row.feed == feed.name:
            lately[row.kind][row.label] += row.amount

    def usual(label: str) -> float | None:
        known = expected.get(label)
        return round(known.at(hour).count, 1) if known and known.is_known else None

    def seen(label: str) -> str:
        moment = counts.newest.get((feed.name, label))
        return utc_text(moment) if moment else ""

    answered = lately[traffic.ANSWERED]
    types = sorted(label for name, label in counts.newest if name == feed.name and label != traffic.ALL)
    return FeedHealth(
        name=feed.name,
        adapter=feed.adapter.kind,
        last_seen=seen(traffic.ALL),
        last_hour=lately[traffic.ACCEPTED].total(),
        expected=usual(traffic.ALL),
        day=tuple(counts.hours.get(feed.name, {}).get(past, 0) for past in range(hour - DAY + 1, hour + 1)),
        refused=dict(sorted(lately[traffic.REFUSED].items())),
        ack_p50=quantile(answered, 0.5),
        ack_p99=quantile(answered, 0.99),
        types=tuple(TypeHealth(t, seen(t), lately[traffic.ACCEPTED][t], usual(t)) for t in types),
        alarms=tuple(alarm for alarm in open_alarms if alarm.feed == feed.name),
    )


def quantile(counts: Mapping[str, int], share: float) -> float | None:
    """The time within which this share was answered, at most: the bound of its bucket, in part where it ends inside;
    None without any. What took longer than the last bound counts as that."""
    total = sum(counts.values())
    if not total:
        return None
    rank, below, lower = share * total, 0, 0.0
    bounds = (*BOUNDS, BOUNDS[-1])
    for label, bound, upto in zip(LABELS, bounds, accumulate(counts.get(label, 0) for label in LABELS), strict=True):
        if upto >= rank and counts.get(label):
            return lower + (bound - lower) * (rank - below) / counts[label]
        below, lower = upto, bound
    return bounds[-1]

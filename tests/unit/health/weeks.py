"""Weeks of a feed in no time: messages by a profile of the week, and a watch that judges them minute by minute."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from hub.health.alarms import Alarm, AlarmKind
from hub.health.calendar import Calendar
from hub.health.judgement import ALL, CALM_MINUTES, Series, Situation, judge
from hub.health.usual import Expectation, Hour
from hub.settings import Expect, Feed, PluginUse

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)

Rate = Callable[[datetime], float]
"""Messages an hour at a local time."""


@dataclass(frozen=True)
class Message:
    at: datetime
    type: str


def hospital(peak: float) -> Rate:
    """Day and night, the most around noon, half of it at weekends."""

    def rate(local: datetime) -> float:
        hour = local.hour + local.minute / 60
        day = max(0.08, 1 - ((hour - 13) / 9) ** 2)
        return peak * day * (0.5 if local.weekday() >= 5 else 1.0)

    return rate


def clinic(peak: float) -> Rate:
    """Monday to Friday from eight to six, and nothing else."""
    return lambda local: peak if local.weekday() < 5 and 8 <= local.hour < 18 else 0.0


def at_random(
    rate: Rate, kind: str, weeks: float, *, seed: int, zone: str = "UTC", burst: int = 1, moody: float = 0.15
) -> list[Message]:
    """A Poisson process of the rate. ``burst`` messages come together on the average; each day has its own mood, a
    factor that varies so much."""
    feed = Feed(name="x", adapter=PluginUse(kind="mllp"), time_zone=zone)
    rng = Random(f"{seed}/{kind}")
    found = []
    moods: dict[object, float] = defaultdict(lambda: rng.lognormvariate(0, moody) if moody else 1.0)
    for minute in range(int(weeks * 7 * 1440)):
        moment = MONDAY + timedelta(minutes=minute)
        local = moment.astimezone(feed.zone)
        expected = rate(local) / 60 / burst * moods[local.date()]
        while (expected := expected - rng.expovariate(1)) > 0:
            size = rng.randint(1, 2 * burst - 1)
            found += [Message(moment + timedelta(seconds=rng.randrange(60)), kind) for _ in range(size)]
    return found


def nightly(kind: str, weeks: int, *, seed: int, size: int = 2000) -> list[Message]:
    """A job at two o'clock, give or take a quarter of an hour, that hands over all within three minutes."""
    rng = Random(seed)
    found = []
    for day in range(weeks * 7):
        start = MONDAY + timedelta(days=day, hours=2, minutes=rng.randint(-15, 15))
        found += [
            Message(start + timedelta(seconds=rng.randrange(180)), kind) for _ in range(rng.randint(size // 2, size))
        ]
    return found


def without(messages: Iterable[Message], start: datetime, end: datetime, kind: str = "") -> list[Message]:
    """Without those between two moments: an outage of the sender, or of one type."""
    return [m for m in messages if not (start <= m.at < end and kind in ("", m.type))]


@dataclass
class Opened:
    alarm: Alarm
    opened: datetime
    closed: datetime | None = None

    def __repr__(self) -> str:
        return (
            f"{self.alarm.kind} {self.alarm.subject} {self.opened:%a %d %H:%M}–{self.closed or ''}: {self.alarm.text}"
        )


@dataclass
class Watch:
    """Judges a feed as the hub does, and keeps what it has opened and closed."""

    feed: Feed
    opened: list[Opened] = field(default_factory=list)

    def play(
        self,
        messages: Iterable[Message],
        end: datetime,
        *,
        start: datetime | None = None,
        step: int = 1,
        first_only: bool = False,
    ) -> None:
        """From ``start`` (default: the beginning) it looks every ``step`` minutes, with ``first_only`` until it has
        opened an alarm; what it expects is learned anew each day."""
        heard = _Heard()
        left = sorted(messages, key=lambda m: m.at)
        position = 0
        now = start or MONDAY
        learned: tuple[object, dict[str, Expectation]] = (None, {})
        while now <= end:
            while position < len(left) and left[position].at <= now:
                heard.add(left[position])
                position += 1
            if learned[0] != now.date():
                learned = (now.date(), heard.expectations(self.feed, now))
            self._look(heard, learned[1], now)
            if first_only and self.opened:
                return
            now += timedelta(minutes=step)

    def _look(self, heard: "_Heard", expected: dict[str, Expectation], now: datetime) -> None:
        still = {(o.alarm.kind, o.alarm.subject): o for o in self.opened if o.closed is None}
        situation = Situation(
            feed=self.feed,
            now=now,
            listening_since=MONDAY,
            watched_since=MONDAY,
            series=heard.series(expected, now),
            open=frozenset(still),
        )
        wanted = {(alarm.kind, alarm.subject): alarm for alarm in judge(situation)}
        self.opened += [Opened(alarm, now) for key, alarm in wanted.items() if key not in still]
        for key, one in still.items():
            if key not in wanted:
                one.closed = now

    def of(self, kind: AlarmKind, subject: str = ALL) -> list[Opened]:
        return [one for one in self.opened if (one.alarm.kind, one.alarm.subject) == (kind, subject)]


class _Heard:
    def __init__(self) -> None:
        self.newest: dict[str, datetime] = {}
        self.minutes: dict[str, Counter[int]] = defaultdict(Counter)
        self.hours: dict[str, dict[int, Hour]] = defaultdict(dict)

    def add(self, message: Message) -> None:
        minute = int(message.at.timestamp()) // 60
        for subject in (ALL, message.type):
            self.newest[subject] = message.at
            anew = not self.minutes[subject][minute]
            self.minutes[subject][minute] += 1
            hour = self.hours[subject].get(minute // 60, Hour(0, 0))
            self.hours[subject][minute // 60] = Hour(hour.count + 1, hour.minutes + anew)

    def expectations(self, feed: Feed, now: datetime) -> dict[str, Expectation]:
        calendar = Calendar(int(now.timestamp()) // 3600, feed.zone, feed.expect.holidays)
        return {subject: Expectation(hours, calendar) for subject, hours in self.hours.items()}

    def series(self, expected: dict[str, Expectation], now: datetime) -> dict[str, Series]:
        minute = int(now.timestamp()) // 60
        return {
            subject: Series(
                newest=newest,
                last_hour=sum(self.minutes[subject][m] for m in range(minute - 59, minute + 1)),
                last_minutes=sum(self.minutes[subject][m] for m in range(minute - CALM_MINUTES + 1, minute + 1)),
                fullest_minute=max(self.minutes[subject][m] for m in range(minute - CALM_MINUTES + 1, minute + 1)),
                recent=self.hours[subject],
                expected=expected.get(subject),
            )
            for subject, newest in self.newest.items()
        }


def feed(zone: str = "UTC", **expect: object) -> Feed:
    return Feed(name="mercy", adapter=PluginUse(kind="mllp"), time_zone=zone, expect=Expect(**expect))  # type: ignore[arg-type]


def mixed(rate: Rate, weeks: float, *, seed: int, shares: Sequence[tuple[str, float]], **how: object) -> list[Message]:
    """A feed of several types, each with its share of the rate."""
    return [
        message
        for kind, share in shares
        for message in at_random(lambda local, s=share: s * rate(local), kind, weeks, seed=seed, **how)  # type: ignore[misc, arg-type]
    ]


ADT = (("ADT^A08", 0.5), ("ADT^A04", 0.2), ("ADT^A03", 0.18), ("ADT^A01", 0.1), ("ADT^A40", 0.02))
"""What a hospital sends, roughly."""

"""What is wrong with a feed now: the alarms that should be open, of everything that is known of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from hub.health import flood, silence
from hub.health.alarms import Alarm, AlarmKind
from hub.health.calendar import WorkingHours, hour_of, working_time
from hub.health.usual import Expectation, Hour
from hub.settings import Feed, Limits

ALL = ""
"""The series of the feed itself, beside those of its types."""

CALM_MINUTES = 20
CALM = 0.5
"""A flood is over when so many minutes brought less than this share of the limit."""

RISEN = 2.0
"""Where the rest of the feed has more than so many times the usual, a flood is the feed's and not the type's."""

LEAST_RISE = 5
"""Messages of the rest in these minutes."""

LEAST_REFUSALS = 20
"""In the last hour; fewer are single messages."""

FILE_WINDOW = timedelta(hours=12)
"""So long before its time a file counts as the one that is expected."""


@dataclass(frozen=True)
class Series:
    """The present of a feed or type: ``newest`` arrival, messages of the last 60 minutes and of the last 20, and the
    most in one of these 20; ``recent`` are the hours of the last days, the present one included."""

    newest: datetime | None = None
    last_hour: int = 0
    last_minutes: int = 0
    fullest_minute: int = 0
    recent: Mapping[int, Hour] = field(default_factory=dict)
    expected: Expectation | None = None


@dataclass(frozen=True)
class Situation:
    """All that a feed is judged by. ``listening_since`` is when the hub began to listen (None: it does not);
    ``watched_since`` when it was first watched at all; ``file_seen`` the newest arrival of the expected file;
    ``open`` the alarms that are open, as kind and subject."""

    feed: Feed
    now: datetime
    listening_since: datetime | None
    watched_since: datetime
    series: Mapping[str, Series]
    refused: int = 0
    file_seen: datetime | None = None
    open: frozenset[tuple[AlarmKind, str]] = frozenset()

    @property
    def hours(self) -> WorkingHours:
        expect = self.feed.expect
        return WorkingHours(self.feed.zone, expect.days, expect.between, expect.holidays)

    def of(self, subject: str) -> Series:
        return self.series.get(subject, Series())


def judge(at: Situation) -> list[Alarm]:
    """The alarms that should be open now. At most one for each kind and subject."""
    return [*_silences(at), *_floods(at), *_refusals(at), *_files(at)]


def due(hours: WorkingHours, by: int, now: datetime) -> datetime | None:
    """When the file was last due; None when that is more than two weeks ago."""
    today = now.astimezone(hours.zone).date()
    days = (today - timedelta(days=back) for back in range(15))
    return next((at for day in days if hours.is_worked(day) and (at := hours.at(day, by)) <= now), None)


# --- silence ---


def _silences(at: Situation) -> Iterator[Alarm]:
    for subject in sorted({*at.series, *at.feed.expect.types}):
        series = at.of(subject)
        if since := _quiet_since(at, subject, series):
            yield from _silence(at, subject, series, since)
        elif (AlarmKind.SILENT, subject) in at.open:  # the hub does not listen: nothing is known of it
            yield _silent(at, subject, "", series)


def _quiet_since(at: Situation, subject: str, series: Series) -> datetime | None:
    """Since when nothing came though the hub listened. An alarm stays open when the hub starts anew."""
    if series.newest and (AlarmKind.SILENT, subject) in at.open:
        return series.newest
    return at.listening_since and max(filter(None, (series.newest, at.listening_since)))


def _silence(at: Situation, subject: str, series: Series, since: datetime) -> Iterator[Alarm]:
    longest = _limits(at.feed, subject).silent_after
    if longest and working_time(since, at.now, at.hours) > longest:
        yield _silent(at, subject, f"one within {_length(longest)}", series)
    elif at.feed.expect.learn and at.now - since >= silence.LEAST_SILENCE and _is_surprising(at, subject, since):
        yield _silent(at, subject, _usually(series, at.now), series)


def _is_surprising(at: Situation, subject: str, since: datetime) -> bool:
    """Only what has been heard before is missed."""
    whole = at.of(ALL)
    expected, rest = at.of(subject).expected, whole.expected
    if not (expected and rest and expected.is_known and rest.is_known):
        return False
    if subject == ALL:
        return silence.surprise(expected, since, at.now) > 1
    return silence.surprise_of_type(expected, rest, whole.recent, since, at.now) > 1


def _silent(at: Situation, subject: str, expected: str, series: Series) -> Alarm:
    seen = f"none for {_length(at.now - series.newest)}" if series.newest else "none yet"
    return Alarm(AlarmKind.SILENT, at.feed.name, subject, expected, seen)


def _usually(series: Series, now: datetime) -> str:
    assert series.expected, "there was a surprise"
    return f"about {_number(series.expected.at(hour_of(now)).count)} an hour at this time of the week"


# --- floods ---


def _floods(at: Situation) -> Iterator[Alarm]:
    """First the types that flood by themselves; what they bring is not held against the feed."""
    types: list[Alarm] = []
    if (AlarmKind.FLOOD, ALL) not in at.open:
        types = [alarm for subject in sorted(at.series) if subject != ALL for alarm in _flood_of_type(at, subject)]
    yield from types
    series = at.of(ALL)
    theirs = [at.of(alarm.subject) for alarm in types]
    yield from _flood(
        at,
        ALL,
        replace(
            series,
            last_hour=series.last_hour - sum(each.last_hour for each in theirs),
            last_minutes=series.last_minutes - sum(each.last_minutes for each in theirs),
        ),
    )


def _flood_of_type(at: Situation, subject: str) -> Iterator[Alarm]:
    is_open = (AlarmKind.FLOOD, subject) in at.open
    if is_open or _limits(at.feed, subject).at_most or not _rest_has_risen(at, subject):
        yield from _flood(at, subject, at.of(subject))


def _flood(at: Situation, subject: str, series: Series) -> Iterator[Alarm]:
    most = _limits(at.feed, subject).at_most
    if most and (came := series.fullest_minute if most.minutes == 1 else series.last_hour) > most.count:
        unit = "a minute" if most.minutes == 1 else "an hour"
        yield Alarm(AlarmKind.FLOOD, at.feed.name, subject, f"at most {most}", f"{_number(came)} in {unit}")
    elif at.feed.expect.learn and series.expected and series.expected.is_known:
        limit = flood.limit(series.expected, hour_of(at.now), series.recent)
        if _floods_now(series, limit, is_open=(AlarmKind.FLOOD, subject) in at.open):
            usual = f"{_usually(series, at.now)}, at most {_number(limit)}"
            yield Alarm(AlarmKind.FLOOD, at.feed.name, subject, usual, f"{_number(series.last_hour)} in the last hour")


def _floods_now(series: Series, limit: float, *, is_open: bool) -> bool:
    """It begins with too much in an hour, and ends when the pace has been moderate for a while."""
    pace = series.last_minutes * 60 / CALM_MINUTES
    return pace > limit * CALM if is_open else series.last_hour > limit and pace > limit


def _rest_has_risen(at: Situation, subject: str) -> bool:
    series, whole = at.of(subject), at.of(ALL)
    if not (series.expected and whole.expected):
        return False
    hours = (hour_of(at.now) - 1, hour_of(at.now))
    usual = max(whole.expected.at(hour).count - series.expected.at(hour).count for hour in hours)
    rest = whole.last_minutes - series.last_minutes
    return rest >= LEAST_RISE and rest * 60 / CALM_MINUTES > RISEN * usual


# --- refusals and files ---


def _refusals(at: Situation) -> Iterator[Alarm]:
    accepted = at.of(ALL).last_hour
    share = at.refused / max(accepted + at.refused, 1)
    if at.refused >= LEAST_REFUSALS and share > at.feed.expect.refused:
        seen = f"{share:.0%} of {accepted + at.refused} refused in the last hour"
        yield Alarm(AlarmKind.REFUSALS, at.feed.name, "", f"at most {at.feed.expect.refused:.0%}", seen)


def _files(at: Situation) -> Iterator[Alarm]:
    expect = at.feed.expect
    if expect.by is None or (when := due(at.hours, expect.by, at.now)) is None or when <= at.watched_since:
        return
    if at.file_seen is None or at.file_seen < when - FILE_WINDOW:
        local = when.astimezone(at.feed.zone)
        expected = f"one by {local:%H:%M} on {_day(local.date())}"
        seen = f"the last one came {at.file_seen:%Y-%m-%d %H:%M} UTC" if at.file_seen else "none came"
        yield Alarm(AlarmKind.FILE, at.feed.name, expect.file, expected, seen)


# --- words ---


def _limits(feed: Feed, subject: str) -> Limits:
    return feed.expect if subject == ALL else feed.expect.types.get(subject, Limits())


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 10 and value != int(value) else f"{value:,.0f}"


def _day(day: date) -> str:
    return f"{day:%a} {day.isoformat()}"

"""Which hours are alike: the hour of the week in the feed's time zone, with holidays as Sundays."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

WEEKS = 8
"""So far back the usual is learned."""

HOURS = 7 * 24

SUNDAY = 6


def hour_of(moment: datetime) -> int:
    """The hour of an aware moment, counted in UTC from 1970."""
    return int(moment.timestamp()) // 3600


def start_of(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)


class Calendar:
    """The hours before ``now`` (an hour), as a feed lives them. Where summer time begins an hour of the week is missing
    once, where it ends one is there twice; both are as they are."""

    def __init__(self, now: int, zone: ZoneInfo, holidays: Collection[date] = ()) -> None:
        self.now = now
        self._zone = zone
        self._holidays = frozenset(holidays)

    def key(self, hour: int) -> int:
        """The hour of the week, from 0 on Monday at midnight."""
        local = start_of(hour).astimezone(self._zone)
        day = SUNDAY if local.date() in self._holidays else local.weekday()
        return day * 24 + local.hour

    @cached_property
    def past(self) -> list[tuple[int, int]]:
        """The complete hours of the last weeks with their keys, the oldest first."""
        return [(hour, self.key(hour)) for hour in range(self.now - WEEKS * HOURS, self.now)]


def working_time(start: datetime, end: datetime, hours: "WorkingHours") -> timedelta:
    """How much of the time between two moments lies in working hours."""
    total = timedelta()
    day = start.astimezone(hours.zone).date()
    while day <= end.astimezone(hours.zone).date():
        opens, closes = hours.of(day)
        total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return total


class WorkingHours:
    """When somebody works there: on these days of the week (0 is Monday), between two times of the day in minutes."""

    def __init__(
        self, zone: ZoneInfo, days: Collection[int], between: tuple[int, int], holidays: Collection[date] = ()
    ) -> None:
        self.zone = zone
        self._days = frozenset(days)
        self._between = between
        self._holidays = frozenset(holidays)

    def is_worked(self, day: date) -> bool:
        return day.weekday() in self._days and day not in self._holidays

    def of(self, day: date) -> tuple[datetime, datetime]:
        """When work begins and ends on the day; at the same moment where there is none."""
        opens, closes = (self.at(day, minute) for minute in self._between)
        return (opens, closes) if self.is_worked(day) else (opens, opens)

    def at(self, day: date, minute: int) -> datetime:
        """A time of the day, in UTC; 1440 is the next midnight."""
        midnight = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - made local below
        return midnight.replace(tzinfo=self.zone).astimezone(UTC)

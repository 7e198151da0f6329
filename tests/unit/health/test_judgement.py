from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.health import flood
from hub.health.alarms import AlarmKind
from hub.health.calendar import HOURS, WEEKS, Calendar, WorkingHours, hour_of, start_of, working_time
from hub.health.judgement import ALL, Series, Situation, due, judge
from hub.health.silence import surprise
from hub.health.usual import Expectation, Hour
from tests.unit.health.weeks import feed

NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
"""A Tuesday at noon in New York."""

LONG_AGO = NOON - timedelta(days=100)


def situation(
    now: datetime = NOON, *, newest: datetime | None = None, zone: str = "UTC", **expect: object
) -> Situation:
    one = Series(newest=newest)
    return Situation(feed(zone, **expect), now, LONG_AGO, LONG_AGO, {ALL: one} if newest else {})


def kinds(at: Situation) -> list[AlarmKind]:
    return [alarm.kind for alarm in judge(at)]


def test_fixed_silence() -> None:
    """Nothing for longer than the file says is silence, whatever was learned."""
    at = situation(newest=NOON - timedelta(hours=2, minutes=1), silent_after="2h")
    assert kinds(at) == [AlarmKind.SILENT]
    assert kinds(replace(at, now=NOON - timedelta(minutes=2))) == []


def test_silence_counts_in_working_hours() -> None:
    """Between Friday evening and Monday morning no time passes."""
    friday = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)  # 18:30 in New York
    how = {"silent_after": "2h", "on": "weekdays", "between": "07:00-19:00", "zone": "America/New_York"}
    assert kinds(situation(datetime(2026, 3, 9, 12, 29, tzinfo=UTC), newest=friday, **how)) == []  # type: ignore[arg-type]
    assert kinds(situation(datetime(2026, 3, 9, 12, 31, tzinfo=UTC), newest=friday, **how)) == [AlarmKind.SILENT]  # type: ignore[arg-type]


def test_a_hub_that_did_not_listen_heard_nothing() -> None:
    """The hub's own absence is not the feed's silence; what was silent before stays so until it is heard."""
    at = replace(
        situation(newest=NOON - timedelta(days=1), silent_after="2h"), listening_since=NOON - timedelta(hours=1)
    )
    assert kinds(at) == []
    still = replace(at, open=frozenset({(AlarmKind.SILENT, ALL)}))
    assert kinds(still) == [AlarmKind.SILENT]
    assert kinds(replace(still, listening_since=None)) == [AlarmKind.SILENT]
    assert kinds(replace(still, series={ALL: Series(newest=NOON)})) == []


def test_a_type_has_a_threshold_of_its_own() -> None:
    """What the file says of a type holds for it alone, though it never came."""
    at = situation(newest=NOON, types={"ADT^A03": {"silent_after": "1d"}})
    assert [(alarm.kind, alarm.subject) for alarm in judge(at)] == [(AlarmKind.SILENT, "ADT^A03")]


@pytest.mark.parametrize(("most", "hour", "minute", "floods"), [
    ("500/min", 9000, 501, True), ("500/min", 9000, 500, False), ("100/h", 101, 3, True), ("100/h", 100, 60, False),
])  # fmt: skip
def test_fixed_floods(most: str, hour: int, minute: int, floods: bool) -> None:
    """More in a minute, or in an hour, than the file says is a flood."""
    at = replace(situation(at_most=most), series={ALL: Series(NOON, last_hour=hour, fullest_minute=minute)})
    assert kinds(at) == ([AlarmKind.FLOOD] if floods else [])


def test_refusals() -> None:
    """More than the share that is allowed, of enough to speak of a share."""
    at = replace(situation(), series={ALL: Series(NOON, last_hour=100)})
    assert kinds(replace(at, refused=40)) == [AlarmKind.REFUSALS]
    assert kinds(replace(at, refused=20)) == []
    assert kinds(replace(at, refused=19, series={})) == []


class TestExpectedFile:
    """A census that comes by half past seven in New York on weekdays."""

    MORNING = datetime(2026, 3, 3, 12, 31, tzinfo=UTC)
    EXPECT = {"zone": "America/New_York", "file": "census_*.csv", "by": "07:30", "on": "weekdays"}  # noqa: RUF012

    def at(self, now: datetime, seen: datetime | None) -> list[AlarmKind]:
        return kinds(replace(situation(now, **self.EXPECT), file_seen=seen))  # type: ignore[arg-type]

    def test_it_came(self) -> None:
        """One of the hours before its time is the one."""
        assert self.at(self.MORNING, self.MORNING - timedelta(hours=3)) == []

    def test_it_did_not_come(self) -> None:
        """Yesterday's is not today's; before its time none is missed."""
        yesterday = self.MORNING - timedelta(days=1)
        assert self.at(self.MORNING, yesterday) == [AlarmKind.FILE]
        assert self.at(self.MORNING, None) == [AlarmKind.FILE]
        assert self.at(self.MORNING - timedelta(minutes=2), yesterday) == []

    def test_it_comes_late(self) -> None:
        """A late one ends the alarm."""
        assert self.at(self.MORNING + timedelta(hours=5), self.MORNING + timedelta(hours=4)) == []

    def test_none_at_the_weekend(self) -> None:
        """On Sunday that of Friday is the newest that was due."""
        assert self.at(datetime(2026, 3, 8, 20, tzinfo=UTC), datetime(2026, 3, 6, 12, tzinfo=UTC)) == []

    def test_not_before_the_hub_watched(self) -> None:
        """What was due before the hub watched at all is not missed."""
        at = replace(situation(self.MORNING, **self.EXPECT), watched_since=self.MORNING)  # type: ignore[arg-type]
        assert kinds(at) == []


def test_files_are_due_by_the_local_clock() -> None:
    """Half past seven in New York is another time of UTC in summer."""
    hours = WorkingHours(ZoneInfo("America/New_York"), range(7), (0, 1440))
    assert due(hours, 450, datetime(2026, 3, 7, 18, tzinfo=UTC)) == datetime(2026, 3, 7, 12, 30, tzinfo=UTC)
    assert due(hours, 450, datetime(2026, 3, 8, 18, tzinfo=UTC)) == datetime(2026, 3, 8, 11, 30, tzinfo=UTC)


HOUR = hour_of(NOON)
UTC_CALENDAR = Calendar(HOUR, ZoneInfo("UTC"))


@given(st.dictionaries(st.integers(HOUR - WEEKS * HOURS, HOUR - 1), st.integers(1, 10_000), max_size=300), st.data())
def test_what_is_expected_lies_within_what_came(counts: dict[int, int], data: st.DataObject) -> None:
    """Whatever came, an hour's usual is between the least and the most of its weeks, and one odd week does not move it
    beyond the others."""
    history = {hour: Hour(count, min(count, 60)) for hour, count in counts.items()}
    expected = Expectation(history, UTC_CALENDAR)
    hour = data.draw(st.integers(HOUR, HOUR + HOURS - 1))
    alike = sorted(counts.get(hour - HOURS * n, 0) for n in range(1, WEEKS + 1))
    assert 0 <= expected.at(hour).count <= alike[-2] if expected.is_known else True
    assert expected.count_spread >= 1
    assert expected.minute_spread >= 1


@given(st.integers(1, 60), st.integers(0, 500), st.integers(0, 500))
def test_longer_silence_is_more_surprising(rate: int, first: int, more: int) -> None:
    """The surprise only grows with the time."""
    history = {HOUR - n: Hour(rate, min(rate, 60)) for n in range(1, WEEKS * HOURS + 1)}
    expected = Expectation(history, UTC_CALENDAR)
    since = NOON - timedelta(minutes=first)
    assert surprise(expected, since, NOON) <= surprise(expected, since - timedelta(minutes=more), NOON)


@given(st.integers(0, 2000), st.integers(0, 500))
def test_the_limit_of_a_flood_rises_with_the_usual(rate: int, more: int) -> None:
    """A busier feed may send more, and never less than three times what is usual."""
    limits = []
    for each in (rate, rate + more):
        history = {HOUR - n: Hour(each, min(each, 60)) for n in range(1, WEEKS * HOURS + 1)}
        limits.append(flood.limit(Expectation(history, UTC_CALENDAR), HOUR, history))
    assert 3 * rate <= limits[0] <= limits[1]


@given(st.integers(0, 60 * 24 * 365), st.integers(0, 60 * 24 * 20))
def test_working_time_is_part_of_the_time(start: int, minutes: int) -> None:
    """Never more than the time itself, and all of it where the hours are all hours, whatever the clocks do."""
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    end = begin + timedelta(minutes=minutes)
    zone = ZoneInfo("America/New_York")
    some = WorkingHours(zone, range(5), (7 * 60, 19 * 60))
    assert timedelta() <= working_time(begin, end, some) <= end - begin
    assert working_time(begin, end, WorkingHours(zone, range(7), (0, 1440))) == end - begin


def test_hours_of_the_week_follow_the_zone() -> None:
    """In the week after the change eight o'clock is still eight o'clock."""
    calendar = Calendar(HOUR, ZoneInfo("America/New_York"))
    before, after = datetime(2026, 3, 2, 13, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert calendar.key(hour_of(before)) == calendar.key(hour_of(after)) == 8
    assert start_of(hour_of(before)) == before

"""Simulated weeks of feeds: what is usual raises nothing, what is not raises one alarm, and it ends by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.health.alarms import AlarmKind
from tests.unit.health.weeks import (
    ADT,
    MONDAY,
    Message,
    Opened,
    Watch,
    at_random,
    clinic,
    feed,
    hospital,
    mixed,
    nightly,
    without,
)

TUESDAY = MONDAY + timedelta(weeks=5, days=1, hours=10)
EVENING = TUESDAY - timedelta(hours=12)


@pytest.fixture(scope="module")
def weeks() -> list[Message]:
    """Six weeks of a hospital with 60 messages an hour at noon."""
    return mixed(hospital(60), 6, seed=1, shares=ADT)


def played(messages: list[Message], start: datetime, hours: float, *, step: int = 1, **how: object) -> Watch:
    watch = Watch(feed(**how))  # type: ignore[arg-type]
    watch.play(messages, start + timedelta(hours=hours), start=start, step=step)
    return watch


def only(watch: Watch) -> Opened:
    (one,) = watch.opened
    return one


def test_usual_weeks_raise_nothing(weeks: list[Message]) -> None:
    """A week with its quiet nights and its weekend has no alarm."""
    assert played(weeks, MONDAY + timedelta(weeks=5), 7 * 24 - 1, step=5).opened == []


def test_a_feed_that_stops(weeks: list[Message]) -> None:
    """One alarm within half an hour, which ends with the first message; its types raise none of their own."""
    alarm = only(played(without(weeks, TUESDAY, TUESDAY + timedelta(hours=6)), EVENING, 30))
    assert (alarm.alarm.kind, alarm.alarm.subject) == (AlarmKind.SILENT, "")
    assert timedelta() < alarm.opened - TUESDAY < timedelta(minutes=30)
    first = min(m.at for m in weeks if m.at >= TUESDAY + timedelta(hours=6))
    assert alarm.closed
    assert timedelta() <= alarm.closed - first < timedelta(minutes=1)


def test_a_type_that_stops(weeks: list[Message]) -> None:
    """Discharges that stop while all else flows raise an alarm of their own, and only that."""
    alarm = only(played(without(weeks, TUESDAY, TUESDAY + timedelta(hours=8), "ADT^A03"), EVENING, 30))
    assert (alarm.alarm.kind, alarm.alarm.subject) == (AlarmKind.SILENT, "ADT^A03")
    assert alarm.opened - TUESDAY < timedelta(hours=3)
    assert alarm.closed


def test_a_type_that_floods(weeks: list[Message]) -> None:
    """Ten times as many updates raise one alarm, of their type; it ends when the flood does."""
    more = [Message(TUESDAY + timedelta(seconds=6 * n), "ADT^A08") for n in range(1200)]
    alarm = only(played(weeks + more, EVENING, 30))
    assert (alarm.alarm.kind, alarm.alarm.subject) == (AlarmKind.FLOOD, "ADT^A08")
    assert alarm.opened - TUESDAY < timedelta(minutes=15)
    assert alarm.closed
    assert alarm.closed - more[-1].at < timedelta(minutes=30)


def test_a_feed_that_floods(weeks: list[Message]) -> None:
    """Ten times as much of everything is one alarm, of the feed."""
    two_hours = [m for m in weeks if TUESDAY <= m.at < TUESDAY + timedelta(hours=2)]
    alarm = only(played(weeks + two_hours * 10, EVENING, 30))
    assert (alarm.alarm.kind, alarm.alarm.subject) == (AlarmKind.FLOOD, "")
    assert alarm.closed


def test_catching_up_is_no_flood(weeks: list[Message]) -> None:
    """What gathered during an outage may come all at once after it: the silence is the only alarm."""
    back = TUESDAY + timedelta(hours=4)
    gathered = [
        Message(back + timedelta(seconds=n), m.type) for n, m in enumerate(m for m in weeks if TUESDAY <= m.at < back)
    ]
    alarm = only(played(without(weeks, TUESDAY, back) + gathered, EVENING, 30))
    assert alarm.alarm.kind is AlarmKind.SILENT


def test_a_clinic_is_closed_at_night(tmp_path: object) -> None:
    """A feed of business hours is not missed at night or over the weekend, but at once on Monday morning."""
    zone = "America/New_York"
    messages = at_random(clinic(40), "SIU^S12", 7, seed=2, zone=zone)
    friday, monday = MONDAY + timedelta(weeks=5, days=4, hours=12), MONDAY + timedelta(weeks=6, hours=12)
    alarm = only(played(without(messages, monday, monday + timedelta(days=1)), friday, 84, zone=zone))
    opens = datetime(2026, 2, 16, 13, tzinfo=UTC)  # eight o'clock in New York
    assert timedelta() < alarm.opened - opens < timedelta(hours=1)


def test_the_clock_changes() -> None:
    """In the week after the change to summer time a clinic opens an hour earlier by UTC, and nobody is alarmed."""
    zone = "America/New_York"
    start = datetime(2026, 3, 8, tzinfo=UTC)
    messages = at_random(clinic(40), "SIU^S12", 10, seed=3, zone=zone)
    assert played(messages, start, 6 * 24, step=5, zone=zone).opened == []


def test_holidays() -> None:
    """A day that the feed's file names as a holiday is taken for a Sunday; without that it is a silent feed."""
    zone, day = "America/New_York", datetime(2026, 2, 16, 5, tzinfo=UTC)
    messages = without(at_random(clinic(40), "SIU^S12", 7, seed=4, zone=zone), day, day + timedelta(days=1))
    assert len(played(messages, day, 24, step=5, zone=zone).opened) == 1
    assert played(messages, day, 24, step=5, zone=zone, holidays=("2026-02-16",)).opened == []


def test_a_nightly_job_is_not_missed_too_soon() -> None:
    """A job that hands over all in three minutes, now earlier and now later, raises nothing."""
    assert played(nightly("row", 6, seed=5), MONDAY + timedelta(weeks=4), 14 * 24, step=5).opened == []


def test_nothing_is_learned_from_two_weeks(weeks: list[Message]) -> None:
    """With too little evidence only fixed thresholds alarm."""
    start = MONDAY + timedelta(weeks=2)
    gone = without(weeks, start, start + timedelta(days=1))
    assert played(gone, start, 20, step=5).opened == []
    assert only(played(gone, start, 20, step=5, silent_after="2h")).opened - start < timedelta(hours=2.2)


def test_an_odd_week_is_not_the_usual(weeks: list[Message]) -> None:
    """A day without messages weeks ago neither raises nor hides an alarm now."""
    day = TUESDAY - timedelta(weeks=2, hours=10)
    odd = without(weeks, day, day + timedelta(days=1))
    assert played(odd, EVENING, 30, step=5).opened == []
    assert len(played(without(odd, TUESDAY, TUESDAY + timedelta(hours=6)), EVENING, 30, step=5).opened) == 1

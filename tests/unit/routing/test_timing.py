from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model import Notification, Role, Urgency
from hub.routing.timing import escalates_at, next_at, timing
from hub.settings import Escalation, Hears, PluginUse, Practice, Quiet, When

NEW_YORK = "America/New_York"
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""A Monday, 12:00 in New York."""
NIGHT = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
"""23:00 there."""

NOTICE = Notification(
    event_id="e",
    event_key="k",
    version=1,
    practice_id="busy",
    npi="",
    role=Role.PCP,
    person_id="p",
    message_id="m",
    kind="discharge",
    urgency=Urgency.HIGH,
    title="t",
    text="",
    rule="r",
    reasons=(),
    occurred_at="2026-03-02T11:30:00-05:00",
    created_at="2026-03-02T17:00:00.000000Z",
)


def practice(**more: object) -> Practice:
    return Practice.model_validate({"id": "busy", "name": "Busy", "time_zone": NEW_YORK, **more})


def test_without_wishes_a_practice_hears_at_once() -> None:
    assert timing(practice(), NOTICE, NIGHT).at == NIGHT


def test_the_first_wish_that_is_about_the_notice_counts() -> None:
    """A practice may want discharges in the digest, and nothing else of that urgency at all."""
    wishes = (
        Hears(kinds=("discharge",), when=When.DIGEST),
        Hears(urgency=(Urgency.HIGH,), when=When.OFF),
    )
    asked = practice(hears=wishes)
    assert timing(asked, NOTICE, NOON).at == datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
    off = timing(asked, replace(NOTICE, kind="inpatient-admit"), NOON)
    assert (off.at, off.why) == (None, "the practice does not want to hear of inpatient-admit")
    assert timing(asked, replace(NOTICE, kind="ed-arrival", urgency=Urgency.MEDIUM), NOON).at == NOON


def test_what_is_urgent_waits_for_nothing_but_is_not_sent_unwanted() -> None:
    urgent = replace(NOTICE, urgency=Urgency.URGENT)
    asked = practice(quiet=Quiet(), coalesce=120, hears=(Hears(kinds=("discharge",), when=When.DIGEST),))
    assert timing(asked, urgent, NIGHT).at == NIGHT
    assert timing(practice(hears=(Hears(when=When.OFF),)), urgent, NIGHT).at is None


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (NOON, NOON),
        (NIGHT, datetime(2026, 3, 3, 12, 0, tzinfo=UTC)),
        (datetime(2026, 3, 3, 0, 0, tzinfo=UTC), datetime(2026, 3, 3, 12, 0, tzinfo=UTC)),
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), datetime(2026, 3, 3, 12, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 4, 0, tzinfo=UTC), datetime(2026, 3, 8, 11, 0, tzinfo=UTC)),
    ],
    ids=["noon", "night", "19:00 itself", "07:00 itself", "the night when clocks go forward"],
)
def test_quiet_hours_are_those_of_the_practice(now: datetime, at: datetime) -> None:
    """Between 19:00 and 07:00 local time everything but what is urgent waits, whatever the clocks do that night."""
    assert timing(practice(quiet=Quiet()), NOTICE, now).at == at


def test_all_but_an_emergency_arrival_settles_first() -> None:
    asked = practice(coalesce=120)
    assert timing(asked, NOTICE, NOON).at == datetime(2026, 3, 2, 17, 2, tzinfo=UTC)
    assert timing(asked, replace(NOTICE, kind="ed-arrival"), NOON).at == NOON


def test_what_comes_days_later_is_for_the_digest_however_urgent() -> None:
    """72 hours after it happened nobody need be called; the digest says that it is late."""
    late = replace(NOTICE, urgency=Urgency.URGENT, occurred_at="2026-02-27T11:59:00-05:00")
    told = timing(practice(), late, NOON)
    assert (told.at, told.why[:4]) == (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), "late")
    assert timing(practice(), replace(late, occurred_at="2026-02-27T12:01:00-05:00"), NOON).at == NOON
    assert timing(practice(late=0), late, NOON).at == NOON


def test_an_escalation_waits_for_minutes_or_for_the_next_business_day() -> None:
    """A Friday's is due on Monday, or on Tuesday when Monday is a holiday of the practice."""
    pager = PluginUse(kind="inbox")
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    soon = Escalation(urgency=Urgency.URGENT, after=30, channel=pager)
    then = Escalation(urgency=Urgency.HIGH, at=time(10), channel=pager)
    assert escalates_at(practice(), soon, friday) == datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
    assert escalates_at(practice(), then, friday) == datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
    closed = practice(holidays=(date(2026, 3, 9),))
    assert escalates_at(closed, then, friday) == datetime(2026, 3, 10, 14, 0, tzinfo=UTC)


@given(
    now=st.integers(0, 2 * 365 * 24 * 60).map(lambda m: NOON + timedelta(minutes=m)),
    local=st.times().map(lambda t: t.replace(microsecond=0)),
    zone=st.sampled_from([NEW_YORK, "UTC", "Europe/Berlin", "Pacific/Auckland", "Asia/Kolkata"]),
)
def test_the_next_time_of_a_clock_is_within_a_day(now: datetime, local: time, zone: str) -> None:
    """It is always ahead, and never further than a day and the hour that clocks may move."""
    ahead = next_at(practice(time_zone=zone), local, now) - now
    assert 0 < ahead.total_seconds() <= 25 * 3600

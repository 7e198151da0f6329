from datetime import datetime

import pytest

from hub.routing.referrals.fold import fold
from hub.routing.referrals.timers import due_at, escalated_to, next_step, overdue_days, timetable, visit_due
from hub.routing.statements import ReferralSignal
from hub.settings import Referrals, Timing
from tests.unit.routing.referrals.referral_signals import loop_of_march, numbered, requested, signal


@pytest.mark.parametrize(
    ("signals", "due", "owner"),
    [
        (loop_of_march()[:1], "2026-03-12", "specialist"),
        (loop_of_march()[:2], "2026-03-17", "specialist"),
        (loop_of_march()[:3], "2026-03-31", "specialist"),
        (loop_of_march()[:4], "2026-03-18", "coordinator"),
        (loop_of_march(), "2026-03-25", "pcp"),
        ([requested(priority="urgent")], "2026-03-10", "specialist"),
        ([requested(priority="asap")], "2026-03-10", "specialist"),
        ([requested(priority="stat")], "2026-03-09T14:00:00-04:00", "specialist"),
        ([*loop_of_march(), signal("reviewed", "2026-03-21T09:00")], "", ""),
    ],
)
def test_each_state_has_its_timer(signals: list[ReferralSignal], due: str, owner: str) -> None:
    """What is due next depends on the state and the priority; nothing is due when the loop is closed."""
    referral = fold(signals)
    step = next_step(referral)
    assert due_at(referral) == due
    assert (step.owner if step else "") == owner


def test_an_appointment_without_a_time_is_due_with_the_referral() -> None:
    """When nobody said when the appointment is, the note is not due before the visit would be."""
    assert due_at(fold([requested(), numbered("scheduled", "2026-03-11T09:00")])) == "2026-03-23"


def test_the_day_that_was_asked_for_bounds_the_booking() -> None:
    """An appointment is to be made before the day on which the visit is due, when that is sooner (TQ1-8)."""
    sooner = requested(due="2026-03-13")
    assert due_at(fold([sooner, loop_of_march()[1]])) == "2026-03-13"
    assert visit_due(fold([requested(due="no date")])) == "2026-04-08"


def test_a_practice_has_its_own_spans_and_holidays() -> None:
    """What a practice says holds over what the site says; its holidays are no business days."""
    site = Referrals(timers={"accept": {"routine": "2 bd"}, "review": {"routine": "1 bd"}}, holidays=["2026-03-10"])  # type: ignore[arg-type,list-item]
    practice = Timing(timers={"accept": {"routine": "5 bd"}}, holidays=["2026-03-11"])  # type: ignore[arg-type,list-item]
    asked, answered = fold(loop_of_march()[:1]), fold(loop_of_march())
    assert due_at(asked, timetable(site, Timing())) == "2026-03-12"
    assert due_at(asked, timetable(site, practice)) == "2026-03-18"
    assert due_at(answered, timetable(site, practice)) == "2026-03-23"


@pytest.mark.parametrize(
    ("priority", "now", "to"),
    [
        ("routine", "2026-03-12T10:00:00-04:00", ""),
        ("routine", "2026-03-13T10:00:00-04:00", "coordinator"),
        ("routine", "2026-03-20T10:00:00-04:00", "pcp"),
        ("routine", "2026-03-27T10:00:00-04:00", "manager"),
        ("urgent", "2026-03-12T10:00:00-04:00", "pcp"),
        ("stat", "2026-03-09T14:30:00-04:00", "coordinator"),
        ("stat", "2026-03-09T15:30:00-04:00", "pcp"),
        ("stat", "2026-03-09T19:00:00-04:00", "manager"),
    ],
)
def test_what_is_not_done_goes_up(priority: str, now: str, to: str) -> None:
    """An overdue step is the coordinator's, then the PCP's, then the manager's, sooner the more urgent it is."""
    asked = fold([requested(priority=priority)])
    assert escalated_to(due_at(asked), asked.priority, datetime.fromisoformat(now)) == to


def test_a_second_missed_visit_asks_for_a_decision() -> None:
    """After the second missed visit it is the PCP who decides."""
    again = signal("no-show", "2026-03-20T11:00", keys=loop_of_march()[3].keys)
    step = next_step(fold([*loop_of_march()[:5], again]))
    assert step is not None
    assert step.owner == "pcp"


@pytest.mark.parametrize(
    ("due", "days"),
    [
        ("2026-03-12", 0),
        ("2026-03-11", 1),
        ("2026-03-12T09:00:00-04:00", 1),
        ("2026-03-12T11:00:00-04:00", 0),
        ("", 0),
    ],
)
def test_overdue_counts_local_days(due: str, days: int) -> None:
    """A date is overdue from the next local day on, a moment at once."""
    assert overdue_days(due, datetime.fromisoformat("2026-03-12T10:00:00-04:00")) == days

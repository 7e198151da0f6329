from datetime import datetime

import pytest

from hub.routing.referrals.fold import fold
from hub.routing.referrals.timers import due_at, next_step, overdue_days
from hub.routing.statements import ReferralSignal
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

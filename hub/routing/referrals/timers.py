"""What is to happen next to a referral, who is to do it and by when.

Spans: ``h`` hours, ``d`` calendar days, ``bd`` business days. What is counted in days is due at the end of a local
day and written as a date; what is counted in hours is a moment.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from hub.routing.business_days import add_business_days
from hub.routing.referrals.fold import Referral
from hub.routing.referrals.states import State

TIMERS: dict[str, dict[str, str]] = {
    "accept": {"stat": "4 h", "urgent": "1 bd", "routine": "3 bd"},
    "schedule": {"stat": "0 d", "urgent": "2 bd", "routine": "7 d"},
    "visit": {"stat": "1 d", "urgent": "7 d", "routine": "30 d"},
    "note": {"stat": "1 d", "urgent": "3 d", "routine": "14 d"},
    "review": {"stat": "4 h", "urgent": "1 bd", "routine": "3 bd"},
    "decide": {"stat": "1 bd", "urgent": "1 bd", "routine": "1 bd"},
}
_LIKE = {"asap": "urgent"}


class Next(NamedTuple):
    """Who does what next, under which timer."""

    timer: str
    owner: str
    action: str


NEXT: dict[State, Next] = {
    State.DRAFT: Next("accept", "coordinator", "find the request"),
    State.REQUESTED: Next("accept", "specialist", "accept or decline"),
    State.RECEIVED: Next("accept", "specialist", "accept or decline"),
    State.ACCEPTED: Next("schedule", "specialist", "book an appointment"),
    State.SCHEDULED: Next("note", "specialist", "see the patient and send the note"),
    State.NO_SHOW: Next("decide", "coordinator", "reach the patient and book again"),
    State.APPOINTMENT_CANCELLED: Next("schedule", "coordinator", "book again"),
    State.INTERIM_NOTE: Next("note", "specialist", "send the final note"),
    State.CANCEL_REQUESTED: Next("accept", "specialist", "confirm the cancellation"),
    State.DECLINED: Next("decide", "coordinator", "refer to somebody else"),
    State.NOTE_RECEIVED: Next("review", "pcp", "review the note"),
}
_AGAIN = Next("decide", "pcp", "decide how to go on: missed again")


def next_step(referral: Referral) -> Next | None:
    """What is to happen next; None when nothing is."""
    if referral.state is State.NO_SHOW and referral.no_shows > 1:
        return _AGAIN
    return NEXT.get(referral.state)


def due_at(referral: Referral) -> str:
    """When the next step is due: a date, or a moment for what is counted in hours; empty when nothing is due."""
    step = next_step(referral)
    if step is None:
        return ""
    if referral.state is State.SCHEDULED and not referral.appointment_at:
        return referral.due or _after(referral.sent_at or referral.state_since, _span("visit", referral.priority))
    start = referral.appointment_at if referral.state is State.SCHEDULED else referral.state_since
    return _after(start, _span(step.timer, referral.priority))


def _span(timer: str, priority: str) -> str:
    spans = TIMERS[timer]
    return spans.get(_LIKE.get(priority, priority), spans["routine"])


def _after(start: str, span: str) -> str:
    count, unit = span.split()
    try:
        begun = datetime.fromisoformat(start)
    except ValueError:
        return ""
    if unit == "h":
        return (begun + timedelta(hours=int(count))).isoformat()
    days = begun.date() + timedelta(days=int(count)) if unit == "d" else add_business_days(begun.date(), int(count))
    return days.isoformat()


def overdue_days(due: str, now: datetime) -> int:
    """Days since ``due`` passed, a begun one counted; 0 while it has not. ``now`` is aware, in the local zone."""
    if not due:
        return 0
    if len(due) == len("2026-03-12"):
        return max(0, (now.date() - date.fromisoformat(due)).days)
    moment = datetime.fromisoformat(due)
    late = now - (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo))
    return max(0, -(-late // timedelta(days=1)))

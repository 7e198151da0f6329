"""What is to happen next to a referral, who is to do it, by when, and to whom it goes when it does not happen.

Spans: ``min`` minutes, ``h`` hours, ``d`` calendar days, ``bd`` business days. What is counted in days is due at the
end of a local day and written as a date; what is counted in hours is a moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hub.routing.business_days import add_business_days
from hub.routing.instants import day
from hub.routing.referrals.fold import Referral
from hub.routing.referrals.states import State
from hub.settings import Referrals, Timing

_DAYS = {
    "accept": ("4 h", "1 bd", "3 bd"),
    "schedule": ("0 d", "2 bd", "7 d"),
    "visit": ("1 d", "7 d", "30 d"),
    "note": ("1 d", "3 d", "14 d"),
    "review": ("4 h", "1 bd", "3 bd"),
    "decide": ("1 bd", "1 bd", "1 bd"),
}
PRIORITIES = ("stat", "urgent", "routine")
SPANS = {(step, priority): span for step, row in _DAYS.items() for priority, span in zip(PRIORITIES, row, strict=True)}
"""How long each step may take after the one before it."""

ESCALATION = {"stat": ("1 h", "4 h"), "urgent": ("1 bd", "2 bd"), "routine": ("7 d", "14 d")}
"""How long after it was due a step goes to the PCP, and then to the manager."""

ESCALATED = ("coordinator", "pcp", "manager")
"""To whom what is overdue goes, one after the other."""

_LIKE = {"asap": "urgent", "urgent": "urgent", "stat": "stat"}


@dataclass(frozen=True, slots=True)
class Timetable:
    """How long each step may take for one practice, and the days on which it is closed."""

    spans: Mapping[tuple[str, str], str] = field(default_factory=lambda: SPANS)
    escalation: Mapping[str, tuple[str, str]] = field(default_factory=lambda: ESCALATION)
    holidays: frozenset[date] = frozenset()

    def after(self, start: str, timer: str, priority: str) -> str:
        """When the step is due that began then: a date, or a moment; empty without a beginning."""
        return self.later(start, self.spans[timer, _LIKE.get(priority, "routine")])

    def later(self, start: str, span: str) -> str:
        """That span after a moment or a day."""
        count, unit = int(span.split(maxsplit=1)[0]), span.split()[1]
        begun = day(start)
        if begun is None:
            return ""
        if unit in ("h", "min") and len(start) > len("2026-03-12"):
            return (datetime.fromisoformat(start) + timedelta(**{_UNITS[unit]: count})).isoformat()
        if unit == "bd":
            return add_business_days(begun, count, self.holidays).isoformat()
        return (begun + timedelta(days=count if unit == "d" else 0)).isoformat()


_UNITS = {"h": "hours", "min": "minutes"}
SHIPPED = Timetable()


def timetable(site: Referrals, practice: Timing) -> Timetable:
    """What the practice says, over what the site says, over what ships."""
    return Timetable(
        spans={**SPANS, **site.timers.said(), **practice.timers.said()},
        escalation={**ESCALATION, **site.escalate},
        holidays=frozenset((*site.holidays, *practice.holidays)),
    )


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


def due_at(referral: Referral, times: Timetable = SHIPPED) -> str:
    """When the next step is due: a date, or a moment for what is counted in hours; empty when nothing is due."""
    step = next_step(referral)
    if step is None:
        return ""
    start = referral.state_since
    if referral.state is State.SCHEDULED:
        start = referral.visited_at or referral.appointment_at
        if not day(start):
            return visit_due(referral, times)
    due = times.after(start, step.timer, referral.priority)
    return min(due, visit_due(referral, times)) if step.timer == "schedule" else due


def visit_due(referral: Referral, times: Timetable = SHIPPED) -> str:
    """The day by which the patient is to be seen: the one that was asked for (TQ1-8), else a span after it was sent."""
    asked = day(referral.due)
    if asked:
        return asked.isoformat()
    return times.after(referral.sent_at or referral.state_since, "visit", referral.priority)


def overdue_days(due: str, now: datetime) -> int:
    """Days since ``due`` passed, a begun one counted; 0 while it has not. ``now`` is aware, in the local zone."""
    if not due:
        return 0
    if len(due) == len("2026-03-12"):
        return max(0, (now.date() - date.fromisoformat(due)).days)
    moment = datetime.fromisoformat(due)
    late = now - (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo))
    return max(0, -(-late // timedelta(days=1)))


def escalated_to(due: str, priority: str, now: datetime, times: Timetable = SHIPPED) -> str:
    """To whom an overdue step has gone by now: ``coordinator``, then ``pcp``, then ``manager``; empty before."""
    if not overdue_days(due, now):
        return ""
    to_pcp, to_manager = times.escalation[_LIKE.get(priority, "routine")]
    if overdue_days(times.later(due, to_manager), now):
        return "manager"
    return "pcp" if overdue_days(times.later(due, to_pcp), now) else "coordinator"

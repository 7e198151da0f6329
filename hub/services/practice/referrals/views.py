"""Referrals, suggestions and tasks as people read them."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from hub.model import Json
from hub.routing.codec import decode
from hub.routing.instants import day
from hub.routing.referrals.fold import Happening, Referral
from hub.routing.referrals.states import ACTS, State
from hub.routing.referrals.timers import due_at, escalated_to, next_step, overdue_days, visit_due
from hub.services.context import Hub
from hub.services.routing.referrals import timetable_of
from hub.settings import Practice
from hub.store.referrals import ReferralRow as Stored


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One line of the worklist. ``due_at`` is a date, or a moment where hours count; ``owner`` is who does the next
    thing (``coordinator``, ``specialist``, ``pcp``), ``escalated_to`` who must look after it because it was not done
    (``coordinator``, ``pcp``, ``manager``); ``practices`` are the practices on either side."""

    id: str
    number: str
    person_id: str
    patient: str
    priority: str
    reason: str
    referrer: str
    referrer_npi: str
    referred_to: str
    referred_to_npi: str
    referred_to_organization: str
    sent_at: str
    state: str
    task_status: str
    business_status: str
    state_since: str
    status_reason: str
    visit_by: str
    due_at: str
    overdue: bool
    overdue_days: int
    escalated_to: str
    owner: str
    next_action: str
    appointment_at: str
    attempts: int
    no_shows: int
    note_status: str
    last_message: str
    inferred: bool
    open: bool
    suggestions: int
    practices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One thing that happened to a referral; ``evidence`` says why it moved nothing, when it did not."""

    occurred_at: str
    step: str
    before: str
    after: str
    message_id: str
    inferred: bool
    evidence: str
    by: str
    note: str
    appointment_at: str


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """A note that probably answers a referral; ``candidates`` is how many referrals it fits."""

    id: str
    referral_id: str
    number: str
    message_id: str
    why: str
    candidates: int
    points: int
    status: str
    decided_by: str
    created_at: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """What someone is to do by ``due`` (a date); ``details`` are the rest of what the task says."""

    id: str
    kind: str
    title: str
    person_id: str
    patient: str
    subject: str
    practice: str
    status: str
    due: str
    overdue_days: int
    details: Json


@dataclass(frozen=True, slots=True)
class ReferralView:
    """One referral: its line, its story, what is suggested, what is to do, its measures (days by local dates), and
    what an operator can do in its state (``reviewed``, ``closed-no-note``, ``reopened``)."""

    row: ReferralRow
    timeline: tuple[TimelineRow, ...]
    suggestions: tuple[SuggestionRow, ...]
    tasks: tuple[TaskRow, ...]
    measures: Json
    acts: tuple[str, ...]


def referral_row(hub: Hub, stored: Stored, patient: Json, suggestions: int = 0) -> ReferralRow:
    """The worklist's line of a stored referral."""
    referral = read_referral(stored.state)
    npi = referral.referrer.npi
    times, now = timetable_of(hub, npi), hub.clock.now().astimezone(zone_of(hub, npi))
    step, due = next_step(referral), due_at(referral, times)
    days = overdue_days(due, now)
    return ReferralRow(
        id=stored.id,
        number=referral.number,
        person_id=stored.person_id,
        patient=str(patient.get("name", "")),
        priority=referral.priority,
        reason=referral.reason,
        referrer=referral.referrer.name or referral.referrer.organization,
        referrer_npi=referral.referrer.npi,
        referred_to=referral.referred_to.name,
        referred_to_npi=referral.referred_to.npi,
        referred_to_organization=referral.referred_to.organization,
        sent_at=referral.sent_at,
        state=referral.state,
        task_status=stored.state["task_status"],
        business_status=stored.state["business_status"],
        state_since=referral.state_since,
        status_reason=referral.status_reason,
        visit_by=visit_due(referral, times),
        due_at=due,
        overdue=days > 0,
        overdue_days=days,
        escalated_to=escalated_to(due, referral.priority, now, times),
        owner=step.owner if step else "",
        next_action=step.action if step else "",
        appointment_at=referral.appointment_at,
        attempts=referral.attempts,
        no_shows=referral.no_shows,
        note_status=_note_status(referral),
        last_message=referral.history[-1].message_id,
        inferred=any(h.inferred for h in referral.history),
        open=referral.open,
        suggestions=suggestions,
        practices=_practices(hub, referral),
    )


def referral_view(hub: Hub, stored: Stored, patient: Json, suggestions: list[Json], tasks: list[Json]) -> ReferralView:
    """The page of a stored referral."""
    referral = read_referral(stored.state)
    waiting = sum(s["status"] == "open" for s in suggestions)
    return ReferralView(
        row=referral_row(hub, stored, patient, waiting),
        timeline=tuple(_timeline_row(h) for h in referral.history),
        suggestions=tuple(suggestion_row(s, referral.number) for s in suggestions),
        tasks=tuple(task_row(hub, t, patient) for t in tasks),
        measures=measures(referral),
        acts=tuple(step.value for step, states in ACTS.items() if referral.state in states),
    )


def read_referral(state: Json) -> Referral:
    """The fold as it was stored."""
    referral = decode(Referral, state)
    referral.state, referral.resumes = State(referral.state), State(referral.resumes)
    referral.history = [decode(Happening, h) for h in state["history"]]
    return referral


def measures(referral: Referral) -> Json:
    """Days from the request to the first appointment made, to the note and to its review; missed appointments."""
    return {
        "days_to_schedule": _days_until(referral, State.SCHEDULED),
        "days_to_note": _days_until(referral, State.NOTE_RECEIVED),
        "days_to_review": _days_until(referral, State.CLOSED),
        "no_shows": referral.no_shows,
    }


def _days_until(referral: Referral, state: State) -> int | None:
    sent = day(referral.sent_at)
    reached = next((day(h.occurred_at) for h in referral.milestones if h.after == state), None)
    return (reached - sent).days if sent and reached else None


def _note_status(referral: Referral) -> str:
    if referral.state is State.CLOSED:
        return "reviewed"
    return "final" if referral.documents else "interim" if referral.interim_documents else ""


def _practices(hub: Hub, referral: Referral) -> tuple[str, ...]:
    sides = {referral.referrer.npi, referral.referred_to.npi} - {""}
    return tuple(p.id for p in hub.site.practices if sides & {c.npi for c in p.clinicians} or _asked(p, referral))


def _asked(practice: Practice, referral: Referral) -> bool:
    return practice.name.casefold() == referral.referred_to.organization.casefold()


def zone_of(hub: Hub, npi: str) -> tzinfo:
    """The time zone of the practice that lists this clinician, else UTC."""
    practice = hub.site.practice_of(npi)
    return ZoneInfo(practice.time_zone) if practice else UTC


def _timeline_row(happening: Happening) -> TimelineRow:
    return TimelineRow(
        occurred_at=happening.occurred_at,
        step=happening.step,
        before=happening.before,
        after=happening.after,
        message_id=happening.message_id,
        inferred=happening.inferred,
        evidence=happening.evidence,
        by=happening.by,
        note=happening.note,
        appointment_at=happening.appointment_at,
    )


def suggestion_row(body: Json, number: str) -> SuggestionRow:
    """A suggestion as stored, with the number of its referral."""
    known = {name: body[name] for name in SuggestionRow.__slots__ if name in body}
    return SuggestionRow(number=number, **known)


def task_row(hub: Hub, task: Json, patient: Json) -> TaskRow:
    """A stored task."""
    zone = hub.site.practice(task["practice_id"]).time_zone if task["practice_id"] else "UTC"
    local = hub.clock.now().astimezone(ZoneInfo(zone))
    return TaskRow(
        id=task["id"],
        kind=task["kind"],
        title=task["body"]["title"],
        person_id=task["person_id"],
        patient=str(patient.get("name", "")),
        subject=task["subject"],
        practice=task["practice_id"],
        status=task["status"],
        due=task["due"],
        overdue_days=overdue_days(task["due"], local) if task["status"] == "open" else 0,
        details={name: value for name, value in task["body"].items() if name != "title"},
    )

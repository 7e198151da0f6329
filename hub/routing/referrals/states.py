"""The states of a referral and what moves it from one to the next.

Codes are those of the Gravity/BSeR state diagram harmonised with IHE 360X (``Task.status`` and
``Task.businessStatus``). Ours in addition: ``note-received`` is not closed, because a loop is closed only by the
referrer's review; a step that skips states is taken and marked as inferred (a specialist who only ever faxes a
note); states that are settled are left only by an operator.
"""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SCHEDULED = "scheduled"
    NO_SHOW = "no-show"
    APPOINTMENT_CANCELLED = "appointment-cancelled"
    INTERIM_NOTE = "interim-note"
    CANCEL_REQUESTED = "cancel-requested"
    CANCELLED = "cancelled"
    NOTE_RECEIVED = "note-received"
    CLOSED = "closed"
    CLOSED_NO_NOTE = "closed-no-note"
    EXPIRED = "expired"


class Step(StrEnum):
    """What drives a referral: messages, and the acts of operators (from ``confirmed`` on). ``visited`` says that the
    patient came, and moves nothing; ``read`` that the referrer's system reports the review of a note; an authorization
    that ran out is ``expired`` by a message or by an operator."""

    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SCHEDULED = "scheduled"
    NO_SHOW = "no-show"
    APPOINTMENT_CANCELLED = "appointment-cancelled"
    VISITED = "visited"
    INTERIM_NOTE = "interim-note"
    NOTE = "note"
    RETRACTED = "retracted"
    CANCEL_REQUESTED = "cancel-requested"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    READ = "read"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNLINKED = "unlinked"
    REVIEWED = "reviewed"
    CLOSED_NO_NOTE = "closed-no-note"
    REOPENED = "reopened"


class Status(NamedTuple):
    """``Task.status`` (FHIR R4) and ``Task.businessStatus`` (360X code, where it has one)."""

    task: str
    business: str


STATUS: dict[State, Status] = {
    State.DRAFT: Status("draft", ""),
    State.REQUESTED: Status("requested", ""),
    State.RECEIVED: Status("received", "2.0"),
    State.ACCEPTED: Status("accepted", "3.0"),
    State.DECLINED: Status("rejected", "4.0"),
    State.SCHEDULED: Status("in-progress", "5.1.1"),
    State.NO_SHOW: Status("in-progress", "5.1.2"),
    State.APPOINTMENT_CANCELLED: Status("in-progress", "5.1.3"),
    State.INTERIM_NOTE: Status("in-progress", "5.1.4"),
    State.CANCEL_REQUESTED: Status("in-progress", "5.2"),
    State.CANCELLED: Status("cancelled", "6.0"),
    State.NOTE_RECEIVED: Status("completed", "7.0"),
    State.CLOSED: Status("completed", "7.0"),
    State.CLOSED_NO_NOTE: Status("failed", ""),
    State.EXPIRED: Status("failed", ""),
}

_TABLE: tuple[tuple[State, str, str], ...] = (
    # from, the steps that the standard allows there, the steps that skip a state and are taken as inferred
    (
        State.DRAFT,
        "requested received",
        "accepted declined scheduled no-show appointment-cancelled interim-note note cancel-requested cancelled",
    ),
    (
        State.REQUESTED,
        "received accepted declined cancel-requested",
        "scheduled no-show appointment-cancelled interim-note note cancelled",
    ),
    (
        State.RECEIVED,
        "accepted declined cancel-requested",
        "scheduled no-show appointment-cancelled interim-note note cancelled",
    ),
    (
        State.ACCEPTED,
        "declined scheduled interim-note note cancel-requested",
        "no-show appointment-cancelled cancelled",
    ),
    (
        State.SCHEDULED,
        "declined scheduled no-show appointment-cancelled interim-note note cancel-requested",
        "cancelled",
    ),
    (State.NO_SHOW, "declined scheduled appointment-cancelled note cancel-requested", "cancelled"),
    (State.APPOINTMENT_CANCELLED, "scheduled cancel-requested", "note cancelled"),
    (
        State.INTERIM_NOTE,
        "declined scheduled appointment-cancelled interim-note note cancel-requested",
        "cancelled",
    ),
    (State.CANCEL_REQUESTED, "cancelled note", ""),
    (State.NOTE_RECEIVED, "read", ""),
)

_ENDING = "expired"
"""What is allowed until there is an answer: the diagram has no word for a referral that ran out."""
_UNDER_WAY = frozenset(start for start, _, _ in _TABLE) - {State.NOTE_RECEIVED}

_REACHED = {Step(state.value): state for state in State if state.value in set(Step)} | {
    Step.NOTE: State.NOTE_RECEIVED,
    Step.READ: State.CLOSED,
}


class Transition(NamedTuple):
    """Where a step leads, and whether states in between were inferred."""

    to: State
    inferred: bool


TRANSITIONS = {
    (start, step): Transition(_REACHED[step], inferred)
    for start, allowed, skipping in _TABLE
    for names, inferred in ((f"{allowed} {_ENDING}" if start in _UNDER_WAY else allowed, False), (skipping, True))
    for step in map(Step, names.split())
}
"""Where each step leads from each state; what is not here is kept as evidence and moves nothing."""

SETTLED = frozenset({State.CANCELLED, State.CLOSED, State.CLOSED_NO_NOTE, State.EXPIRED})
"""States that need nobody any more; only an operator (or a retraction of the note) leads out of them."""

AWAITING_NOTE = frozenset(State) - SETTLED - {State.DECLINED, State.NOTE_RECEIVED}
"""States in which a specialist's note may still be the answer."""

OPERATOR_STEPS = frozenset(
    {Step.CONFIRMED, Step.REJECTED, Step.UNLINKED, Step.REVIEWED, Step.CLOSED_NO_NOTE, Step.REOPENED}
)
TAKEN_BACK = frozenset({Step.RETRACTED, Step.UNLINKED})
"""A note is no answer any more: its author retracted it, or an operator took it off."""

ACTS: dict[Step, frozenset[State]] = {
    Step.REVIEWED: frozenset({State.NOTE_RECEIVED}),
    Step.CLOSED_NO_NOTE: frozenset(State) - SETTLED,
    Step.EXPIRED: frozenset(start for start, step in TRANSITIONS if step is Step.EXPIRED),
    Step.REOPENED: SETTLED | {State.DECLINED},
}
"""In which states an operator may do what."""

OPENING = frozenset(
    {Step.REQUESTED, Step.RECEIVED, Step.ACCEPTED, Step.DECLINED, Step.CANCEL_REQUESTED, Step.CANCELLED}
)
"""Steps that only referrals have, so that they begin one that the hub has not seen. An appointment or a note may
belong to anything: they wait until a referral claims them."""

APPOINTMENT = frozenset({Step.SCHEDULED, Step.NO_SHOW, Step.APPOINTMENT_CANCELLED, Step.VISITED})
"""What appointments say; their numbers are those of the appointment."""
NOTES = frozenset({Step.NOTE, Step.INTERIM_NOTE})

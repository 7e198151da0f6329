"""The table of transitions, row by row as the Gravity/BSeR diagram and IHE 360X have it."""

import itertools

import pytest

from hub.routing.referrals.fold import Happening, Referral, fold
from hub.routing.referrals.states import ACTS, OPERATOR_STEPS, SETTLED, STATUS, TRANSITIONS, State, Step
from tests.unit.routing.referrals.referral_signals import numbered, requested

DIAGRAM = {
    "draft": "requested received",
    "requested": "received accepted declined cancel-requested",
    "received": "accepted declined cancel-requested",
    "accepted": "declined scheduled cancel-requested interim-note note",
    "scheduled": "declined scheduled no-show appointment-cancelled cancel-requested interim-note note",
    "no-show": "declined scheduled appointment-cancelled cancel-requested note",
    "appointment-cancelled": "scheduled cancel-requested",
    "interim-note": "declined scheduled appointment-cancelled cancel-requested interim-note note",
    "cancel-requested": "cancelled note",
    "note-received": "read",
}
"""What the standard allows; the hub adds that everything may expire, and that steps may be skipped and are inferred."""
TO_REACH = {
    State.DRAFT: (),
    State.REQUESTED: ("requested",),
    State.RECEIVED: ("requested", "received"),
    State.ACCEPTED: ("requested", "accepted"),
    State.DECLINED: ("requested", "declined"),
    State.SCHEDULED: ("requested", "accepted", "scheduled"),
    State.NO_SHOW: ("requested", "accepted", "scheduled", "no-show"),
    State.APPOINTMENT_CANCELLED: ("requested", "accepted", "scheduled", "appointment-cancelled"),
    State.INTERIM_NOTE: ("requested", "accepted", "interim-note"),
    State.CANCEL_REQUESTED: ("requested", "cancel-requested"),
    State.CANCELLED: ("requested", "cancel-requested", "cancelled"),
    State.NOTE_RECEIVED: ("requested", "accepted", "note"),
    State.CLOSED: ("requested", "accepted", "note", "reviewed"),
    State.CLOSED_NO_NOTE: ("requested", "closed-no-note"),
    State.EXPIRED: ("requested", "expired"),
}
MESSAGES = sorted(set(Step) - OPERATOR_STEPS - {Step.RETRACTED})
REACHED = {Step.NOTE: State.NOTE_RECEIVED, Step.READ: State.CLOSED}


def after(*steps: str) -> Referral:
    """The referral after these steps, one a day; each appointment and each note is another."""
    return fold(_signal(step, day) for day, step in enumerate(steps, 1))


def _signal(step: str, day: int):  # type: ignore[no-untyped-def]
    when = f"2026-03-{day:02}T10:00"
    if step == "requested":
        return requested(when)
    more = {"document": f"doc-{day}"} if "note" in step else {}
    return numbered(step, when, appointment_at=f"2026-04-{day:02}T09:00:00-04:00", **more)


def last(state: State, step: Step) -> Happening:
    """What the step does to a referral in that state."""
    return after(*TO_REACH[state], step).history[-1]


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached(state: State) -> None:
    """Each state is where its steps lead, and has the FHIR status of a Task."""
    assert after(*TO_REACH[state]).state is state
    assert STATUS[state].task


@pytest.mark.parametrize(("state", "step"), list(itertools.product(DIAGRAM, MESSAGES)))
def test_what_the_diagram_allows_is_taken_as_said(state: str, step: Step) -> None:
    """An allowed step moves the referral and is not inferred; any other either skips states and is marked so, or moves
    nothing and is kept with the reason."""
    happened = last(State(state), step)
    allowed = step in DIAGRAM[state].split() or (step is Step.EXPIRED and state != "note-received")
    if allowed:
        assert (happened.after, happened.inferred, happened.evidence) == (
            REACHED.get(step) or State(step.value),
            False,
            "",
        )
    elif happened.label:
        assert happened.inferred
        assert (State(state), step) in TRANSITIONS
    else:
        assert happened.after is happened.before is State(state)
        assert happened.evidence


@pytest.mark.parametrize(("state", "step"), list(itertools.product(sorted(SETTLED | {State.DECLINED}), MESSAGES)))
def test_no_message_leads_out_of_a_state_that_is_settled(state: State, step: Step) -> None:
    """Whatever comes to a referral that was settled, declined or answered stays as evidence."""
    happened = last(state, step)
    assert (happened.after, happened.label) == (state, "")
    assert happened.evidence


@pytest.mark.parametrize("state", State)
def test_a_note_is_an_answer_from_every_open_state(state: State) -> None:
    """A specialist who only ever sends a note has answered, wherever the referral stood."""
    answered = after(*TO_REACH[state], "note").state is State.NOTE_RECEIVED  # a further note leaves it there
    assert answered is (state not in SETTLED | {State.DECLINED})


@pytest.mark.parametrize("state", sorted(ACTS[Step.REOPENED]))
def test_only_an_operator_reopens(state: State) -> None:
    """A settled referral goes on where it stood before, once an operator says so."""
    reached = after(*TO_REACH[state])
    assert after(*TO_REACH[state], "reopened").state is reached.milestones[-1].before

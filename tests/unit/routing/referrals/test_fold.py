from hypothesis import given
from hypothesis import strategies as st

from hub.routing.referrals.fold import Referral, event_key, fold, referral_json
from hub.routing.referrals.states import SETTLED, STATUS, TRANSITIONS, State, Step
from hub.routing.statements import Party
from tests.unit.routing.referrals.referral_signals import (
    APPOINTMENT,
    LOVE,
    loop_of_march,
    numbered,
    requested,
    signal,
)


def states(referral: Referral) -> list[str]:
    return [str(h.after) for h in referral.milestones]


def evidence(referral: Referral) -> list[str]:
    return [h.evidence for h in referral.history if h.evidence]


def test_a_loop_moves_through_its_states() -> None:
    """A loop goes from the request over a missed appointment to the note, and counts what happened."""
    referral = fold(loop_of_march())
    assert states(referral) == ["requested", "accepted", "scheduled", "no-show", "scheduled", "note-received"]
    assert (referral.attempts, referral.no_shows, referral.appointment_at[:10]) == (2, 1, "2026-03-20")
    assert (referral.number, referral.due, referral.referred_to) == ("REF-2207", "2026-03-23", LOVE)
    assert referral.open
    assert not evidence(referral)


@given(st.permutations([*loop_of_march(), *loop_of_march()]))
def test_order_and_repetition_do_not_matter(signals: list) -> None:  # type: ignore[type-arg]
    """The same signals make the same referral in any order, however often each is given."""
    assert referral_json(fold(signals)) == referral_json(fold(loop_of_march()))


def test_the_table_never_leaves_a_settled_state() -> None:
    """No message leads out of a settled state, and every state has its FHIR task status."""
    assert not {start for start, _ in TRANSITIONS} & (SETTLED | {State.DECLINED})
    assert [step for start, step in TRANSITIONS if start is State.NOTE_RECEIVED] == [Step.READ]
    assert set(STATUS) == set(State)


def test_steps_that_skip_states_are_inferred() -> None:
    """A note without any appointment is taken from every open state and marked as inferred."""
    referral = fold([requested(), numbered("note", "2026-03-20T15:00", document="d")])
    assert states(referral) == ["requested", "note-received"]
    assert referral.milestones[-1].inferred


def test_what_is_not_allowed_is_kept_as_evidence() -> None:
    """An acceptance after the appointment was made moves nothing and stays in the history with the reason."""
    late = numbered("accepted", "2026-03-12T09:00")
    referral = fold([requested(), *loop_of_march()[1:3], late])
    assert referral.state is State.SCHEDULED
    assert evidence(referral) == ["not allowed in state scheduled"]


def test_a_note_is_not_the_end() -> None:
    """Only the review closes a loop; what comes afterwards changes nothing."""
    reviewed = signal("reviewed", "2026-03-21T09:00", author=Party(name="Dr. Busy"))
    referral = fold([*loop_of_march(), reviewed, numbered("accepted", "2026-03-22T09:00")])
    assert fold(loop_of_march()).state is State.NOTE_RECEIVED
    assert referral.state is State.CLOSED
    assert not referral.open
    assert referral_json(referral)["task_status"] == "completed"


def test_a_late_message_does_not_undo_an_operator() -> None:
    """A cancellation that is dated before the review, and comes after it, leaves the loop closed."""
    reviewed = signal("reviewed", "2026-03-21T09:00")
    assert fold([*loop_of_march(), reviewed, numbered("cancelled", "2026-03-19T09:00")]).state is State.CLOSED


def test_reopening_leads_back() -> None:
    """A reopened referral goes on from where it stood before it was settled."""
    closing = signal("closed-no-note", "2026-03-19T09:00", note="moved away")
    closed = [*loop_of_march()[:5], closing]
    reopened = [*closed, signal("reopened", "2026-03-19T10:00")]
    assert fold(closed).status_reason == "moved away"
    assert fold(reopened).state is State.SCHEDULED
    assert fold([*reopened, loop_of_march()[5]]).state is State.NOTE_RECEIVED


def test_a_retracted_note_reopens() -> None:
    """A retraction of the only note leads back to where the referral stood without it, even after the review."""
    retracted = numbered("retracted", "2026-03-22T09:00", document="doc-1")
    reviewed = signal("reviewed", "2026-03-21T09:00")
    assert fold([*loop_of_march(), reviewed, retracted]).state is State.SCHEDULED
    second = numbered("note", "2026-03-21T08:00", document="doc-2")
    assert fold([*loop_of_march(), second, retracted]).state is State.NOTE_RECEIVED


def test_a_retracted_final_note_leaves_the_interim_one() -> None:
    """When the final note is retracted, the interim note still stands."""
    interim = numbered("interim-note", "2026-03-20T12:00", document="doc-0")
    retracted = numbered("retracted", "2026-03-22T09:00", document="doc-1")
    assert fold([*loop_of_march(), interim, retracted]).state is State.INTERIM_NOTE


def test_a_note_from_before_the_request_does_not_count() -> None:
    """A note that was written before the referral was sent is no answer."""
    referral = fold([requested(), numbered("note", "2026-03-12T15:00", document="d", dated="2026-03-01")])
    assert referral.state is State.REQUESTED
    assert evidence(referral) == ["written before the referral was sent"]


def test_a_cancelled_old_appointment_leaves_the_new_one() -> None:
    """Cancelling an appointment that was replaced moves nothing."""
    first, *_ = [s for s in loop_of_march() if s.step == Step.SCHEDULED]
    new = numbered(
        "scheduled", "2026-03-12T09:00", keys=("x|REF-2207", "x|AP10"), appointment_at="2026-03-19T10:00:00Z"
    )
    old = signal("appointment-cancelled", "2026-03-13T09:00", keys=(APPOINTMENT,))
    referral = fold([requested(), first, new, old])
    assert referral.state is State.SCHEDULED
    assert evidence(referral) == ["about an appointment that was replaced"]


def test_milestones_of_the_same_kind_have_names_of_their_own() -> None:
    """Each appointment, and each repetition, is a happening of its own with its own event key."""
    labels = [h.label for h in fold(loop_of_march()).milestones]
    assert len(set(labels)) == len(labels)
    again = [
        numbered("appointment-cancelled", "2026-03-19T08:00"),
        numbered("scheduled", "2026-03-19T09:00", appointment_at="2026-03-20T10:00:00-04:00"),
    ]
    more = [h.label for h in fold([*loop_of_march()[:5], *again]).milestones]
    assert len({event_key("r", label) for label in more}) == len(more) == 7


def test_an_answer_does_not_rename_whom_the_referrer_asked() -> None:
    """The referrer says who was asked; another clinician who accepts for the group does not replace them."""
    colleague = Party("1999999992", "Dr. Other", "Love Cardiology Group")
    referral = fold([requested(), numbered("accepted", "2026-03-10T09:00", referred_to=colleague)])
    assert referral.referred_to == LOVE

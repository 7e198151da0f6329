from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hub.routing.referrals.book import Book, Outcome
from hub.routing.referrals.fold import referral_json
from hub.routing.referrals.said import Said
from hub.routing.referrals.states import State
from hub.routing.statements import Party, ReferralSignal
from tests.unit.routing.referrals.referral_signals import (
    APPOINTMENT,
    BUSY,
    LOVE,
    PLACER,
    SUBJECT,
    loop_of_march,
    numbered,
    requested,
    said,
    signal,
)

KIDNEY = Party("2222222228", "Dr. Kidney", "Kidney Nephrology")
COORDINATOR = Party(name="coordinator")
NOTE = signal("note", "2026-03-20T15:00", message="m-note", document="doc-1", author=LOVE)


def take(book: Book, *signals: ReferralSignal) -> Outcome:
    """Each signal as a message of its own; what they did together."""
    outcome = Outcome()
    for each in signals:
        done = book.take(said(each))
        outcome.events += done.events
        outcome.steps += done.steps
        outcome.transitions += done.transitions
    return outcome


def kinds(outcome: Outcome) -> list[str]:
    return [e.type for e in outcome.events]


def test_a_loop_in_order_tells_each_milestone_once() -> None:
    """Every message of a loop finds it, and each milestone becomes one event."""
    book = Book()
    outcome = take(book, *loop_of_march())
    steps = ["requested", "accepted", "scheduled", "no-show", "scheduled", "note-received"]
    assert kinds(outcome) == [f"referral.{s}" for s in steps]
    assert not any(e.silent for e in outcome.events)
    assert len({e.event_key for e in outcome.events}) == outcome.transitions == 6
    again = take(book, *loop_of_march())
    assert (again.events, again.transitions) == ([], 0)
    assert [s["matched_by"] for s in again.steps] == ["journal"] * 6


@given(st.permutations([*loop_of_march(), *loop_of_march()]))
def test_arrival_does_not_matter(signals: list[ReferralSignal]) -> None:
    """Any order and duplication of a loop's messages ends in the same referral, and in the same events, each once."""
    book, expected = Book(), Book()
    outcome = take(book, *signals)
    in_order = take(expected, *loop_of_march())
    assert {e.event_key for e in outcome.events} == {e.event_key for e in in_order.events}
    assert referral_json(book.loops[SUBJECT].referral) == referral_json(expected.loops[SUBJECT].referral)
    assert len({e.event_key for e in outcome.events}) == len(outcome.events)
    assert book.loops.keys() == {SUBJECT}
    assert not any(book.held.values())


def test_an_appointment_waits_for_its_referral() -> None:
    """An appointment that comes before the request begins no referral, and is joined when the request comes."""
    booked, missed = loop_of_march()[2:4]
    book = Book()
    early = take(book, missed, booked)
    assert not book.loops
    assert [s["evidence"] for s in early.steps] == ["kept until a referral claims it"] * 2
    outcome = take(book, requested())
    assert book.loops[SUBJECT].referral.state is State.NO_SHOW
    assert kinds(outcome) == ["referral.requested", "referral.scheduled", "referral.no-show"]


def test_what_comes_late_is_told_to_nobody() -> None:
    """A milestone that is already overtaken when its message comes is an event with a reason for silence."""
    book = Book()
    request, accepted, booked = loop_of_march()[:3]
    take(book, request, booked)
    (late,) = take(book, replace(accepted, source=replace(accepted.source, message_id="late"))).events
    assert late.silent == "came late: the referral is already scheduled"


def test_an_answer_begins_a_referral_that_was_never_seen() -> None:
    """An acceptance of an unknown referral begins it; the request that comes later completes it."""
    book = Book()
    take(book, loop_of_march()[1])
    assert book.loops[SUBJECT].referral.state is State.ACCEPTED
    take(book, requested())
    loop = book.loops[SUBJECT].referral
    assert (loop.state, loop.referred_to, loop.sent_at[:10]) == (State.ACCEPTED, LOVE, "2026-03-09")


def test_a_bare_number_counts_within_the_same_person() -> None:
    """A number without an authority finds the person's referral of that number, but nobody else's."""
    book = Book()
    bare = {"keys": ("urn:carering:feed:fax|REF-2207",), "document": "d", "author": LOVE}
    take(book, requested(), signal("note", "2026-03-20T10:00", person="somebody-else", **bare))
    assert book.loops[SUBJECT].referral.state is State.REQUESTED
    outcome = take(book, signal("note", "2026-03-20T12:00", **bare))
    assert book.loops[SUBJECT].referral.state is State.NOTE_RECEIVED
    assert outcome.steps[0]["matched_by"] == "number"


def test_the_number_of_another_authority_is_another_number() -> None:
    """The same number from two authorities names two referrals."""
    book = Book()
    other = requested("2026-03-10T10:00", keys=("urn:oid:9.9|REF-2207",), subject="other")
    take(book, requested(), other)
    assert book.loops.keys() == {SUBJECT, "other"}


def test_another_persons_number_is_only_suggested() -> None:
    """A note with the number of somebody else's referral moves nothing and is shown to an operator."""
    book = Book()
    note = numbered("note", "2026-03-20T12:00", person="misread", document="d", author=LOVE)
    outcome = take(book, requested(), note)
    assert book.loops[SUBJECT].referral.state is State.REQUESTED
    (suggestion,) = book.suggestions.values()
    assert (suggestion.referral_id, suggestion.why) == (SUBJECT, "the number is another person's referral")
    confirmed = book.confirm(suggestion, signal("confirmed", "2026-03-21T08:00", author=COORDINATOR))
    assert [e.person_id for e in confirmed.events] == [outcome.events[0].person_id]
    assert book.loops[SUBJECT].referral.state is State.NOTE_RECEIVED


def test_the_patient_alone_never_matches() -> None:
    """A note by somebody to whom nothing was referred is neither taken nor suggested, and says why."""
    book = Book()
    outcome = take(book, requested(), replace(NOTE, author=KIDNEY))
    assert not book.suggestions
    (candidate,) = outcome.steps[1]["candidates"]
    assert candidate["why"] == "sent to somebody else"


def test_one_fitting_referral_is_suggested_and_confirmed() -> None:
    """A note without a number that fits one open referral is suggested; confirmed it is the answer, once."""
    book = Book()
    outcome = take(book, requested(), NOTE)
    assert kinds(outcome) == ["referral.requested"]
    (suggestion,) = book.suggestions.values()
    assert suggestion.candidates == 1
    confirmed = book.confirm(suggestion, signal("confirmed", "2026-03-20T16:00", author=COORDINATOR, document="doc-1"))
    assert [(e.type, e.message_id) for e in confirmed.events] == [("referral.note-received", "m-note")]
    assert (suggestion.status, suggestion.decided_by) == ("confirmed", "coordinator")
    again = take(book, NOTE)
    assert (again.transitions, len(book.suggestions)) == (0, 1)


def test_several_fitting_referrals_are_all_suggested() -> None:
    """When two referrals fit, both are suggested with the reason; confirming one rejects the other."""
    book = Book()
    second = requested("2026-03-10T10:00", keys=("urn:oid:1.2.3.4|REF-2208",), subject="r2", number="REF-2208")
    take(book, requested(), second, NOTE)
    first, other = book.suggestions.values()
    assert "one of 2 that fit" in first.why
    book.confirm(other, signal("confirmed", "2026-03-20T16:00", author=COORDINATOR, document="doc-1"))
    assert (first.status, other.status) == ("rejected", "confirmed")


def test_a_suggestion_is_withdrawn_when_the_referral_has_its_note() -> None:
    """A suggestion needs no decision once its referral has another note, and does again when that one is retracted."""
    book = Book()
    take(book, requested(), NOTE)
    (suggestion_id,) = book.suggestions
    take(book, numbered("note", "2026-03-19T12:00", document="doc-9", author=LOVE))
    assert book.suggestions[suggestion_id].status == "withdrawn"
    take(book, signal("retracted", "2026-03-22T12:00", document="doc-9"))
    assert book.suggestions[suggestion_id].status == "open"


def test_a_rejected_suggestion_is_remembered() -> None:
    """A note that an operator rejected for a referral is not suggested for it again."""
    book = Book()
    take(book, requested(), NOTE)
    (suggestion,) = book.suggestions.values()
    book.reject(suggestion, signal("rejected", "2026-03-20T16:00", author=COORDINATOR, document="doc-1"))
    outcome = take(book, NOTE, numbered("accepted", "2026-03-21T09:00"))
    assert [s.status for s in book.suggestions.values()] == ["rejected"]
    assert outcome.steps[0]["candidates"][0]["why"] == "an operator rejected it"


def test_a_note_finds_its_referral_by_a_key_learned_later() -> None:
    """A suggested note joins by itself when another message teaches the key that it carries."""
    book = Book()
    filler = "urn:oid:5.6|F77"
    take(book, requested(), replace(NOTE, keys=(filler,)))
    (suggestion,) = book.suggestions.values()
    take(book, numbered("accepted", "2026-03-10T09:00", learned=(filler,)))
    assert book.loops[SUBJECT].referral.state is State.NOTE_RECEIVED
    assert (suggestion.status, suggestion.decided_by) == ("confirmed", "the key, which was known later")


def test_a_retraction_finds_the_note_by_its_document() -> None:
    """A retraction names only its document, and takes the note of that document back; before, the suggestion."""
    retraction = signal("retracted", "2026-03-22T09:00", document="doc-1")
    book = Book()
    take(book, *loop_of_march(), retraction)
    assert book.loops[SUBJECT].referral.state is State.SCHEDULED
    only_suggested = Book()
    take(only_suggested, requested(), NOTE, retraction)
    assert [s.status for s in only_suggested.suggestions.values()] == ["rejected"]


def test_a_result_answers_only_as_from_whom_was_asked() -> None:
    """A numbered result counts when its performer is whom the referral was sent to, and is no laboratory's."""
    result = numbered("note", "2026-03-20T12:00", document="report", author=Party("", "QuickLab", "QuickLab"))
    book = Book()
    book.take(said(requested()))
    assert book.take([Said(result, incidental=True)]).steps == []
    book.take([Said(replace(result, author=LOVE), incidental=True)])
    assert book.loops[SUBJECT].referral.state is State.NOTE_RECEIVED


def test_the_facts_of_an_event_describe_the_referral() -> None:
    """A referral's event carries its number, parties, states and the key that matched."""
    outcome = take(Book(), *loop_of_march()[:4])
    known = outcome.events[3].facts
    assert (known["referral_number"], known["referral_status_before"], known["referral_status"]) == (
        "REF-2207",
        "scheduled",
        "no-show",
    )
    assert (known["referrer_npi"], known["referred_to"], known["matched_by"]) == (BUSY.npi, "Dr. Love", "key")
    assert known["appointment_at"] == "2026-03-17T10:00:00-04:00"
    assert outcome.steps[3]["key"] == APPOINTMENT
    assert outcome.steps[1]["key"] == PLACER


def test_what_a_message_no_longer_says_is_taken_back() -> None:
    """A message that is read otherwise when it is replayed leaves nothing of what it said before."""
    book = Book()
    request, accepted = loop_of_march()[:2]
    misread = replace(accepted, step="declined")
    book.take(said(request))
    book.take(said(misread, numbered("cancelled", "2026-03-10T09:00")))
    assert book.loops[SUBJECT].referral.state is State.DECLINED
    outcome = book.take(said(accepted))
    assert book.loops[SUBJECT].referral.state is State.ACCEPTED
    assert kinds(outcome) == ["referral.accepted"]


def test_the_only_one_that_fits_well_is_taken() -> None:
    """A note without a number that is addressed to the referrer, from whom was asked, is the answer by its evidence; a
    second referral that fits as well makes it a suggestion."""
    book = Book()
    outcome = take(book, *loop_of_march()[:5], replace(NOTE, text="Dear Dr. Busy, thank you."))
    assert kinds(outcome)[-1] == "referral.note-received"
    assert outcome.steps[-1]["matched_by"] == "evidence"
    assert "addressed to Dr. Busy (+25)" in outcome.steps[-1]["key"]
    second = requested("2026-03-09T10:00", message="second", keys=("x|REF-2",), subject="r2", number="REF-2")
    two = Book()
    take(two, *loop_of_march()[:5], second, replace(NOTE, text="Dear Dr. Busy, thank you."))
    assert sorted(s.referral_id for s in two.suggestions.values()) == sorted(["r2", SUBJECT])
    never = Book(automatic=101)
    take(never, *loop_of_march()[:5], replace(NOTE, text="Dear Dr. Busy, thank you."))
    assert [s.points for s in never.suggestions.values()] == [90]


def test_a_note_that_was_taken_off_is_not_taken_again() -> None:
    """An operator takes a wrong note off: the referral goes back, the note waits, and no resend brings it back."""
    book = Book()
    wrong = numbered("note", "2026-03-20T15:00", message="m-note", document="doc-1", author=LOVE)
    take(book, *loop_of_march()[:5], wrong)
    act = signal("unlinked", "2026-03-21T09:00", message="act", document="doc-1", author=COORDINATOR)
    outcome = book.unlink(book.loops[SUBJECT], "m-note", {"doc-1": act})
    assert kinds(outcome) == ["referral.note-retracted"]
    assert book.loops[SUBJECT].referral.state is State.SCHEDULED
    assert [s for _, s in book.waiting("m-note")] == [wrong]
    again = take(book, wrong)
    assert (again.transitions, book.loops[SUBJECT].referral.state) == (0, State.SCHEDULED)
    restated = replace(wrong, source=replace(wrong.source, message_id="m-note-2"))
    assert take(book, restated).transitions == 0


def test_a_note_that_was_taken_off_answers_another_referral() -> None:
    """What waits after it was taken off can be linked to the right referral, and stays there when it is sent again."""
    book = Book()
    wrong = numbered("note", "2026-03-20T15:00", message="m-note", document="doc-1", author=LOVE)
    take(book, *loop_of_march()[:5], wrong, requested(keys=("x|REF-2",), subject="r2", number="REF-2", message="s"))
    book.unlink(book.loops[SUBJECT], "m-note", {"doc-1": signal("unlinked", "2026-03-21T09:00", document="doc-1")})
    ((place, waiting),) = book.waiting("m-note")
    suggested = book.suggest(book.loops["r2"], place, waiting)
    book.confirm(suggested, signal("confirmed", "2026-03-21T09:01", message="c", document="doc-1", author=COORDINATOR))
    assert book.loops["r2"].referral.state is State.NOTE_RECEIVED
    assert not book.waiting("m-note")
    assert take(book, wrong).transitions == 0
    assert (book.loops["r2"].referral.state, book.loops[SUBJECT].referral.state) == (
        State.NOTE_RECEIVED,
        State.SCHEDULED,
    )

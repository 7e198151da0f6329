import pytest

from hub.routing.referrals.evidence import AUTOMATIC, weigh
from hub.routing.referrals.fold import fold
from hub.routing.statements import Party, ReferralSignal
from tests.unit.routing.referrals.referral_signals import BUSY, LOVE, loop_of_march, requested, signal

SEEN = fold(loop_of_march()[:5])
ANSWERED = fold(
    [
        requested("2026-02-10T09:00", keys=("x|REF-2201",), subject="other", number="REF-2201"),
        signal("note", "2026-03-01T10:00", document="d0", author=LOVE),
    ]
)


def note(text: str = "", **more: object) -> ReferralSignal:
    return signal("note", "2026-03-20T15:00", **{"author": LOVE, "document": "d1", "text": text, **more})


def points(written: ReferralSignal, *others: object) -> int:
    return weigh(written, SEEN, others)[0]  # type: ignore[arg-type]


def test_author_and_day_alone_do_not_answer() -> None:
    """Who wrote a note and when do not tell a referral from any other visit; to whom it is and of what do."""
    assert points(note()) < AUTOMATIC
    assert points(note("Dear Dr. Busy, thank you for sending him.")) >= AUTOMATIC
    assert points(note(recipients=(Party(BUSY.npi),))) >= AUTOMATIC
    assert points(note("Referring: Busy, MD NPI 1234567893")) >= AUTOMATIC


@pytest.mark.parametrize("text", ["We had a busy clinic.", "Seen today.", "The Busyness of life", ""])
def test_a_common_word_is_no_address(text: str) -> None:
    """A word that happens to be the referrer's name is not an address."""
    assert points(note(text)) == points(note())


def test_the_question_counts() -> None:
    """A note that speaks of what was asked fits better; so does one on the day of the appointment."""
    assert points(note("Dyspnea on exertion is resolved")) > points(note())
    assert points(note(dated="2026-05-10")) < points(note())


def test_what_speaks_against_it() -> None:
    """Another referral that the same specialist answered, and another number in the note, keep a person asked."""
    addressed = "Dear Dr. Busy"
    points_, why = weigh(note(addressed), SEEN, [SEEN, ANSWERED])
    assert points_ < AUTOMATIC
    assert "answered REF-2201 not long ago (-40)" in why
    assert points(note(f"{addressed}, on REF-9999")) < AUTOMATIC
    assert points(note(f"{addressed}, on REF-2207")) >= AUTOMATIC


def test_what_was_read_badly_counts_less() -> None:
    """The confidence of whatever read a fax scales what was read."""
    points_, why = weigh(note("Dear Dr. Busy", confidence=0.7), SEEN, [])
    assert points_ < AUTOMATIC
    assert why.endswith("read with a confidence of 0.70")


def test_the_patient_alone_counts_nothing() -> None:
    """Without an author who was asked, there is nothing but the patient."""
    other = note(author=Party("1999999992", "Dr. Other"))
    assert points(other) == points(note()) - 40

"""Whatever signals come, in whatever order, a referral is the fold of them."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hub.routing.referrals.book import Book
from hub.routing.referrals.fold import fold, referral_json
from hub.routing.referrals.states import OPERATOR_STEPS, SETTLED, State, Step
from hub.routing.referrals.tasks import referral_tasks
from hub.routing.referrals.timers import due_at, overdue_days
from hub.routing.statements import Party, ReferralSignal
from tests.unit.routing.referrals.referral_signals import BUSY, LOVE, PLACER, SUBJECT, said, signal

NOW = datetime(2026, 4, 1, tzinfo=UTC)
TIMES = [f"2026-03-{day:02}T{hour:02}:00" for day in range(1, 12) for hour in (8, 16)]
any_text = st.sampled_from(["", "x", "2026-03-20", "2026-03-20T10:00:00-04:00", "not a time"])
parties = st.sampled_from([Party(), BUSY, LOVE, Party("", "Dr. Love"), Party("", "", "Love Cardiology Group")])


@st.composite
def any_signal(draw: st.DrawFn, steps: list[Step]) -> ReferralSignal:
    return signal(
        draw(st.sampled_from(steps)),
        draw(st.sampled_from(TIMES)),
        message=draw(st.sampled_from([f"m-{n}" for n in range(20)])),
        keys=draw(st.sampled_from([(), (PLACER,), ("a|AP1",), (PLACER, "a|AP2")])),
        subject=draw(st.sampled_from(["", SUBJECT])),
        number=draw(st.sampled_from(["", "REF-2207"])),
        learned=draw(st.sampled_from([(), ("b|F1",), ("a|AP1",)])),
        priority=draw(st.sampled_from(["", "stat", "urgent", "routine", "whatever"])),
        referrer=draw(parties),
        referred_to=draw(parties),
        author=draw(parties),
        document=draw(st.sampled_from(["", "d1", "d2"])),
        due=draw(any_text),
        appointment_at=draw(any_text),
        dated=draw(any_text),
        note=draw(any_text),
    )


every_step = st.lists(any_signal(list(Step)), max_size=12)
by_messages = st.lists(any_signal(sorted(set(Step) - OPERATOR_STEPS)), max_size=10)


@given(every_step, st.randoms())
def test_any_signals_make_a_referral(signals: list[ReferralSignal], random) -> None:  # type: ignore[no-untyped-def]
    """Any signals in any order give one referral, whose history has every one of them and whose milestones have names
    of their own."""
    shuffled = [*signals, *signals]
    random.shuffle(shuffled)
    referral = fold(signals)
    assert referral_json(fold(shuffled)) == referral_json(referral)
    assert len(referral.history) == len(set(signals))
    labels = [h.label for h in referral.milestones]
    assert len(set(labels)) == len(labels)
    assert all(h.label or h.evidence for h in referral.history)
    assert overdue_days(due_at(referral), NOW) >= 0
    referral_tasks("r", "p", referral, "practice")


def test_two_words_on_one_step_at_one_time_have_an_order() -> None:
    """One message may say a step twice, with other words: which one comes first does not depend on who came first."""
    at = "2026-03-02T10:00"
    both = [signal(Step.REQUESTED, at, message="m", due=due) for due in ("2026-03-20", "2026-03-21")]
    assert referral_json(fold(both)) == referral_json(fold(reversed(both)))


@given(by_messages)
def test_messages_never_reopen(signals: list[ReferralSignal]) -> None:
    """No message leads out of a settled state, but for a note that is taken back."""
    for happening in fold(signals).milestones:
        assert happening.before not in SETTLED or happening.step is Step.RETRACTED
        assert happening.after is not State.CLOSED or happening.step is Step.READ


@given(by_messages)
def test_a_resend_changes_nothing(signals: list[ReferralSignal]) -> None:
    """Messages that are taken again, by a book of referrals, move nothing and tell nothing."""
    messages = {s.source.message_id: s for s in signals}.values()
    book = Book()
    for each in messages:
        book.take(said(each))
    before = {i: referral_json(loop.referral) for i, loop in book.loops.items()}
    for each in messages:
        again = book.take(said(replace(each)))
        assert (again.events, again.transitions) == ([], 0)
    assert {i: referral_json(loop.referral) for i, loop in book.loops.items()} == before

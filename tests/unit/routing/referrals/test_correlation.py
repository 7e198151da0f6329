import pytest

from hub.routing.referrals.parties import same_party
from hub.routing.referrals.said import signals
from hub.routing.statements import Coded, DocumentStatement, Party, Reading, ReferralSignal, ResultStatement
from tests.unit.routing.referrals.referral_signals import LOVE, PLACER, numbered, source

WHEN = source("2026-03-20T15:00")
CONSULT = Coded("11488-4", "http://loinc.org", "Consult note")
SUMMARY = Coded("18842-5", "http://loinc.org", "Discharge summary")


def steps(*statements: object) -> list[tuple[str, bool]]:
    said = signals(Reading(WHEN, "T02", statements))  # type: ignore[arg-type]
    return [(s.signal.step, s.incidental) for s in said]


def document(kind: Coded, **more: object) -> DocumentStatement:
    return DocumentStatement(source=WHEN, subject="doc-1", type=kind, author=LOVE, **more)  # type: ignore[arg-type]


def test_consult_notes_speak_of_referrals() -> None:
    """A final consult note is a note, one that is not final an interim note, one taken back a retraction."""
    assert steps(document(CONSULT)) == [("note", False)]
    assert steps(document(CONSULT, final=False)) == [("interim-note", False)]
    assert steps(document(SUMMARY, retracted=True)) == [("retracted", False)]


def test_other_documents_and_results_count_only_by_key_and_author() -> None:
    """A numbered document of another type, or a final result on an order, is incidental; without a number, nothing."""
    assert steps(document(SUMMARY)) == []
    assert steps(document(SUMMARY, referral_keys=(PLACER,))) == [("note", True)]
    result = ResultStatement(source=WHEN, subject="r", code=Coded("718-7"), status="final", order_keys=(PLACER,))
    assert steps(result) == [("note", True)]


def test_a_document_that_is_a_signal_already_is_not_counted_twice() -> None:
    """When a message states the signal of its document itself, that is the one that counts."""
    stated: ReferralSignal = numbered("note", "2026-03-20T15:00", document="doc-1")
    assert len(steps(document(CONSULT), stated)) == 1


@pytest.mark.parametrize(
    ("author", "same"),
    [
        (Party("1111111112", "A. Love", ""), True),
        (Party("1999999992", "Dr. Other", "LOVE CARDIOLOGY GROUP"), True),
        (Party("", "Love, MD", ""), True),
        (Party("1999999992", "Dr. Love", ""), False),
        (Party("", "Dr. Kidney", ""), False),
        (Party(), False),
    ],
)
def test_an_author_is_compared_by_npi_then_group_then_name(author: Party, same: bool) -> None:
    """The author is whom it was sent to by NPI or group; the name counts only where an NPI is missing."""
    assert bool(same_party(author, LOVE)) is same

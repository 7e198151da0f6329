"""What one message says of referrals: its own signals, and those that its documents and results are."""

from dataclasses import dataclass

from hub.routing.referrals.states import Step
from hub.routing.statements import Coded, DocumentStatement, Reading, ReferralSignal, ResultStatement

CONSULT_NOTES = frozenset({"11488-4", "34099-2", "34100-8", "34101-6", "34102-4", "34103-2", "34104-0", "CN"})
"""LOINC codes of consult notes (11488-4 and its settings), and HL7 v2 table 0270 ``CN``."""

READ_TEXT = 2000
"""So many characters of a note are weighed: the address and the question stand at its beginning."""

_RESULT_STEPS = {
    "final": Step.NOTE,
    "amended": Step.NOTE,
    "corrected": Step.NOTE,
    "cancelled": Step.RETRACTED,
    "entered-in-error": Step.RETRACTED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """A signal as one message says it. ``incidental`` is what answers a referral only when it carries the referral's
    key and comes from whom it was sent to: a result, or a document that is no consult note."""

    signal: ReferralSignal
    incidental: bool = False


def signals(reading: Reading) -> tuple[Said, ...]:
    """What one message says of referrals: its own signals, and those that its documents and results are."""
    stated = tuple(Said(s) for s in reading.statements if isinstance(s, ReferralSignal))
    named = {s.signal.document for s in stated}
    documents = (_of_document(s) for s in reading.statements if isinstance(s, DocumentStatement))
    results = (_of_result(s) for s in reading.statements if isinstance(s, ResultStatement))
    return (*stated, *(s for s in (*documents, *results) if s is not None and s.signal.document not in named))


def _of_document(document: DocumentStatement) -> Said | None:
    consult = _is_consult(document.type)
    if not (document.retracted or document.referral_keys or consult):
        return None
    step = Step.RETRACTED if document.retracted else Step.NOTE if document.final else Step.INTERIM_NOTE
    signal = ReferralSignal(
        source=document.source,
        step=step,
        keys=document.referral_keys,
        author=document.author,
        document=document.subject,
        dated=document.dated,
        text=document.text[:READ_TEXT],
        recipients=document.recipients,
        confidence=document.confidence,
    )
    return Said(signal, incidental=not (consult or document.retracted))


def _is_consult(kind: Coded) -> bool:
    return kind.code in CONSULT_NOTES or "consult" in kind.text.lower()


def _of_result(result: ResultStatement) -> Said | None:
    step = _RESULT_STEPS.get(result.status)
    if not result.order_keys or step is None:
        return None
    signal = ReferralSignal(
        source=result.source,
        step=step,
        keys=result.order_keys,
        author=result.performer,
        document=result.subject,
    )
    return Said(signal, incidental=True)

"""What a book of referrals holds, and what it says of it: loops, suggestions, and the outcome of a message."""

from dataclasses import asdict, dataclass, field

from hub.model import CareEvent, Json, stable_id
from hub.routing.referrals.correlation import Match
from hub.routing.referrals.events import care_event
from hub.routing.referrals.fold import Happening, Referral, fold, signal_keys
from hub.routing.referrals.parties import same_party
from hub.routing.statements import ReferralSignal

Place = tuple[str, int]
"""A signal's message and its position there."""


@dataclass(slots=True)
class Loop:
    """One referral: its journal, the fold of it, and the milestones that were already told."""

    id: str
    person_id: str
    journal: dict[Place, ReferralSignal] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    referral: Referral = field(default_factory=Referral)

    def add(self, place: Place, signal: ReferralSignal) -> None:
        self.journal[place] = signal
        self.referral = fold(self.journal.values())

    def remove(self, place: Place) -> None:
        del self.journal[place]
        self.referral = fold(self.journal.values())


@dataclass(slots=True)
class Suggestion:
    """A signal that probably belongs to a referral, until an operator decides. ``document`` is the note's id."""

    id: str
    referral_id: str
    message_id: str
    position: int
    person_id: str
    document: str
    why: str
    candidates: int
    points: int = 0
    status: str = "open"
    decided_by: str = ""
    created_at: str = ""


@dataclass(slots=True)
class Outcome:
    """What one message did: ``events`` to publish, the number of ``transitions``, and ``steps`` for explanations:
    of each signal the referral (``subject``, ``number``), the key that matched, who else was looked at and why not,
    the state ``before`` and ``after``, and the reason when nothing moved (``evidence``)."""

    events: list[CareEvent] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    transitions: int = 0


def evidence_id(signal: ReferralSignal) -> str:
    """What a suggestion is about: the document, else the message."""
    return signal.document or signal.source.message_id


def suggestion(loop: Loop, place: Place, signal: ReferralSignal, why: str) -> Suggestion:
    """That the signal may belong to the referral; the same whenever it is said."""
    document = evidence_id(signal)
    return Suggestion(
        id=stable_id("suggestion", loop.id, document),
        referral_id=loop.id,
        message_id=place[0],
        position=place[1],
        person_id=signal.source.person_id,
        document=document,
        why=why,
        candidates=1,
    )


def answers(signal: ReferralSignal, match: Match, referral: Referral) -> bool:
    """Whether what is no consult note answers the referral all the same: it comes from whom that was sent to."""
    return match.by == "document" or bool(same_party(signal.author, referral.referred_to))


def new_events(loop: Loop, match: Match) -> list[CareEvent]:
    """The milestones that were not told yet; one that something later has overtaken is told to nobody."""
    milestones = loop.referral.milestones
    new = [h for h in milestones if h.label not in loop.told]
    loop.told.update(h.label for h in new)
    return [_care_event(loop, happening, match, last=happening is milestones[-1]) for happening in new]


def _care_event(loop: Loop, happening: Happening, match: Match, *, last: bool) -> CareEvent:
    silent = "" if last else f"came late: the referral is already {loop.referral.state}"
    return care_event(loop.id, loop.person_id, loop.referral, happening, matched_by=match.by, silent=silent)


def placed(loop: Loop, place: Place, signal: ReferralSignal, match: Match, before: str) -> Json:
    """What to explain of a signal that found its referral."""
    happening = next(h for h in loop.referral.history if h.message_id == place[0] and h.step == signal.step)
    return {
        "subject": loop.id,
        "number": loop.referral.number,
        "step": signal.step,
        "message": place[0],
        "matched_by": match.by,
        "key": match.key,
        "candidates": [asdict(c) for c in match.candidates],
        "before": before,
        "after": loop.referral.state,
        "inferred": happening.inferred,
        "evidence": happening.evidence,
    }


def unplaced(signal: ReferralSignal, match: Match) -> Json:
    """What to explain of a signal that found none."""
    return {
        "subject": "",
        "number": signal.number,
        "step": signal.step,
        "message": signal.source.message_id,
        "matched_by": "",
        "key": " ".join(signal_keys(signal)),
        "candidates": [asdict(c) for c in match.candidates],
        "before": "",
        "after": "",
        "inferred": False,
        "evidence": "suggested to an operator" if match.suggested else "kept until a referral claims it",
    }

"""Whom a record is linked to, and what a person is to look at: at most one automatic candidate."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.identity import comparators
from hub.identity.features import Features
from hub.identity.scoring import Score
from hub.identity.weights import Weights, weights
from hub.model import Json


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known person, by the one record of that person's that fits best."""

    person_id: str
    record: str
    score: Score

    def to_json(self) -> Json:
        """For ``hub explain`` and the review queue."""
        return {
            "person_id": self.person_id,
            "record": self.record,
            "bits": round(self.score.bits, 2),
            "evidence": [[e.field, e.level, round(e.bits, 2)] for e in self.score.evidence],
            "vetoes": [str(veto) for veto in self.score.vetoes],
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """``linked`` is certain enough to be linked automatically; ``same`` are known persons who are then the same one, by
    the same evidence; ``review`` are for a person to decide, best first: without a link all who are likely, with one
    those whom nothing tells apart. With nothing linked, the record is a person of its own until somebody decides
    otherwise."""

    linked: Candidate | None = None
    same: tuple[Candidate, ...] = ()
    review: tuple[Candidate, ...] = ()


def decide(
    candidates: Iterable[Candidate],
    contradicted: Callable[[Candidate], bool],
    compatible: Callable[[Candidate, Candidate], bool],
    table: Weights | None = None,
) -> Decision:
    """Links to the one person who is certain when nobody else is near. ``candidates`` are one for each person;
    ``contradicted`` says whether another record of that person contradicts the record, ``compatible`` whether two
    persons could be one, so that a second one who fits raises no doubt."""
    table = table or weights()
    ranked = sorted(candidates, key=lambda c: (-c.score.bits, c.person_id))
    likely = tuple(c for c in ranked if c.score.bits >= table.review)
    certain = [c for c in likely if _is_certain(c, table) and (c.score.conclusive or not contradicted(c))]
    if not certain:
        return Decision(review=likely)
    best = next((c for c in certain if c.score.conclusive), certain[0])
    same = tuple(c for c in certain if c is not best and (_conclusive(best, c) or compatible(best, c)))
    others = tuple(c for c in likely if c is not best and c not in same)
    doubtful = any(c in certain and c.score.bits >= best.score.bits - table.margin for c in others)
    if doubtful and not best.score.conclusive:
        return Decision(review=likely)
    return Decision(best, same, tuple(c for c in others if not c.score.contradictory))


def _conclusive(one: Candidate, other: Candidate) -> bool:
    return one.score.conclusive and other.score.conclusive


def fits(scores: Iterable[Score], table: Weights | None = None) -> bool:
    """Whether what is said on both sides goes together: of all pairs of records more support that they are one
    person's than contradict it."""
    table = table or weights()
    balance = 0
    for found in scores:
        if found.contradictory:
            balance -= 1
        elif found.bits >= table.review:
            balance += 1
    return balance > 0


def _is_certain(candidate: Candidate, table: Weights) -> bool:
    return candidate.score.bits >= table.automatic and not candidate.score.vetoes


def names_somebody_else(said: Features, known: Features) -> bool:
    """Whether a record that came under a known number is about another person: born on another day, unless that is a
    slip of the pen under the same name, or nobody knew yet who the patient was. Names change."""
    level = comparators.born(said.born, known.born)
    if level in ("", "same", "partial") or (known.nameless and not said.nameless):
        return False
    return (said.family, said.given) != (known.family, known.given) or level not in ("swapped", "typo", "near")

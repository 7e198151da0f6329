"""Of whom a part of a form speaks: a phone beside the referring physician is not the patient's.

The one who was named last before it, in the same column: a name above and to the left counts, one to the right does
not. What stands before anybody is named belongs to the letterhead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.formats.fax.labels import OWNED, PERSONS
from hub.formats.fax.pairs import Pair
from hub.ports import Box

PATIENT = "patient"
_OF_PATIENT = {"patient": PATIENT, "birth_date": PATIENT, "mrn": PATIENT, "own_phone": PATIENT}
_NAMES = frozenset({"name", "last_name", "first_name"})
"""A form that says only "Name" speaks of the patient, unless it speaks of somebody else there."""
_BLOCK = 0.2
"""Share of a page's height beyond which a name no longer speaks for what is below it."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Somebody is named at a place of a page."""

    owner: str
    page: int
    box: Box


def anchors_of(pairs: Sequence[Pair], sections: Sequence[tuple[str, int, Box]]) -> list[Anchor]:
    """Where a form begins to speak of somebody."""
    named = [
        Anchor(_OF_PATIENT.get(pair.key, pair.key), pair.page, pair.label)
        for pair in pairs
        if pair.decided
        and (pair.key in _OF_PATIENT or pair.key in PERSONS or (pair.key == "other" and _is_person(pair)))
    ]
    anchors = [*named, *(Anchor(owner, page, box) for owner, page, box in sections)]
    names = [pair for pair in pairs if pair.key in _NAMES and pair.decided]
    mine = [pair for pair in names if owner_of(pair, anchors) in {PATIENT, ""}]
    return [*anchors, *(Anchor(PATIENT, pair.page, pair.label) for pair in mine)]


def owner_of(pair: Pair, anchors: Sequence[Anchor]) -> str:
    """Who owns the field; empty where nobody was named before it."""
    before = [anchor for anchor in anchors if anchor.page == pair.page and _speaks_for(anchor.box, pair.label)]
    nearest = min(before, key=lambda anchor: _distance(anchor.box, pair.label), default=None)
    return nearest.owner if nearest else ""


def is_owned(pair: Pair) -> bool:
    return pair.key in OWNED


def _is_person(pair: Pair) -> bool:
    """Labels of others than patient and clinicians that begin a block of their own."""
    words = pair.value.split()
    return pair.decided and 2 <= len(words) <= 6 and words[0][:1].isupper()


def _speaks_for(anchor: Box, label: Box) -> bool:
    tall = max(label.bottom - label.top, 0.005)
    above = anchor.top <= label.top + 0.6 * tall and label.top - anchor.top < _BLOCK
    return above and anchor.left <= label.left + 0.02


def _distance(anchor: Box, label: Box) -> float:
    """Down counts in full; to the right, a third."""
    return max(label.top - anchor.top, 0.0) + 0.33 * max(label.left - anchor.left, 0.0)

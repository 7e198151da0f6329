"""Whose a visit, a report or a document is: senders use their numbers again, and mistype them.

What is known under a number is never mixed with what the message of another patient says under it. Whoever came first
keeps the number; the other one's is kept apart under a subject of its own, and the trace says so. Two persons whom
nothing tells apart are taken for one patient who has two identifiers until somebody merges them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from hub.identity.resolution import could_be_one
from hub.model import stable_id
from hub.routing.statements import DocumentStatement, EncounterStatement, Reading, ResultStatement, Statement
from hub.services.identity import people
from hub.store import encounters as store
from hub.store import merges

APART = "the number is another patient's: kept apart"

VISIT_MOVED = "A45"
"""The visit was another patient's by mistake (HL7 v2.9, chapter 3.3.45)."""

Owned = EncounterStatement | ResultStatement | DocumentStatement


class Owners:
    """The persons to whom the subjects of a batch belong, in the order in which its messages name them."""

    def __init__(self, transaction: Connection, readings: Sequence[Reading]) -> None:
        self._transaction = transaction
        self._alike: dict[tuple[str, str], bool] = {}
        subjects = {subject for reading in readings for subject in _subjects(reading)}
        self._owner = store.owners(transaction, subjects) if subjects else {}

    def settle(self, reading: Reading, noted: Mapping[str, str]) -> tuple[Reading, dict[str, str]]:
        """The reading with its own subjects; and by subject, as it was stated, which one that is. What was ``noted``
        before of the same message stays so, whatever more is known of the two patients by now."""
        person = reading.source.person_id
        if not person:
            return reading, {}
        own = self._moved if reading.trigger == VISIT_MOVED else self._mine
        mine = {s: noted[s] if s in noted else own(s, person) for s in _subjects(reading)}
        if all(subject == own for subject, own in mine.items()):
            return reading, mine
        return replace(reading, statements=tuple(_restated(s, mine) for s in reading.statements)), mine

    def _moved(self, subject: str, person: str) -> str:
        """The sender knows that the visit is this patient's; what came of it goes with it."""
        owner = self._owner.get(subject, person)
        if owner != person:
            merges.give_subjects(self._transaction, owner, person, [subject])
        self._owner[subject] = person
        return subject

    def _mine(self, subject: str, person: str) -> str:
        owner = self._owner.setdefault(subject, person)
        if owner == person:
            return subject
        own = stable_id("apart", subject, person)
        if self._is_there(own) or not self._could_be_one(owner, person):
            self._owner[own] = person
            return own
        self._owner[subject] = person
        return subject

    def _is_there(self, subject: str) -> bool:
        if subject not in self._owner:
            self._owner |= store.owners(self._transaction, [subject])
        return subject in self._owner

    def _could_be_one(self, owner: str, person: str) -> bool:
        if (owner, person) not in self._alike:
            known = people.of_person(self._transaction, owner)
            said = people.of_person(self._transaction, person)
            fits = (could_be_one(a.demographics, b.demographics) for a in known for b in said)
            self._alike[owner, person] = all(fits)
        return self._alike[owner, person]


def _subjects(reading: Reading) -> Iterator[str]:
    for statement in reading.statements:
        if isinstance(statement, Owned):
            yield statement.subject
        if isinstance(statement, DocumentStatement) and statement.encounter:
            yield statement.encounter


def _restated(statement: Statement, mine: dict[str, str]) -> Statement:
    if isinstance(statement, DocumentStatement):
        visit = mine.get(statement.encounter, "")
        return replace(statement, subject=mine[statement.subject], encounter=visit)
    return replace(statement, subject=mine[statement.subject]) if isinstance(statement, Owned) else statement

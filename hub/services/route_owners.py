"""Whose a visit, a report or a document is: senders use their numbers again, and mistype them.

What is known under a number is never mixed with what the message of another patient says under it. Whoever came first
keeps the number; the other one's is kept apart under a subject of its own, and the trace says so. Two persons whom
nothing tells apart are taken for one patient who has two identifiers until somebody merges them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from hub.identity.resolution import could_be_one
from hub.model import stable_id
from hub.routing.statements import DocumentStatement, EncounterStatement, Reading, ResultStatement, Statement
from hub.services import people
from hub.store import encounters as store

APART = "the number is another patient's: kept apart"

Owned = EncounterStatement | ResultStatement | DocumentStatement


class Owners:
    """The persons to whom the subjects of a batch belong, in the order in which its messages name them."""

    def __init__(self, transaction: Connection, readings: Sequence[Reading]) -> None:
        self._transaction = transaction
        self._alike: dict[tuple[str, str], bool] = {}
        named = {(s, reading.source.person_id) for reading in readings for s in _subjects(reading)}
        subjects = {subject for subject, _ in named} | {_own(*each) for each in named}
        self._owner = store.owners(transaction, subjects) if subjects else {}

    def settle(self, reading: Reading) -> tuple[Reading, tuple[str, ...]]:
        """The reading with its own subjects, and those among them that were kept apart."""
        person = reading.source.person_id
        if not person:
            return reading, ()
        mine = {subject: self._mine(subject, person) for subject in _subjects(reading)}
        apart = tuple(own for subject, own in mine.items() if own != subject)
        if not apart:
            return reading, ()
        return replace(reading, statements=tuple(_restated(s, mine) for s in reading.statements)), apart

    def _mine(self, subject: str, person: str) -> str:
        owner = self._owner.setdefault(subject, person)
        own = _own(subject, person)
        if owner != person and (own in self._owner or not self._could_be_one(owner, person)):
            self._owner[own] = person
            return own
        self._owner[subject] = person
        return subject

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


def _own(subject: str, person: str) -> str:
    return stable_id("apart", subject, person)


def _restated(statement: Statement, mine: dict[str, str]) -> Statement:
    if isinstance(statement, DocumentStatement):
        visit = mine.get(statement.encounter, "")
        return replace(statement, subject=mine[statement.subject], encounter=visit)
    return replace(statement, subject=mine[statement.subject]) if isinstance(statement, Owned) else statement

"""What the visits, reports and documents of a batch are known as: loaded at once, folded in memory, then written."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import orjson
from sqlalchemy import Connection

from hub.routing.codec import decode
from hub.routing.documents import DocumentRecord
from hub.routing.encounters.events import EncounterRecord
from hub.routing.encounters.projection import fold, step
from hub.routing.encounters.state import EncounterState
from hub.routing.results import ResultRecord, ResultState
from hub.routing.statements import DocumentStatement, EncounterStatement, Reading, ResultStatement
from hub.store import encounters as store
from hub.store.encounters import JournalRow, StateRow

Place = tuple[str, int]
"""A statement's message and its position there."""

S = TypeVar("S")


def stated(reading: Reading, kind: type[S]) -> Iterator[tuple[int, S]]:
    """The statements of one kind, with their positions in the message."""
    return ((position, s) for position, s in enumerate(reading.statements) if isinstance(s, kind))


class Visits:
    """The visits that a batch is about, and the others of the same persons; decoded when they are asked for.

    A journal is loaded only where a statement comes out of order or again: everything else is one step of the fold.
    """

    def __init__(self, transaction: Connection, readings: Sequence[Reading], replayed: bool) -> None:
        said = [s for reading in readings for _, s in stated(reading, EncounterStatement)]
        documents = [s for reading in readings for _, s in stated(reading, DocumentStatement) if s.encounter]
        self._raw: dict[str, bytes] = {}
        self._of_person: dict[str, list[str]] = {}
        self._known: dict[str, EncounterRecord] = {}
        self._changed: dict[str, StateRow] = {}
        self._written: dict[tuple[str, Place], EncounterStatement] = {}
        if said or documents:
            subjects = {s.subject for s in said} | {d.encounter for d in documents}
            self._load(transaction, subjects, {s.source.person_id for s in said})
        self._journals = self._journals_of(transaction, self._out_of_order(said, replayed))

    def _load(self, transaction: Connection, subjects: set[str], persons: set[str]) -> None:
        for row in store.visits(transaction, subjects, persons - {""}):
            self._raw[row.id] = row.state
            self._of_person.setdefault(row.person_id, []).append(row.id)

    def _out_of_order(self, said: Iterable[EncounterStatement], replayed: bool) -> set[str]:
        newest: dict[str, tuple[str, ...]] = {}
        late = set()
        for s in said:
            known = self.get(s.subject)
            last = newest.get(s.subject) or (known.state.last if known else ())
            newest[s.subject] = max(last, s.source.order_key)
            if (known and replayed) or s.source.order_key <= last:
                late.add(s.subject)
        return late

    def _journals_of(self, transaction: Connection, subjects: set[str]) -> dict[str, dict[Place, EncounterStatement]]:
        journals: dict[str, dict[Place, EncounterStatement]] = {subject: {} for subject in subjects}
        for row in store.journal(transaction, subjects) if subjects else ():
            statement = decode(EncounterStatement, orjson.loads(row.body))
            journals[row.subject][row.message_id, row.position] = statement
        return journals

    def get(self, subject: str) -> EncounterRecord | None:
        """What is known of a visit."""
        if subject not in self._known and subject in self._raw:
            self._known[subject] = decode(EncounterRecord, orjson.loads(self._raw[subject]))
        return self._known.get(subject)

    def others(self, person_id: str, subject: str) -> list[EncounterState]:
        """The person's other visits."""
        ids = self._of_person.get(person_id, ()) if person_id else ()
        return [found.state for i in ids if i != subject and (found := self.get(i))]

    def take(self, place: Place, s: EncounterStatement) -> EncounterState | None:
        """The visit with one more statement; None when exactly this was stated at this place before."""
        journal = self._journals.get(s.subject)
        known = self.get(s.subject)
        if journal is None:
            state = step(known.state if known else EncounterState(s.subject), s)
        elif journal.get(place) == s:
            return None
        else:
            newest = place not in journal and known is not None and s.source.order_key > known.state.last
            journal[place] = s
            state = step(known.state, s) if newest and known else fold(list(journal.values()))
        self._written[s.subject, place] = s
        return state

    def keep(self, record: EncounterRecord, person_id: str) -> None:
        """Remembers what a visit is known as from now on."""
        subject = record.state.subject
        if subject not in self._known:
            self._of_person.setdefault(person_id, []).append(subject)
        self._known[subject] = record
        self._changed[subject] = StateRow(subject, person_id, b"")

    def save(self, transaction: Connection, now: str) -> None:
        """Writes visits and statements that are new or different."""
        rows = [row._replace(state=orjson.dumps(self._known[row.id])) for row in self._changed.values()]
        store.save_visits(transaction, rows, now)
        written = [
            JournalRow(subject, *place, s.source.instant, orjson.dumps(s))
            for (subject, place), s in self._written.items()
        ]
        store.save_journal(transaction, written)


class Reports:
    """The reports and documents that a batch is about."""

    def __init__(self, transaction: Connection, readings: Sequence[Reading]) -> None:
        ids = {
            s.subject
            for reading in readings
            for s in reading.statements
            if isinstance(s, ResultStatement | DocumentStatement)
        }
        self._raw = {row.id: row.state for row in store.reports(transaction, ids)} if ids else {}
        self._known: dict[str, ResultRecord | DocumentRecord] = {}
        self._changed: dict[str, str] = {}

    def result(self, subject: str) -> ResultRecord:
        """What is known of a report."""
        known = self._known.get(subject)
        if isinstance(known, ResultRecord):
            return known
        raw = self._raw.get(subject)
        return decode(ResultRecord, orjson.loads(raw)) if raw else ResultRecord(ResultState(subject))

    def document(self, subject: str) -> DocumentRecord:
        """What is known of a document."""
        known = self._known.get(subject)
        if isinstance(known, DocumentRecord):
            return known
        raw = self._raw.get(subject)
        return decode(DocumentRecord, orjson.loads(raw)) if raw else DocumentRecord(subject)

    def keep(self, record: ResultRecord | DocumentRecord, person_id: str) -> None:
        """Remembers what a report or document is known as from now on."""
        subject = record.subject if isinstance(record, DocumentRecord) else record.state.subject
        self._known[subject] = record
        self._changed[subject] = person_id

    def save(self, transaction: Connection, now: str) -> None:
        """Writes what is new or different."""
        rows = [StateRow(i, person_id, orjson.dumps(self._known[i])) for i, person_id in self._changed.items()]
        store.save_reports(transaction, rows, now)

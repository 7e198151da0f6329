"""Visits with their journals, reports and documents: what they are known as, by id and by person."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from hub.store.schema import encounters, results, statements
from hub.store.upsert import upsert

JOURNAL = "encounter"


class StateRow(NamedTuple):
    """What is known of a visit, a report or a document; ``state`` is JSON."""

    id: str
    person_id: str
    state: bytes


class JournalRow(NamedTuple):
    """One statement of a visit's journal: the visit, its place in its message, when it happened (UTC text), JSON."""

    subject: str
    message_id: str
    position: int
    occurred_at: str
    body: bytes


def visits(connection: Connection, ids: Iterable[str], person_ids: Iterable[str]) -> list[StateRow]:
    """The visits with these ids and all visits of these persons."""
    wanted = or_(encounters.c.id.in_(list(ids)), encounters.c.person_id.in_(list(person_ids)))
    query = select(encounters.c.id, encounters.c.person_id, encounters.c.state).where(wanted)
    return [StateRow(*row) for row in connection.execute(query.order_by(encounters.c.id))]


def reports(connection: Connection, ids: Iterable[str]) -> list[StateRow]:
    """The reports and documents with these ids."""
    query = select(results.c.id, results.c.person_id, results.c.state).where(results.c.id.in_(list(ids)))
    return [StateRow(*row) for row in connection.execute(query)]


def owners(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """By id, the persons of visits, reports and documents."""
    wanted = list(ids)
    found: dict[str, str] = {}
    for table in (encounters, results):
        query = select(table.c.id, table.c.person_id).where(table.c.id.in_(wanted), table.c.person_id != "")
        found |= {row.id: row.person_id for row in connection.execute(query)}
    return found


def journal(connection: Connection, subjects: Iterable[str]) -> list[JournalRow]:
    """All statements about these visits."""
    columns = [statements.c[name] for name in JournalRow._fields]
    query = select(*columns).where(statements.c.subject.in_(list(subjects)), statements.c.kind == JOURNAL)
    return [JournalRow(*row) for row in connection.execute(query)]


def save_visits(transaction: Connection, rows: Sequence[StateRow], now: str) -> None:
    """Writes new and changed visits."""
    upsert(transaction, encounters, [row._asdict() | {"changed_at": now} for row in rows])


def save_reports(transaction: Connection, rows: Sequence[StateRow], now: str) -> None:
    """Writes new and changed reports and documents."""
    upsert(transaction, results, [row._asdict() | {"changed_at": now} for row in rows])


def save_journal(transaction: Connection, rows: Sequence[JournalRow]) -> None:
    """Writes statements; one at the same place of the same message is replaced."""
    upsert(transaction, statements, [row._asdict() | {"kind": JOURNAL} for row in rows])

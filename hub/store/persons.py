"""Who is who: the source records of each person, and moving one person's history to another."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, func, or_, select, update

from hub.model import Json
from hub.store.referrals import move_held
from hub.store.schema import (
    encounters,
    events,
    identity_blocks,
    messages,
    notifications,
    panel,
    referrals,
    results,
    source_records,
    tasks,
)
from hub.store.upsert import insert_new, upsert

PARAMETERS = 900
"""At most so many values in one statement: SQLite's own limit was 999."""

_OF_A_PERSON = (source_records, messages, encounters, results, referrals, tasks, panel, events, notifications)


def by_keys(connection: Connection, keys: Iterable[str]) -> list[Any]:
    """The source records under one of the keys."""
    return _records(connection, source_records.c.key.in_(list(keys)))


def by_blocks(connection: Connection, blocks: Iterable[str]) -> list[Any]:
    """The source records in one of the blocks."""
    sought = list(blocks)
    parts = (sought[at : at + PARAMETERS] for at in range(0, len(sought), PARAMETERS))
    keys = {
        key
        for part in parts
        for key in connection.execute(
            select(identity_blocks.c.record).where(identity_blocks.c.block.in_(part))
        ).scalars()
    }
    found = list(keys)
    return [r for at in range(0, len(found), PARAMETERS) for r in by_keys(connection, found[at : at + PARAMETERS])]


def add_blocks(transaction: Connection, rows: Sequence[dict[str, str]], largest: int) -> None:
    """Notes in which blocks records are (rows of ``block`` and ``record``); a block of more than ``largest`` records
    takes no more."""
    blocks = list({row["block"] for row in rows})
    full: set[str] = set()
    for at in range(0, len(blocks), PARAMETERS):
        column = identity_blocks.c.block
        sizes = select(column).where(column.in_(blocks[at : at + PARAMETERS])).group_by(column)
        full |= set(transaction.execute(sizes.having(func.count() > largest)).scalars())
    insert_new(transaction, identity_blocks, [row for row in rows if row["block"] not in full])


def of_persons(connection: Connection, person_ids: Iterable[str]) -> list[Any]:
    """The source records of the persons."""
    return _records(connection, source_records.c.person_id.in_(list(person_ids)))


def save(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Writes new and changed source records."""
    upsert(transaction, source_records, rows)


def add(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Writes new source records; a known one stays as it is."""
    insert_new(transaction, source_records, rows)


def move(transaction: Connection, retired: str, survivor: str) -> None:
    """The source records and the history of the retired person become the survivor's."""
    for table in _OF_A_PERSON:
        transaction.execute(update(table).where(table.c.person_id == retired).values(person_id=survivor))
    move_held(transaction, retired, survivor)


def displays(connection: Connection, person_ids: Iterable[str]) -> dict[str, Json]:
    """Demographics of each person for people to read: name, birth_date, sex, identifiers."""
    by_person: dict[str, list[Json]] = {}
    for row in of_persons(connection, person_ids):
        by_person.setdefault(row.person_id, []).append({"key": row.key, **orjson.loads(row.demographics)})
    return {person_id: _display(said) for person_id, said in by_person.items()}


def matching(connection: Connection, text: str) -> set[str]:
    """The persons of that id, or with an identifier of exactly that value."""
    key, ending = source_records.c.key, f"|{text}"
    same = or_(source_records.c.person_id == text, func.substr(key, func.length(key) - len(text)) == ending)
    return set(connection.execute(select(source_records.c.person_id).where(same)).scalars())


def referred(connection: Connection, numbers: Iterable[str]) -> dict[str, set[str]]:
    """The persons of the referrals by their numbers."""
    found: dict[str, set[str]] = {}
    query = select(referrals.c.number, referrals.c.person_id).where(referrals.c.number.in_(list(numbers)))
    for number, person_id in connection.execute(query):
        found.setdefault(number, set()).add(person_id)
    return found


def _display(said: list[Json]) -> Json:
    """The fullest name and the first birth date and sex that any system knows."""
    return {
        "name": max((s["name"] for s in said), key=len),
        "birth_date": next((s["birth_date"] for s in said if s["birth_date"]), ""),
        "sex": next((s["sex"] for s in said if s["sex"]), ""),
        "identifiers": [s["key"] for s in said],
    }


def _records(connection: Connection, condition: Any) -> list[Any]:
    columns = (source_records.c[name] for name in ("key", "person_id", "demographics", "evidence"))
    return list(connection.execute(select(*columns).where(condition).order_by(source_records.c.key)))

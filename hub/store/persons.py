"""Who is who: the source records of each person, and moving one person's history to another."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Select, delete, func, or_, select, update

from hub.model import Json
from hub.store import postgres
from hub.store.engine import on_postgres
from hub.store.referrals import move_held
from hub.store.schema import (
    encounters,
    events,
    identity_blocks,
    identity_rules,
    messages,
    notifications,
    panel,
    referrals,
    results,
    source_records,
    tasks,
)
from hub.store.upsert import insert_new, upsert

T = TypeVar("T")

PARAMETERS = 900
"""At most so many values in one statement: SQLite's own limit was 999."""

_OF_A_PERSON = (source_records, messages, encounters, results, referrals, tasks, panel, events, notifications)


def by_keys(connection: Connection, keys: Iterable[str]) -> list[Any]:
    """The source records under one of the keys."""
    return [row for part in in_parts(keys) for row in _records(connection, source_records.c.key.in_(part))]


def meet(connection: Connection, places: Iterable[str]) -> bool:
    """Waits for the locks of these places where several write at once; whether there was anybody to wait for. SQLite
    has one writer, who needs none."""
    if not on_postgres(connection) or connection.get_execution_options().get("reads_only"):
        return False
    postgres.take_all(connection, [f"meeting/{place}" for place in places])
    return True


def in_blocks(connection: Connection, blocks: Iterable[int]) -> dict[int, list[str]]:
    """The persons in each of the blocks; a block without any is not there."""
    found: dict[int, list[str]] = {}
    query = select(identity_blocks.c.block, source_records.c.person_id).join(
        source_records, source_records.c.key == identity_blocks.c.record
    )
    for part in in_parts(blocks):
        for block, person_id in connection.execute(query.where(identity_blocks.c.block.in_(part)).distinct()).all():
            found.setdefault(block, []).append(person_id)
    return found


def add_blocks(transaction: Connection, rows: Sequence[dict[str, int | str]]) -> None:
    """Notes in which blocks records are: rows of ``block`` and ``record``."""
    insert_new(transaction, identity_blocks, rows)


def clear_blocks(transaction: Connection) -> None:
    """No record is in a block any more."""
    transaction.execute(delete(identity_blocks))


def rules_version(connection: Connection, name: str) -> int | None:
    """By which version of the rules of that name the records were worked up; None where nothing is noted."""
    query = select(identity_rules.c.version).where(identity_rules.c.name == name)
    return connection.execute(query).scalar_one_or_none()


def remove(transaction: Connection, keys: Iterable[str]) -> None:
    """The source records are no more."""
    for part in in_parts(keys):
        transaction.execute(delete(identity_blocks).where(identity_blocks.c.record.in_(part)))
        transaction.execute(delete(source_records).where(source_records.c.key.in_(part)))


def note_rules(transaction: Connection, name: str, version: int) -> None:
    """The records were worked up by this version of the rules."""
    upsert(transaction, identity_rules, [{"name": name, "version": version}])


def page(connection: Connection, after: str, limit: int) -> list[Any]:
    """The source records that follow a key, in the order of their keys."""
    return list(connection.execute(_query(source_records.c.key > after).limit(limit)).all())


def of_persons(connection: Connection, person_ids: Iterable[str]) -> list[Any]:
    """The source records of the persons."""
    return [row for part in in_parts(person_ids) for row in _records(connection, source_records.c.person_id.in_(part))]


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


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, at most so many at once as one statement takes."""
    every = list(values)
    return (every[at : at + PARAMETERS] for at in range(0, len(every), PARAMETERS))


def _records(connection: Connection, condition: Any) -> list[Any]:
    return list(connection.execute(_query(condition)).all())


def _query(condition: Any) -> Select[Any]:
    columns = (source_records.c[name] for name in ("key", "person_id", "demographics", "evidence", "updated_at"))
    return select(*columns).where(condition).order_by(source_records.c.key)

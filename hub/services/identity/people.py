"""Source records between the identity rules and the database."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.identity.blocking import LARGEST, block_keys, meeting_places
from hub.identity.demographics import Demographics
from hub.identity.directory import Directory, Nearby, statements
from hub.identity.features import features
from hub.identity.resolution import SourceRecord, keys_of
from hub.store import persons, postgres
from hub.store.engine import on_postgres


def directory(connection: Connection, patients: Iterable[Demographics], keys: Iterable[str]) -> Directory:
    """What is known under one of the keys, and all that may be of a patient whom no key names. Who makes the same new
    person at this moment has done so when this returns, or waits until this transaction ends."""
    known = {r.key: r for r in map(_record, persons.by_keys(connection, keys))}
    unknown = [p for p in patients if not any(key in known for key in p.keys)]
    if unknown and persons.meet(
        connection, (place for p in unknown for place in meeting_places(features(p), keys_of(p)))
    ):
        new = {key for p in unknown for key in keys_of(p)}
        known |= {r.key: r for r in map(_record, persons.by_keys(connection, new))}
        unknown = [p for p in unknown if not any(key in known for key in p.keys)]
    nearby = _nearby(connection, {block for p in unknown for block in block_keys(features(p))})
    return Directory(known.values(), nearby, partial(of_person, connection))


def _nearby(connection: Connection, sought: Iterable[int]) -> Nearby:
    blocks = persons.in_blocks(connection, sought)
    near = {person for found in blocks.values() if len(found) <= LARGEST for person in found}
    return Nearby(blocks, of_persons(connection, near))


def of_keys(connection: Connection, keys: Iterable[str]) -> list[SourceRecord]:
    """The source records under the keys."""
    return [_record(row) for row in persons.by_keys(connection, keys)]


def of_persons(connection: Connection, person_ids: Iterable[str]) -> list[SourceRecord]:
    """All source records of the persons."""
    return [_record(row) for row in persons.of_persons(connection, person_ids)]


def newest_of_persons(connection: Connection, person_ids: Iterable[str]) -> list[SourceRecord]:
    """All source records of the persons, those that said something last first."""
    rows = persons.of_persons(connection, person_ids)
    return [_record(row) for row in sorted(rows, key=lambda row: row.updated_at, reverse=True)]


def of_person(connection: Connection, person_id: str) -> list[SourceRecord]:
    """The source records of one person."""
    return [_record(row) for row in persons.of_persons(connection, [person_id])]


def page(connection: Connection, after: str, limit: int) -> list[SourceRecord]:
    """The source records that follow a key, in the order of their keys."""
    return [_record(row) for row in persons.page(connection, after, limit)]


def alone(transaction: Connection, *, shared: bool = False) -> None:
    """Until the transaction ends nobody else makes two persons one, or one two; unless ``shared``, nobody finds or
    makes persons at all. Several who share it and meet the same new person, from two facilities, end with one all the
    same (``directory``)."""
    if on_postgres(transaction):
        postgres.take(transaction, "persons", shared=shared)


def save(transaction: Connection, records: Sequence[SourceRecord], now: str) -> None:
    """Writes new and changed source records."""
    in_order = sorted(records, key=lambda r: r.key)  # two who write some of the same wait for one another, no more
    persons.save(transaction, [_row(r, now) for r in in_order])
    save_blocks(transaction, records)


def add(transaction: Connection, records: Sequence[SourceRecord], now: str) -> None:
    """Writes new source records only: what is known by now is not restated by an old message."""
    persons.add(transaction, [_row(r, now) for r in records])
    save_blocks(transaction, records)


def save_blocks(transaction: Connection, records: Sequence[SourceRecord]) -> None:
    """Notes in which blocks the records are; one record of a person stands for all in a block, and a full block takes
    no more."""
    keys = {r.key: block_keys(features(r.demographics)) for r in statements(records)}
    there = persons.in_blocks(transaction, {block for blocks in keys.values() for block in blocks})
    rows: list[dict[str, int | str]] = []
    for record in records:
        for block in keys.get(record.key, ()):
            found = there.setdefault(block, [])
            if len(found) <= LARGEST and record.person_id not in found:
                found.append(record.person_id)
                rows.append({"block": block, "record": record.key})
    persons.add_blocks(transaction, rows)


def _row(record: SourceRecord, now: str) -> dict[str, Any]:
    return {
        "key": record.key,
        "person_id": record.person_id,
        "family": record.demographics.family,
        "given": record.demographics.given,
        "birth_date": record.demographics.birth_date,
        "demographics": orjson.dumps(record.demographics),
        "evidence": orjson.dumps(record.evidence),
        "updated_at": now,
    }


def _record(row: Any) -> SourceRecord:
    said = Demographics.from_json(orjson.loads(row.demographics))
    return SourceRecord(row.key, row.person_id, said, tuple(orjson.loads(row.evidence)))

"""Source records between the identity rules and the database."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.identity.blocking import LARGEST, block_keys
from hub.identity.demographics import Demographics
from hub.identity.features import features
from hub.identity.resolution import SourceRecord
from hub.store import persons


def load(connection: Connection, patients: Iterable[Demographics], keys: Iterable[str]) -> list[SourceRecord]:
    """The source records under one of the keys, and all those that may be the person of a patient whom no key names."""
    found = {r.key: r for r in map(_record, persons.by_keys(connection, keys))}
    unknown = [p for p in patients if not any(key in found for key in p.keys)]
    blocks = {block for p in unknown for block in block_keys(features(p))}
    rows = {r.key: r for r in persons.by_blocks(connection, blocks)} if blocks else {}
    rows |= {r.key: r for r in persons.of_persons(connection, {r.person_id for r in rows.values()})} if rows else {}
    return [*found.values(), *(_record(row) for key, row in rows.items() if key not in found)]


def of_persons(connection: Connection, person_ids: Iterable[str]) -> list[SourceRecord]:
    """All source records of the persons."""
    return [_record(row) for row in persons.of_persons(connection, person_ids)]


def of_person(connection: Connection, person_id: str) -> list[SourceRecord]:
    """The source records of one person."""
    return [_record(row) for row in persons.of_persons(connection, [person_id])]


def save(transaction: Connection, records: Sequence[SourceRecord], now: str) -> None:
    """Writes new and changed source records."""
    persons.save(transaction, [_row(r, now) for r in records])
    persons.add_blocks(transaction, _blocks(records), LARGEST)


def add(transaction: Connection, records: Sequence[SourceRecord], now: str) -> None:
    """Writes new source records only: what is known by now is not restated by an old message."""
    persons.add(transaction, [_row(r, now) for r in records])
    persons.add_blocks(transaction, _blocks(records), LARGEST)


def _blocks(records: Iterable[SourceRecord]) -> list[dict[str, str]]:
    return [{"block": block, "record": r.key} for r in records for block in block_keys(features(r.demographics))]


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

"""Source records between the identity rules and the database."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.identity.demographics import Demographics
from hub.identity.resolution import SourceRecord
from hub.store import persons


def load(connection: Connection, patients: Iterable[Demographics], keys: Iterable[str]) -> list[SourceRecord]:
    """The source records under one of the keys, and those with the family name and birth date of a patient whom no key
    names."""
    found = {r.key: r for r in map(_record, persons.by_keys(connection, keys))}
    unknown = [p for p in patients if p.named and not any(key in found for key in p.keys)]
    born, called = {p.birth_date for p in unknown}, {p.family for p in unknown}
    found |= {r.key: r for r in map(_record, persons.by_birth(connection, born, called))}
    return list(found.values())


def of_person(connection: Connection, person_id: str) -> list[SourceRecord]:
    """The source records of one person."""
    return [_record(row) for row in persons.of_persons(connection, [person_id])]


def save(transaction: Connection, records: Sequence[SourceRecord], now: str) -> None:
    """Writes new and changed source records."""
    persons.save(transaction, [_row(r, now) for r in records])


def add(transaction: Connection, records: Sequence[SourceRecord], now: str) -> None:
    """Writes new source records only: what is known by now is not restated by an old message."""
    persons.add(transaction, [_row(r, now) for r in records])


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

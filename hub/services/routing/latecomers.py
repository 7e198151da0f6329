"""Persons who were merged while their records were on the way, where the stream has several partitions.

A merge is a record of the survivor. What lies in another partition, of the person who was retired, may be handled
before it or after it, or at the same moment. It counts for the person that its message belongs to now; and of two
workers who handle the same person, one waits for the other.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from hub.model import Record
from hub.store import messages, postgres
from hub.store.engine import on_postgres

PERSON = "subject"


def as_known_now(transaction: Connection, records: Sequence[Record], *moves: str) -> list[Record]:
    """The records with the persons whom their messages are about now. Until the transaction ends no other worker
    handles these persons; ``moves`` are the headers by which a record says whose history moves (``from>to``)."""
    said = [record.headers.get(name, "") for record in records for name in (PERSON, *moves)]
    named = {person for text in said for person in text.replace(">", " ").split()}
    _keep_others_off(transaction, named)
    now = messages.persons(transaction, [record.headers["id"] for record in records])
    found = [_of(record, now.get(record.headers["id"])) for record in records]
    _keep_others_off(transaction, {record.headers.get(PERSON, "") for record in found} - named)
    return found


def _of(record: Record, person: str | None) -> Record:
    if not person or person == record.headers.get(PERSON):
        return record
    return replace(record, headers={**record.headers, PERSON: person})


def _keep_others_off(transaction: Connection, persons: set[str]) -> None:
    if on_postgres(transaction):
        postgres.take_all(transaction, [f"person/{person}" for person in persons if person])

"""Finding a message by what a person has of it, and what it was and became."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Connection, Select, select

from hub.errors import NotFound
from hub.formats.hl7v2.header import text_of
from hub.model import Json, MessageStatus, Record, Stage, Stream
from hub.services.context import Hub
from hub.services.records import raw_message
from hub.store import messages as booked
from hub.store import positions
from hub.store.engine import reading
from hub.store.schema import messages

_START_OF_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}")
"""At least 8 characters of a message id. A control id that looks like one is looked for as such first."""

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A message: its row (made up from the raw log while it waits) and its raw record."""

    row: Json
    record: Record


def find(hub: Hub, wanted: str) -> Found:
    """The message of that id, unique prefix of an id, or control id (then the newest). Raises ``NotFound``."""
    wanted = text_of(wanted.encode(errors="surrogateescape"))  # as on the command line, where it may be no UTF-8
    rows = _booked(hub, wanted) or _waiting(hub, wanted) or _booked(hub, wanted)  # booked between the two looks
    if not rows:
        raise NotFound(f"no message has the id or control id {wanted!r}")
    newest = rows[0]
    record = hub.streams.fetch(Stream.RAW, newest["raw_partition"], newest["raw_offset"])
    if record is None:
        raise NotFound(f"message {newest['id']} is no longer in the raw log")
    return Found(newest, record)


def namesakes(connection: Connection, row: Json) -> list[str]:
    """The ids of other messages to which the same control id was given, oldest first."""
    same = select(messages.c.id).where(messages.c.control_id == row["control_id"], messages.c.id != row["id"])
    return list(connection.execute(same.order_by(messages.c.received_at)).scalars()) if row["control_id"] else []


def bundle(hub: Hub, row: Json) -> Json | None:
    """The FHIR bundle that was published of a message; None when there is none."""
    record = bundle_record(hub, row)
    return orjson.loads(record.value) if record else None


def bundle_record(hub: Hub, row: Json) -> Record | None:
    """The record of ``hub.fhir``: where the route stage noted it, or among those that it has not read yet."""
    if row["fhir_offset"] is not None:
        return hub.streams.fetch(Stream.FHIR, row["fhir_partition"], row["fhir_offset"])
    if row["status"] not in (MessageStatus.CONVERTED, MessageStatus.DEAD):
        return None
    unread = (_unread(hub, partition) for partition in hub.streams.partitions(Stream.FHIR))
    return next((record for record in chain.from_iterable(unread) if record.headers["id"] == row["id"]), None)


def _unread(hub: Hub, partition: int) -> Iterator[Record]:
    """The records of ``hub.fhir`` that the route stage has not read yet."""
    after = positions.read(hub.main, Stage.ROUTE, partition)
    while records := hub.streams.read(Stream.FHIR, partition, after, _PAGE):
        yield from records
        after = records[-1].offset


def _booked(hub: Hub, wanted: str) -> list[Json]:
    queries = [
        select(messages).where(messages.c.id == wanted),
        select(messages).where(messages.c.control_id == wanted).order_by(messages.c.received_at.desc()),
    ]
    if _START_OF_ID.fullmatch(wanted):
        queries.append(select(messages).where(messages.c.id.between(wanted, f"{wanted}g")).limit(2))
    with reading(hub.main) as connection:
        return _first(connection, queries, wanted)


def _waiting(hub: Hub, wanted: str) -> list[Json]:
    """Messages that the convert stage has not read yet, newest first: of that id, that control id, or the one whose id
    begins so."""
    rows = [waiting_row(record) for record in waiting_records(hub, _PAGE, wanted=wanted)]
    for column in ("id", "control_id"):
        if same := [row for row in rows if row[column] == wanted]:
            return same
    return _unambiguous(rows, wanted) if _START_OF_ID.fullmatch(wanted) else []


def waiting_records(hub: Hub, limit: int, *, feed: str = "", wanted: str = "") -> list[Record]:
    """Records of ``hub.raw`` that the convert stage has not read yet, as ``Streams.waiting`` tells them."""
    with reading(hub.main) as connection:
        read = positions.everywhere(connection, Stage.CONVERT, hub.streams.partitions(Stream.RAW))
    return hub.streams.waiting(read, limit, feed=feed, wanted=wanted)


def waiting_row(record: Record) -> Json:
    """The row of a message that waits in the raw log."""
    return booked.row(raw_message(record), record, MessageStatus.WAITING)


def _first(connection: Connection, queries: list[Select[Any]], wanted: str) -> list[Json]:
    """The rows of the first query that finds any."""
    for query in queries:
        if rows := [dict(row) for row in connection.execute(query).mappings()]:
            return _unambiguous(rows, wanted)
    return []


def _unambiguous(rows: list[Json], wanted: str) -> list[Json]:
    """A prefix of several ids finds nothing for certain."""
    ids = {row["id"] for row in rows}
    if len(ids) > 1 and all(i.startswith(wanted) for i in ids):
        raise NotFound(f"several message ids begin with {wanted!r}; give more of it")
    return rows

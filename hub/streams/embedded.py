"""The embedded log: a table a stream, in the databases that the hub has anyway. One partition."""

import sqlite3
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, func, insert, or_, select

from hub.errors import StoreBusy
from hub.model import Record, Stage, Stream
from hub.ports import Arrived
from hub.store import continuity, postgres, schema
from hub.store.engine import Turn, on_postgres, reading, writing
from hub.streams.direct import DirectAppend

TABLES: dict[Stream, Table] = {
    Stream.RAW: schema.stream_raw,
    Stream.FHIR: schema.stream_fhir,
    Stream.EVENTS: schema.stream_events,
    Stream.NOTIFICATIONS: schema.stream_notifications,
    Stream.DEAD: schema.stream_dead,
}
_WRITE = {stream: insert(table) for stream, table in TABLES.items()}
_ONLY = 0
_RAW_COLUMNS = ("key", "headers", "value", "id", "feed", "control_id")


class EmbeddedStreams:
    """``hub.raw`` lives in the intake database, all others in the main one; offsets are the row numbers."""

    def __init__(self, intake: Engine, main: Engine) -> None:
        self._engines = {stream: intake if stream is Stream.RAW else main for stream in Stream}
        own_file = intake.url.get_backend_name() == "sqlite" and intake.url != main.url
        self._direct = DirectAppend(intake, schema.stream_raw, _RAW_COLUMNS, partial(_gap, main)) if own_file else None

    def append(self, stream: Stream, records: Sequence[Record]) -> None:
        if self._direct and stream is Stream.RAW:
            self._direct([tuple(_row(stream, record).values()) for record in records])
            return
        with writing(self._engines[stream], Turn.APPENDING) as transaction:
            self.publish(transaction, stream, records)

    def publish(self, transaction: Connection, stream: Stream, records: Sequence[Record]) -> None:
        if records:
            _in_order(transaction, stream)
            transaction.execute(_WRITE[stream], [_row(stream, record) for record in records])

    def flush(self) -> None:
        """A commit is all."""

    def join(self, stage: Stage, stream: Stream) -> "EmbeddedShare":
        """All of it: two workers of a stage supersede one another."""
        return EmbeddedShare(self, stream)

    alone = join

    def partitions(self, stream: Stream) -> Sequence[int]:
        return (_ONLY,)

    def read(self, stream: Stream, partition: int, after: int, limit: int) -> list[Record]:
        table = TABLES[stream]
        query = select(table.c.offset, table.c.key, table.c.headers, table.c.value)
        with reading(self._engines[stream]) as connection:
            rows = connection.execute(query.where(table.c.offset > after).order_by(table.c.offset).limit(limit))
            return [_record(row) for row in rows]

    def fetch(self, stream: Stream, partition: int, offset: int) -> Record | None:
        return next((r for r in self.read(stream, partition, offset - 1, 1) if r.offset == offset), None)

    def end(self, stream: Stream, partition: int) -> int:
        with reading(self._engines[stream]) as connection:
            newest = connection.execute(select(func.max(TABLES[stream].c.offset))).scalar()
        return -1 if newest is None else int(newest)

    def lag(self, stream: Stream, positions: Mapping[int, int]) -> dict[int, int]:
        return {_ONLY: max(self.end(stream, _ONLY) - max(positions[_ONLY], 0), 0)}

    def arrived(self, connection: Connection, positions: Mapping[int, int]) -> list[Arrived]:
        offset, feed = schema.stream_raw.c.offset, schema.stream_raw.c.feed
        read = func.count().filter(offset <= positions[_ONLY])
        waiting = func.count().filter(offset > positions[_ONLY])
        query = select(feed, read.label("read"), waiting.label("waiting"), func.max(offset).label("newest"))
        with reading(self._engines[Stream.RAW]) as intake:
            rows = intake.execute(query.group_by(feed).order_by(feed)).all()
            headers = select(offset, schema.stream_raw.c.headers).where(offset.in_([row.newest for row in rows]))
            times = {at: orjson.loads(head)["time"] for at, head in intake.execute(headers)}
        return [Arrived(row.feed, row.read, row.waiting, times[row.newest]) for row in rows]

    def waiting(self, positions: Mapping[int, int], limit: int, *, feed: str = "", wanted: str = "") -> list[Record]:
        raw = schema.stream_raw.c
        query = select(raw.offset, raw.key, raw.headers, raw.value).where(raw.offset > positions[_ONLY])
        if feed:
            query = query.where(raw.feed == feed)
        if wanted:
            same = or_(raw.control_id == wanted, raw.id.between(wanted, f"{wanted}g"))  # ids are hexadecimal
            query = query.where(same)
        with reading(self._engines[Stream.RAW]) as connection:
            return [_record(row) for row in connection.execute(query.order_by(raw.offset.desc()).limit(limit))]

    def close(self) -> None:
        """The engines belong to whoever opened them."""
        if self._direct:
            self._direct.close()


class EmbeddedShare:
    """The one partition of a stream."""

    def __init__(self, streams: EmbeddedStreams, stream: Stream) -> None:
        self._streams = streams
        self._stream = stream

    def partitions(self) -> Sequence[int]:
        return self._streams.partitions(self._stream)

    def read(self, partition: int, after: int, limit: int) -> list[Record]:
        return self._streams.read(self._stream, partition, after, limit)

    def publish(
        self, transaction: Connection, taken: Sequence[Record], outputs: Sequence[tuple[Stream, Record]]
    ) -> None:
        """Each stream's records in their order, and the streams in theirs: whoever appends to several waits for them in
        the same order."""
        for stream in Stream:
            self._streams.publish(transaction, stream, [record for at, record in outputs if at is stream])

    def settle(self, partition: int, position: int) -> None:
        """A commit is all."""

    def close(self) -> None:
        """Nothing is held."""


def _gap(main: Engine, intake: sqlite3.Connection) -> str:
    """Why nothing may be appended to this file. While hub.db is out of reach nobody can say, and receiving goes on."""

    def id_at(offset: int) -> str | None:
        row = intake.execute("SELECT id FROM stream_raw WHERE offset = ?", (offset,)).fetchone()
        return str(row[0]) if row else None

    try:
        return continuity.gap(main, id_at)
    except StoreBusy:
        return ""


def _record(row: Any) -> Record:
    return Record(row.key, row.value, orjson.loads(row.headers), _ONLY, row.offset)


def _in_order(transaction: Connection, stream: Stream) -> None:
    """Until the transaction ends nobody else appends to the stream. PostgreSQL numbers rows as they are written and
    shows them as they are committed: without this, a reader could pass a record that is committed after its
    successor, and would never see it. SQLite has one writer at a time anyway."""
    if on_postgres(transaction):
        postgres.take(transaction, stream)


def _row(stream: Stream, record: Record) -> dict[str, object]:
    head = record.headers
    row: dict[str, object] = {"key": record.key, "headers": orjson.dumps(head), "value": record.value}
    if stream is Stream.RAW:
        row.update(id=head["id"], feed=head["feed"], control_id=head["controlid"])
    return row

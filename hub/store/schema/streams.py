"""Streams, positions in them, and what is handed on to another server."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table

from hub.store.schema.databases import intake, main
from hub.store.types import Key, Offset, String


def _stream_table(name: str, metadata: MetaData) -> Table:
    return Table(
        name,
        metadata,
        Column("offset", Offset, primary_key=True, autoincrement=True),
        Column("key", String, nullable=False),
        Column("headers", LargeBinary, nullable=False),
        Column("value", LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


stream_raw = _stream_table("stream_raw", intake)
stream_raw.append_column(Column("id", String, nullable=False))
stream_raw.append_column(Column("feed", Key, nullable=False))
stream_raw.append_column(Column("control_id", String, nullable=False))
# No index by id or control id: they would cost a third of receiving, and only what still waits is looked for here.
Index("raw_by_feed", stream_raw.c.feed, stream_raw.c.offset)  # hub ledger: accepted per feed

request_keys = Table(  # what senders name requests and resources by, so that the same one is known again
    "request_keys",
    intake,
    Column("feed", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("says", String, nullable=False),
    Column("claim", String, nullable=False),
    Column("claimed_at", String, nullable=False),
)

stream_fhir = _stream_table("stream_fhir", main)
stream_events = _stream_table("stream_events", main)
stream_notifications = _stream_table("stream_notifications", main)
stream_dead = _stream_table("stream_dead", main)

positions = Table(
    "positions",
    main,
    Column("stage", Key, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("position", Offset, nullable=False),
)

outbox = Table(  # what stages hand on where the streams are on another server, until it is there
    "outbox",
    main,
    Column("sequence", Offset, primary_key=True, autoincrement=True),
    Column("stage", Key, nullable=False),  # who hands it on, and from which partition up to which offset
    Column("partition", Integer, nullable=False),
    Column("position", Offset, nullable=False),
    Column("stream", String, nullable=False),  # where it goes
    Column("target", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("outbox_by_lane", outbox.c.stage, outbox.c.partition, outbox.c.sequence)  # what to hand on next

raw_counts = Table(  # what the convert stage has read of hub.raw where that cannot be counted: hub ledger
    "raw_counts",
    main,
    Column("partition", Integer, primary_key=True),
    Column("feed", Key, primary_key=True),
    Column("records", Offset, nullable=False),
    Column("newest", String, nullable=False),
)

stream_origins = Table(  # whose offsets the positions are, where the streams are on another server
    "stream_origins",
    main,
    Column("stream", Key, primary_key=True),
    Column("origin", String, nullable=False),
)

"""What became of each message, and of each file."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table

from hub.store.schema.databases import main
from hub.store.types import Key, Offset, String, Text

messages = Table(
    "messages",
    main,
    Column("id", Key, primary_key=True),
    Column("feed", Key, nullable=False),
    Column("format", String, nullable=False),
    Column("type", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("control_id", Key, nullable=False),
    Column("sha256", String, nullable=False),
    Column("received_at", Key, nullable=False),
    Column("origin", String, nullable=False),
    Column("status", Key, nullable=False),
    Column("code", String, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("person_id", Key),
    Column("search", Text, nullable=False, default=""),
    Column("raw_partition", Integer, nullable=False),
    Column("raw_offset", Offset, nullable=False),
    Column("fhir_partition", Integer),
    Column("fhir_offset", Offset),
    Column("warnings", Integer, nullable=False, default=0),
    Column("routed", Boolean, nullable=False, default=False),
)
Index("messages_by_control_id", messages.c.control_id)  # hub show CONTROL-ID; the same id with other contents
Index("messages_by_feed", messages.c.feed, messages.c.status)  # hub ledger; counts per feed
Index("messages_by_person", messages.c.person_id, messages.c.received_at)  # hub messages --patient
Index("messages_by_time", messages.c.received_at)  # hub messages, newest first
Index("messages_by_status", messages.c.status, messages.c.received_at)  # hub messages --status held

duplicates = Table(
    "duplicates",
    main,
    Column("raw_partition", Integer, primary_key=True),
    Column("raw_offset", Offset, primary_key=True),
    Column("message_id", Key, nullable=False),
    Column("feed", Key, nullable=False),
    Column("received_at", String, nullable=False),
)
Index("duplicates_by_feed", duplicates.c.feed)  # hub ledger
Index("duplicates_by_message", duplicates.c.message_id)  # hub show: when it came again

traces = Table(  # what a stage did with a message and why: hub explain
    "traces",
    main,
    Column("message_id", Key, primary_key=True),
    Column("stage", Key, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

files = Table(  # each arrival of a file, and how far it was taken in
    "files",
    main,
    Column("id", Key, primary_key=True),
    Column("feed", Key, nullable=False),
    Column("name", Key, nullable=False),
    Column("version", Integer, nullable=False),  # of that name in that feed, from 1: other bytes are another version
    Column("sha256", Key, nullable=False),
    Column("size", Integer, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("messages", Integer, nullable=False, default=0),  # handed over and durable
    Column("bad", Integer, nullable=False, default=0),  # of these, rows that cannot be read
    Column("refused", Integer, nullable=False, default=0),  # not taken in
    Column("line", Integer, nullable=False, default=0),  # everything up to here is durable or refused
    Column("positions", LargeBinary, nullable=False, default=b"{}"),  # the ends of hub.raw when that was so
    Column("started_at", Key, nullable=False),
    Column("ended_at", String, nullable=False, default=""),
)
Index("files_by_feed", files.c.feed, files.c.started_at)  # hub files; did the expected file come
Index("files_by_bytes", files.c.feed, files.c.sha256)  # the same bytes again
Index("files_by_name", files.c.feed, files.c.name)  # the next version of a name

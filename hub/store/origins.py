"""Whose offsets the positions are: a database that has read one log must not go on in another."""

from collections.abc import Mapping

from sqlalchemy import Engine, select

from hub.errors import ConfigurationError
from hub.store import positions
from hub.store.engine import reading, writing
from hub.store.schema import stream_origins
from hub.store.upsert import insert_new

SETTING = "HUB_STREAMS_URL"


def check_embedded(main: Engine) -> None:
    """Raises ``ConfigurationError`` when the database has read streams on another server."""
    with reading(main) as connection:
        if connection.execute(select(stream_origins.c.stream).limit(1)).first():
            raise ConfigurationError("settings", SETTING, "must be kafka://…: this database has read topics of Kafka")


def check(main: Engine, origins: Mapping[str, str]) -> None:
    """Remembers what each stream is. Raises ``ConfigurationError`` when the database has read others."""
    with writing(main) as transaction:
        rows = transaction.execute(select(stream_origins.c.stream, stream_origins.c.origin)).all()
        known = {row.stream: row.origin for row in rows}
        if not known and positions.any_known(transaction):
            reason = "must be embedded: as before; this database has read its own log, and Kafka needs a new one"
            raise ConfigurationError("settings", SETTING, reason)
        for stream, origin in origins.items():
            if known.get(stream, origin) != origin:
                reason = f"{stream} is another topic than the one that this database has read"
                raise ConfigurationError("settings", SETTING, reason)
        insert_new(transaction, stream_origins, [{"stream": s, "origin": o} for s, o in origins.items()])

"""The messages behind notices, for channels that pass on more than the notice."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Connection, select

from hub.fhir.labels import without_restricted
from hub.model import Json, Notification, Origin, Stream
from hub.services.context import Hub
from hub.store import schema
from hub.store.engine import reading


def origins(hub: Hub, message_ids: Iterable[str], needs: frozenset[str]) -> dict[str, Origin]:
    """By message id, as much of its origin as is needed."""
    if not needs:
        return {}
    table = schema.messages
    columns = (table.c[n] for n in ("id", "raw_partition", "raw_offset", "fhir_partition", "fhir_offset"))
    with reading(hub.main) as connection:
        rows = connection.execute(select(*columns).where(table.c.id.in_(list(message_ids)))).all()
    return {row.id: Origin(_bundle(hub, row, needs), _raw(hub, row, needs)) for row in rows}


def superseded(connection: Connection, notice: Notification) -> str:
    """The id of the notice that this one cancels or corrects: what the practice was last told of that."""
    if not notice.corrects:
        return ""
    table = schema.notifications
    same = (table.c.event_key == notice.corrects, table.c.practice_id == notice.practice_id, table.c.id != notice.id)
    earlier = select(table.c.id).where(*same, table.c.created_at <= notice.created_at)
    return connection.execute(earlier.order_by(table.c.version.desc()).limit(1)).scalar() or ""


def _bundle(hub: Hub, row: Any, needs: frozenset[str]) -> Json:
    if "bundle" not in needs or row.fhir_offset is None:
        return {}
    record = hub.streams.fetch(Stream.FHIR, row.fhir_partition, row.fhir_offset)
    return without_restricted(orjson.loads(record.value)) if record else {}


def _raw(hub: Hub, row: Any, needs: frozenset[str]) -> bytes:
    record = hub.streams.fetch(Stream.RAW, row.raw_partition, row.raw_offset) if "raw" in needs else None
    return record.value if record else b""

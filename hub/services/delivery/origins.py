"""The messages behind notices, for channels that pass on more than the notice."""

from collections.abc import Iterable

import orjson
from sqlalchemy import select

from hub.model import Origin, Stream
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
    found = {}
    for row in rows:
        bundle = raw = None
        if "bundle" in needs and row.fhir_offset is not None:
            bundle = hub.streams.fetch(Stream.FHIR, row.fhir_partition, row.fhir_offset)
        if "raw" in needs:
            raw = hub.streams.fetch(Stream.RAW, row.raw_partition, row.raw_offset)
        found[row.id] = Origin(orjson.loads(bundle.value) if bundle else {}, raw.value if raw else b"")
    return found

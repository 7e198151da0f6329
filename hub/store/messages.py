"""What became of each message: its one accounted end (promise P3), its repeats and its traces."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from hub.model import Json, MessageStatus, RawMessage, Record, Stage
from hub.store.engine import utc_text
from hub.store.schema import duplicates, messages, traces
from hub.store.upsert import upsert

_ROUTED = (
    update(messages)
    .where(messages.c.id == bindparam("message"))
    .values(routed=True, fhir_partition=bindparam("at"), fhir_offset=bindparam("offset"))
)


def known(transaction: Connection, ids: Iterable[str]) -> set[str]:
    """Which of the message ids are booked already."""
    return set(transaction.execute(select(messages.c.id).where(messages.c.id.in_(list(ids)))).scalars())


def control_ids(transaction: Connection, ids: Iterable[str]) -> set[tuple[str, str, str]]:
    """Feed, sender and control id of the booked messages that have one of the control ids."""
    wanted = [i for i in ids if i]
    columns = (messages.c.feed, messages.c.sender, messages.c.control_id)
    return {(r[0], r[1], r[2]) for r in transaction.execute(select(*columns).where(messages.c.control_id.in_(wanted)))}


def ends(transaction: Connection, ids: Sequence[str]) -> dict[str, MessageStatus]:
    """The ends of those among the messages that have come to one."""
    query = select(messages.c.id, messages.c.status).where(messages.c.id.in_(ids))
    found = {identity: MessageStatus(status) for identity, status in transaction.execute(query)}
    return {identity: status for identity, status in found.items() if status is not MessageStatus.WAITING}


def persons(connection: Connection, ids: Sequence[str]) -> dict[str, str | None]:
    """Whom the messages are about, as it is known now."""
    query = select(messages.c.id, messages.c.person_id).where(messages.c.id.in_(ids))
    return {row.id: row.person_id for row in connection.execute(query)}


def row(raw: RawMessage, record: Record, status: MessageStatus, **more: Any) -> dict[str, Any]:
    """A complete row of ``messages``; ``more`` are columns beyond what the raw message says."""
    return {
        "id": raw.id,
        "feed": raw.feed,
        "format": raw.format.value,
        "type": raw.type,
        "sender": raw.sender,
        "control_id": raw.control_id,
        "sha256": raw.sha256,
        "received_at": utc_text(raw.received_at),
        "origin": raw.origin,
        "status": status.value,
        "code": "",
        "reason": "",
        "person_id": None,
        "search": "",
        "raw_partition": record.partition,
        "raw_offset": record.offset,
        "fhir_partition": None,
        "fhir_offset": None,
        "warnings": 0,
        "routed": False,
        **more,
    }


def book(transaction: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Books messages for the first time; ``rows`` are made by ``row``."""
    if rows:
        transaction.execute(insert(messages), list(rows))


def rebook(transaction: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Books messages again after a replay: the same ids, perhaps with another end."""
    upsert(transaction, messages, rows)


def book_duplicates(transaction: Connection, again: Sequence[tuple[RawMessage, Record]]) -> None:
    """Books arrivals whose id is booked already."""
    rows = [
        {
            "raw_partition": record.partition,
            "raw_offset": record.offset,
            "message_id": raw.id,
            "feed": raw.feed,
            "received_at": utc_text(raw.received_at),
        }
        for raw, record in again
    ]
    if rows:
        transaction.execute(insert(duplicates), rows)


def bury(transaction: Connection, message_id: str, code: str, reason: str) -> None:
    """A message that was booked turns out to be one that a later stage cannot take: dead."""
    end = update(messages).where(messages.c.id == message_id)
    transaction.execute(end.values(status=MessageStatus.DEAD.value, code=code, reason=reason))


def routed(transaction: Connection, records: Sequence[Record]) -> None:
    """The route stage is done with these records of ``hub.fhir``; where a message's bundle is to be found."""
    done = [{"message": r.headers["id"], "at": r.partition, "offset": r.offset} for r in records]
    transaction.execute(_ROUTED, done)


def selected(connection: Connection, condition: ColumnElement[bool]) -> list[Json]:
    """The booked messages for which the condition holds, in the order in which they came."""
    query = select(messages).where(condition).order_by(messages.c.raw_partition, messages.c.raw_offset)
    return [dict(row) for row in connection.execute(query).mappings()]


def trace(transaction: Connection, stage: Stage, bodies: Mapping[str, Json]) -> None:
    """Writes down by message id what the stage did and why; a replay replaces it."""
    rows = [{"message_id": i, "stage": stage.value, "body": orjson.dumps(body)} for i, body in bodies.items()]
    upsert(transaction, traces, rows)


def traces_of(connection: Connection, message_id: str) -> dict[str, Json]:
    """What each stage wrote down of a message, by stage."""
    query = select(traces.c.stage, traces.c.body).where(traces.c.message_id == message_id)
    return {stage: orjson.loads(body) for stage, body in connection.execute(query)}


def traces_by(connection: Connection, stage: Stage, message_ids: Iterable[str]) -> dict[str, Json]:
    """What one stage wrote down of several messages, by message id."""
    query = select(traces.c.message_id, traces.c.body)
    query = query.where(traces.c.stage == stage.value, traces.c.message_id.in_(list(message_ids)))
    return {message_id: orjson.loads(body) for message_id, body in connection.execute(query)}

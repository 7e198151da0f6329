"""What stages hand on to streams on another server: written in the transaction of the batch, gone when it is there.

A lane is what one stage hands on from one partition. Only one worker at a time writes to a lane, because its batches
wait for one another at the stage's position; so the numbers of its rows are in the order of their commits.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from hub.model import Record, Stream
from hub.store.schema import outbox


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record on its way to ``record.partition``. ``position`` is how far its stage had read with it."""

    sequence: int
    position: int
    stream: Stream
    record: Record


def add(
    transaction: Connection, stage: str, partition: int, position: int, outputs: Sequence[tuple[Stream, Record]]
) -> None:
    """The batch that brings the stage to that position hands these on, in their order."""
    rows = [
        {
            "stage": stage,
            "partition": partition,
            "position": position,
            "stream": stream.value,
            "target": record.partition,
            "key": record.key,
            "headers": orjson.dumps(record.headers),
            "value": record.value,
        }
        for stream, record in outputs
    ]
    if rows:
        transaction.execute(insert(outbox), rows)


def of_lane(connection: Connection, stage: str, partition: int, limit: int) -> list[Waiting]:
    """The oldest rows of a lane, and all of their batches."""
    lane = (outbox.c.stage == stage, outbox.c.partition == partition)
    oldest = select(outbox.c.position).where(*lane).order_by(outbox.c.sequence).limit(limit).subquery()
    last = select(func.max(oldest.c.position)).scalar_subquery()
    rows = connection.execute(select(outbox).where(*lane, outbox.c.position <= last).order_by(outbox.c.sequence))
    return [_waiting(row) for row in rows]


def remove(transaction: Connection, stage: str, partition: int, sequence: int) -> None:
    """The rows of a lane up to that number are where they go."""
    lane = (outbox.c.stage == stage, outbox.c.partition == partition)
    transaction.execute(delete(outbox).where(*lane, outbox.c.sequence <= sequence))


def counts(connection: Connection, stream: Stream) -> Counter[int]:
    """How many rows wait for each partition of a stream."""
    query = select(outbox.c.target, func.count()).where(outbox.c.stream == stream.value).group_by(outbox.c.target)
    return Counter({int(target): int(number) for target, number in connection.execute(query)})


def _waiting(row: object) -> Waiting:
    record = Record(row.key, row.value, orjson.loads(row.headers), row.target)  # type: ignore[attr-defined]
    return Waiting(row.sequence, row.position, Stream(row.stream), record)  # type: ignore[attr-defined]

"""How far each stage, or another reader by its name, has read each partition; the position moves in the transaction of
the batch it stands for."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, select, update

from hub.errors import Superseded
from hub.store.engine import reading
from hub.store.schema import positions
from hub.store.upsert import insert_new

START = -1
"""The position before the first record."""


def read(engine: Engine, stage: str, partition: int) -> int:
    """The offset of the newest record that the stage has done with."""
    with reading(engine) as connection:
        return within(connection, stage, partition)


def within(connection: Connection, stage: str, partition: int) -> int:
    """The same, as the given connection sees it."""
    query = select(positions.c.position).where(positions.c.stage == stage, positions.c.partition == partition)
    position = connection.execute(query).scalar()
    return START if position is None else int(position)


def everywhere(connection: Connection, stage: str, partitions: Iterable[int]) -> dict[int, int]:
    """The same of all partitions."""
    return {partition: within(connection, stage, partition) for partition in partitions}


def begin(transaction: Connection, reader: str, partition: int, position: int) -> None:
    """Where a reader that is new starts; one that is known goes on where it was."""
    insert_new(transaction, positions, [{"stage": reader, "partition": partition, "position": position}])


def advance(transaction: Connection, stage: str, partition: int, expected: int, position: int) -> None:
    """Compare and set. Raises ``Superseded`` when another worker has moved it, so that nothing of this batch stays."""
    if expected == START:
        insert_new(transaction, positions, [{"stage": stage, "partition": partition, "position": START}])
    moved = transaction.execute(
        update(positions)
        .where(positions.c.stage == stage, positions.c.partition == partition, positions.c.position == expected)
        .values(position=position)
    )
    if moved.rowcount != 1:
        raise Superseded(f"{stage}/{partition}: another worker has moved the position from {expected}")


def count_up(transaction: Connection, name: str) -> int:
    """The next number of a count that goes by that name; whoever else asks waits until the transaction ends."""
    insert_new(transaction, positions, [{"stage": name, "partition": 0, "position": START}])
    counted = update(positions).where(positions.c.stage == name, positions.c.partition == 0)
    number = counted.values(position=positions.c.position + 1).returning(positions.c.position)
    return int(transaction.execute(number).scalar_one())


def any_known(connection: Connection) -> bool:
    """Whether a stage has read anything yet."""
    return (
        connection.execute(select(positions.c.position).where(positions.c.position > START).limit(1)).first()
        is not None
    )

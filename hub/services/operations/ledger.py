"""The equation of promise P3: every accepted message has exactly one accounted end."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hub.model import MessageStatus, Stage, Stream
from hub.ports import Arrived
from hub.services.context import Hub
from hub.store import positions
from hub.store.engine import reading
from hub.store.schema import duplicates, messages


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One feed: what the intake log holds, and what became of it. ``waiting`` has no end yet."""

    feed: str
    accepted: int
    converted: int
    duplicate: int
    held: int
    dead: int
    waiting: int

    @property
    def balanced(self) -> bool:
        """Whether accepted = converted + duplicate + held + dead + waiting."""
        return self.accepted == self.converted + self.duplicate + self.held + self.dead + self.waiting


def ledger(hub: Hub) -> list[LedgerRow]:
    """The equation per feed, by name; it holds while the hub runs, because all ends are read at one moment and the
    intake log only up to where the convert stage was at that moment."""
    with reading(hub.main) as connection:
        read = positions.everywhere(connection, Stage.CONVERT, hub.streams.partitions(Stream.RAW))
        ends = _ends(connection)
        arrived = {of.feed: of for of in hub.streams.arrived(connection, read)}
    nothing = Arrived("", 0, 0, "")
    names = sorted({feed for feed, _ in ends} | arrived.keys())
    return [_row(name, ends, arrived.get(name, nothing)) for name in names]


def _row(feed: str, ends: Counter[tuple[str, str]], arrived: Arrived) -> LedgerRow:
    return LedgerRow(
        feed=feed,
        accepted=arrived.read + arrived.waiting,
        converted=ends[feed, MessageStatus.CONVERTED],
        duplicate=ends[feed, MessageStatus.DUPLICATE],
        held=ends[feed, MessageStatus.HELD],
        dead=ends[feed, MessageStatus.DEAD],
        waiting=arrived.waiting,
    )


def _ends(connection: Connection) -> Counter[tuple[str, str]]:
    by_status = select(messages.c.feed, messages.c.status, func.count()).group_by(messages.c.feed, messages.c.status)
    ends = Counter({(feed, status): count for feed, status, count in connection.execute(by_status)})
    repeats = select(duplicates.c.feed, func.count()).group_by(duplicates.c.feed)
    for feed, count in connection.execute(repeats):
        ends[feed, MessageStatus.DUPLICATE] = count
    return ends

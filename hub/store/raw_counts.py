"""How much the convert stage has read of each feed, where nobody can count hub.raw itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from hub.model import Record
from hub.store.schema import raw_counts
from hub.store.upsert import insert_new

_ADD = (
    update(raw_counts)
    .where(raw_counts.c.partition == bindparam("at"), raw_counts.c.feed == bindparam("of"))
    .values(records=raw_counts.c.records + bindparam("more"), newest=bindparam("latest"))
)


@dataclass(frozen=True, slots=True)
class Read:
    """How many records of a feed were read, and when the newest of them came (UTC text)."""

    records: int
    newest: str


def add(transaction: Connection, records: Sequence[Record]) -> None:
    """These records of one partition of hub.raw have been read; in the transaction that moves the position."""
    partition = records[0].partition
    feeds: dict[str, list[Record]] = {}
    for record in records:
        feeds.setdefault(record.headers["feed"], []).append(record)
    new = [{"partition": partition, "feed": feed, "records": 0, "newest": ""} for feed in feeds]
    insert_new(transaction, raw_counts, new)
    more = [
        {"at": partition, "of": feed, "more": len(of), "latest": of[-1].headers["time"]} for feed, of in feeds.items()
    ]
    transaction.execute(_ADD, more)


def by_feed(connection: Connection) -> dict[str, Read]:
    """What was read of each feed."""
    query = select(raw_counts.c.feed, func.sum(raw_counts.c.records), func.max(raw_counts.c.newest))
    rows: Iterable[tuple[str, int, str]] = connection.execute(query.group_by(raw_counts.c.feed))
    return {feed: Read(int(records), newest) for feed, records, newest in rows}

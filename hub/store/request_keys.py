"""What senders name their requests and resources by."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from sqlalchemy import Connection, delete, select

from hub.store.schema import request_keys
from hub.store.upsert import insert_new, upsert

AT_ONCE = 500
"""Keys of one query: databases bound the parameters of a statement."""


def claim(transaction: Connection, feed: str, keys: Mapping[str, str], claim_id: str, now: str) -> dict[str, str]:
    """Inserts the keys that are new; returns what is said of those that somebody else has. ``claim_id`` never
    repeats."""
    insert_new(transaction, request_keys, _made(feed, keys, claim_id, now))
    return {key: says for key, says, by in _rows(transaction, feed, keys) if by != claim_id}


def put(transaction: Connection, feed: str, keys: Mapping[str, str], now: str) -> None:
    """Says this of the keys, whatever was said before."""
    upsert(transaction, request_keys, _made(feed, keys, "", now))


def known(connection: Connection, feed: str, keys: Collection[str]) -> dict[str, str]:
    """What is said of those of the keys that are there."""
    return {key: says for key, says, _ in _rows(connection, feed, keys)}


def release(transaction: Connection, feed: str, keys: Collection[str]) -> None:
    """Deletes keys."""
    table = request_keys.c
    transaction.execute(delete(request_keys).where(table.feed == feed, table.key.in_(list(keys))))


def _made(feed: str, keys: Mapping[str, str], claim_id: str, now: str) -> list[dict[str, str]]:
    return [{"feed": feed, "key": k, "says": s, "claim": claim_id, "claimed_at": now} for k, s in keys.items()]


def _rows(connection: Connection, feed: str, keys: Collection[str]) -> Iterator[tuple[str, str, str]]:
    table = request_keys.c
    for some in _parts(keys):
        query = select(table.key, table.says, table.claim).where(table.feed == feed, table.key.in_(some))
        yield from ((row.key, row.says, row.claim) for row in connection.execute(query))


def _parts(keys: Collection[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while some := list(islice(rest, AT_ONCE)):
        yield some

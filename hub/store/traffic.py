"""What came in and how it was answered, counted by the minute, the hour, and since the beginning."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, Table, case, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.health.usual import Hour
from hub.store.schema import traffic_hours, traffic_minutes, traffic_totals
from hub.store.upsert import upsert

ACCEPTED, REFUSED, ANSWERED = "accepted", "refused", "answered"

ALL = ""
"""The label of a feed with all its types."""


@dataclass(slots=True)
class Cell:
    """Some of one thing within one minute. ``label`` is the message type (accepted), the condition (refused) or the
    upper bound of the time it took (answered), ``seconds`` that time together, ``newest`` UTC text."""

    feed: str
    kind: str
    label: str
    minute: int
    count: int = 0
    seconds: float = 0.0
    newest: str = ""


def add(transaction: Connection, cells: Sequence[Cell]) -> None:
    """Adds to what has been counted by this process and others."""
    if not cells:
        return
    cells = sorted(cells, key=lambda c: (c.feed, c.kind, c.label, c.minute))  # two receivers never wait crosswise
    minutes = [{"feed": c.feed, "kind": c.kind, "label": c.label, "minute": c.minute, "amount": c.count} for c in cells]
    transaction.execute(_adding(traffic_minutes, transaction.dialect.name), minutes)
    totals = [
        {"feed": c.feed, "kind": c.kind, "label": c.label, "amount": c.count, "seconds": c.seconds, "newest": c.newest}
        for c in cells
    ]
    transaction.execute(_adding(traffic_totals, transaction.dialect.name), totals)


def roll_up(transaction: Connection, first: int, last: int) -> None:
    """Writes the hours from the first to the last anew from their minutes."""
    table = traffic_minutes
    hour = table.c.minute // 60
    inside = (table.c.kind == ACCEPTED) & table.c.minute.between(first * 60, last * 60 + 59)
    every = (hour.label("hour"), func.sum(table.c.amount).label("amount"))
    minutes = func.count(table.c.minute.distinct()).label("minutes")
    by_type = select(table.c.feed, table.c.label, *every, minutes).where(inside)
    whole = select(table.c.feed, literal(ALL).label("label"), *every, minutes).where(inside)
    for query in (by_type.group_by(table.c.feed, table.c.label, hour), whole.group_by(table.c.feed, hour)):
        upsert(transaction, traffic_hours, [_hour_row(row) for row in transaction.execute(query)])


def let_go(transaction: Connection, minute: int, hour: int) -> None:
    """Forgets what is older than the minute, and the hours before the hour."""
    transaction.execute(delete(traffic_minutes).where(traffic_minutes.c.minute < minute))
    transaction.execute(delete(traffic_hours).where(traffic_hours.c.hour < hour))


def hours(connection: Connection, feed: str, since: int) -> dict[str, dict[int, Hour]]:
    """What each type of the feed, and all together, had in each hour."""
    table = traffic_hours
    query = select(table.c.label, table.c.hour, table.c.amount, table.c.minutes)
    found: dict[str, dict[int, Hour]] = {}
    for label, hour, amount, minutes in connection.execute(query.where(table.c.feed == feed, table.c.hour >= since)):
        found.setdefault(label, {})[hour] = Hour(amount, minutes)
    return found


def by_hour(connection: Connection, since: int) -> dict[str, dict[int, int]]:
    """The accepted messages of each feed in each hour that has not been forgotten minute by minute."""
    table = traffic_minutes
    hour = table.c.minute // 60
    query = select(table.c.feed, hour.label("hour"), func.sum(table.c.amount).label("amount"))
    query = query.where(table.c.kind == ACCEPTED, table.c.minute >= since * 60).group_by(table.c.feed, hour)
    found: dict[str, dict[int, int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.feed, {})[int(row.hour)] = int(row.amount)
    return found


def lately(connection: Connection, minute: int, short: int) -> Sequence[Any]:
    """The 60 minutes up to this one: feed, kind, label, ``amount`` and of the last few minutes ``short`` and the
    fullest of them ``most``."""
    table = traffic_minutes
    late = case((table.c.minute > minute - short, table.c.amount), else_=0)
    query = select(
        table.c.feed,
        table.c.kind,
        table.c.label,
        func.sum(table.c.amount).label("amount"),
        func.sum(late).label("short"),
        func.max(late).label("most"),
    ).where(table.c.minute > minute - 60)
    return connection.execute(query.group_by(table.c.feed, table.c.kind, table.c.label)).all()


def fullest_minutes(connection: Connection, since: int) -> dict[str, int]:
    """The most accepted messages in one minute after the given one, by feed."""
    table = traffic_minutes
    each = (
        select(table.c.feed, func.sum(table.c.amount).label("amount"))
        .where(table.c.kind == ACCEPTED, table.c.minute > since)
        .group_by(table.c.feed, table.c.minute)
        .subquery()
    )
    most = select(each.c.feed, func.max(each.c.amount)).group_by(each.c.feed)
    return {feed: count for feed, count in connection.execute(most)}  # noqa: C416 - a row is no pair


def totals(connection: Connection) -> Sequence[Any]:
    """All rows since the beginning: feed, kind, label, amount, seconds, newest."""
    return connection.execute(select(traffic_totals)).all()


def newest(rows: Iterable[Row[Any]]) -> dict[tuple[str, str], datetime]:
    """Of rows of ``totals``: when each feed was heard last (label ``ALL``), and each of its types."""
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        labels = (ALL, row.label) if row.kind == ACCEPTED else (ALL,)
        for label in labels:
            found[row.feed, label] = max(found.get((row.feed, label), ""), row.newest)
    return {key: datetime.fromisoformat(text) for key, text in found.items() if text}


def _hour_row(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "hour": int(row.hour), "amount": int(row.amount)}


@lru_cache
def _adding(table: Table, dialect: str) -> Executable:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    more = {"amount": table.c.amount + insert.excluded.amount}
    if "seconds" in table.c:
        new, old = insert.excluded.newest, table.c.newest
        more |= {"seconds": table.c.seconds + insert.excluded.seconds, "newest": case((new > old, new), else_=old)}
    return insert.on_conflict_do_update(index_elements=[c.name for c in table.primary_key], set_=more)

"""The record of alarms: what was wrong from when to when, who has seen it, and what is muted."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.health.alarms import Alarm
from hub.model import stable_id
from hub.store.schema import alarm_mutes, alarms
from hub.store.upsert import upsert


def open_alarm(transaction: Connection, alarm: Alarm, at: str) -> bool:
    """Writes down a new alarm; false when one is open already."""
    insert = postgresql.insert if transaction.dialect.name == "postgresql" else sqlite.insert
    row = {
        "id": stable_id("alarm", alarm.kind, alarm.feed, alarm.subject, at),
        "kind": alarm.kind.value,
        "feed": alarm.feed,
        "subject": alarm.subject,
        "expected": alarm.expected,
        "seen": alarm.seen,
        "text": alarm.text,
        "opened_at": at,
    }
    return transaction.execute(insert(alarms).values(row).on_conflict_do_nothing()).rowcount == 1


def close(transaction: Connection, identity: str, at: str) -> bool:
    """Ends an alarm; false when it has ended already."""
    end = update(alarms).where(alarms.c.id == identity, alarms.c.closed_at == "").values(closed_at=at)
    return transaction.execute(end).rowcount == 1


def listed(
    connection: Connection, now: str, *, open_only: bool, feed: str = "", identity: str = "", limit: int = 1000
) -> Sequence[Row[Any]]:
    """Alarms, those that are open first, then the newest; each with ``muted_until`` (empty when it is not muted)."""
    mute = and_(
        alarm_mutes.c.kind == alarms.c.kind,
        alarm_mutes.c.feed == alarms.c.feed,
        alarm_mutes.c.subject == alarms.c.subject,
        alarm_mutes.c.until > now,
    )
    query = select(alarms, alarm_mutes.c.until.label("muted_until")).join(alarm_mutes, mute, isouter=True)
    query = query.where(alarms.c.closed_at == "") if open_only else query
    query = query.where(alarms.c.feed == feed) if feed else query
    query = query.where(alarms.c.id == identity) if identity else query
    return connection.execute(query.order_by(alarms.c.closed_at != "", alarms.c.opened_at.desc()).limit(limit)).all()


def find(connection: Connection, wanted: str) -> Sequence[Row[Any]]:
    """The alarms whose id begins so; two at most."""
    return connection.execute(select(alarms).where(alarms.c.id.startswith(wanted, autoescape=True)).limit(2)).all()


def acknowledge(transaction: Connection, identity: str, by: str, at: str) -> None:
    """Somebody knows of it; who was first stays."""
    known = or_(alarms.c.acknowledged_by == "", alarms.c.acknowledged_by.is_(None))
    transaction.execute(
        update(alarms).where(alarms.c.id == identity, known).values(acknowledged_by=by, acknowledged_at=at)
    )


def mute(transaction: Connection, alarm: Row[Any], until: str, by: str) -> None:
    """Until then nobody hears of what is wrong there; a time in the past ends it."""
    key = {"kind": alarm.kind, "feed": alarm.feed, "subject": alarm.subject}
    upsert(transaction, alarm_mutes, [{**key, "until": until, "by": by}])

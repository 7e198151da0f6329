"""Where notices go: the queue's counter, when to try again, and who sends there now."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select, update

from hub.model import DeliveryState
from hub.store.schema import deliveries, endpoints
from hub.store.upsert import insert_new


def ensure(transaction: Connection, ids: Sequence[tuple[str, str, str]], now: str, wake_at: str = "") -> None:
    """Endpoints by id, practice and channel; one that is there already stays as it is."""
    fresh = {"numbered": 0, "failures": 0, "next_at": now, "wake_at": wake_at, "error": "", "holder": ""}
    rows = [
        {"id": i, "practice_id": practice, "channel": channel, **fresh, "held_until": ""}
        for i, practice, channel in sorted(set(ids))
    ]
    insert_new(transaction, endpoints, rows)


def number(transaction: Connection, endpoint: str, count: int) -> int:
    """Takes ``count`` places in the endpoint's queue; returns the first of them."""
    counted = update(endpoints).where(endpoints.c.id == endpoint).values(numbered=endpoints.c.numbered + count)
    last: int = transaction.execute(counted.returning(endpoints.c.numbered)).scalar_one()
    return last - count + 1


def due(connection: Connection, now: str, limit: int) -> list[Any]:
    """Endpoints at which nobody sends and something can be done now; those that work come first."""
    waiting = exists().where(
        deliveries.c.endpoint == endpoints.c.id,
        deliveries.c.state == DeliveryState.QUEUED.value,
        deliveries.c.next_at <= now,
    )
    to_be_woken = and_(endpoints.c.wake_at != "", endpoints.c.wake_at <= now)
    query = select(endpoints).where(
        endpoints.c.held_until <= now, endpoints.c.next_at <= now, or_(waiting, to_be_woken)
    )
    return list(connection.execute(query.order_by(endpoints.c.failures, endpoints.c.next_at).limit(limit)))


def claim(transaction: Connection, endpoint: str, holder: str, now: str, until: str) -> Any:
    """The endpoint as it is, held by ``holder`` until then; None where somebody else holds it."""
    free = and_(endpoints.c.id == endpoint, or_(endpoints.c.held_until <= now, endpoints.c.holder == holder))
    taken = update(endpoints).where(free).values(holder=holder, held_until=until)
    return transaction.execute(taken.returning(*endpoints.c)).one_or_none()


def keep(transaction: Connection, ids: Collection[str], holder: str, until: str) -> None:
    """``holder`` holds those of the endpoints that it has until then."""
    mine = and_(endpoints.c.id.in_(ids), endpoints.c.holder == holder)
    transaction.execute(update(endpoints).where(mine).values(held_until=until))


def release(transaction: Connection, endpoint: str, holder: str, **values: Any) -> bool:
    """Gives the endpoint back with new values; False where somebody else has taken it meanwhile."""
    mine = and_(endpoints.c.id == endpoint, endpoints.c.holder == holder)
    left = update(endpoints).where(mine).values(holder="", held_until="", **values)
    return transaction.execute(left).rowcount == 1


def change(transaction: Connection, endpoint: str, **values: Any) -> None:
    """New values, whoever holds the endpoint."""
    transaction.execute(update(endpoints).where(endpoints.c.id == endpoint).values(**values))


def get(connection: Connection, endpoint: str) -> Any:
    """The endpoint, or None."""
    return connection.execute(select(endpoints).where(endpoints.c.id == endpoint)).one_or_none()

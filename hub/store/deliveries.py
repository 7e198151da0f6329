"""Notices on their way: what is due, and what came of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from hub.model import DeliveryState
from hub.store.schema import deliveries, notifications
from hub.store.upsert import insert_new

_RESULT = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), deliveries.c.state == DeliveryState.QUEUED.value)
    .values({c: bindparam(f"new_{c}") for c in ("state", "attempts", "receipt", "error", "changed_at")})
)


def row(delivery_id: str, notification_id: str, channel: str, now: str, **more: Any) -> dict[str, Any]:
    """A complete row of ``deliveries``, queued and due unless ``more`` says otherwise."""
    return {
        "id": delivery_id,
        "notification_id": notification_id,
        "channel": channel,
        "endpoint": "",
        "number": 0,
        "state": DeliveryState.QUEUED.value,
        "attempts": 0,
        "next_at": now,
        "receipt": "",
        "error": "",
        "changed_at": now,
        **more,
    }


def enqueue(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Queues deliveries; one that is there already stays as it is."""
    insert_new(transaction, deliveries, rows)


def known(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these deliveries are there."""
    return set(connection.execute(select(deliveries.c.id).where(deliveries.c.id.in_(list(ids)))).scalars())


def queued(connection: Connection, endpoint: str, now: str, limit: int) -> list[Any]:
    """What is to be sent to the endpoint now, in the order of its queue, with the persons and bodies of the notices."""
    of_delivery = (deliveries.c[name] for name in ("id", "channel", "number", "attempts", "next_at"))
    query = (
        select(*of_delivery, notifications.c.person_id, notifications.c.message_id, notifications.c.body)
        .join(notifications, deliveries.c.notification_id == notifications.c.id)
        .where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.state == DeliveryState.QUEUED.value,
            deliveries.c.next_at <= now,
        )
        .order_by(deliveries.c.number, deliveries.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def held(connection: Connection, endpoint: str, now: str) -> list[Any]:
    """What is queued for the endpoint and not to be sent yet, with the persons and bodies of the notices."""
    query = (
        select(deliveries.c.id, notifications.c.person_id, notifications.c.body)
        .join(notifications, deliveries.c.notification_id == notifications.c.id)
        .where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.state == DeliveryState.QUEUED.value,
            deliveries.c.next_at > now,
        )
    )
    return list(connection.execute(query.order_by(deliveries.c.number)))


def drop(transaction: Connection, ids: Sequence[str], why: str, now: str) -> None:
    """What is queued is not to be sent after all."""
    queued_ = (deliveries.c.id.in_(list(ids)), deliveries.c.state == DeliveryState.QUEUED.value)
    dropped = update(deliveries).where(*queued_)
    transaction.execute(dropped.values(state=DeliveryState.DROPPED.value, error=why, changed_at=now))


def give_up(transaction: Connection, endpoint: str, before: str, error: str, now: str) -> None:
    """What waits for the endpoint since then or longer has failed."""
    old = update(deliveries).where(
        deliveries.c.endpoint == endpoint,
        deliveries.c.state == DeliveryState.QUEUED.value,
        deliveries.c.next_at <= before,
    )
    transaction.execute(old.values(state=DeliveryState.FAILED.value, error=error, changed_at=now))


def settle(transaction: Connection, results: Sequence[dict[str, Any]]) -> None:
    """Writes what came of sending, where the delivery is still queued: another worker's word is not overwritten.

    ``results`` have ``delivery`` (the id) and ``new_`` values of all columns that change.
    """
    if results:
        transaction.execute(_RESULT, list(results))


def of_notices(connection: Connection, notification_ids: Sequence[str]) -> list[Any]:
    """The deliveries of the notices."""
    query = select(deliveries).where(deliveries.c.notification_id.in_(list(notification_ids)))
    return list(connection.execute(query.order_by(deliveries.c.channel)))


def acknowledge(transaction: Connection, notification_id: str, channel: str, by: str, now: str) -> None:
    """Somebody has seen the notice; a step that was made already stays as it is."""
    seen = update(deliveries).where(
        deliveries.c.notification_id == notification_id,
        deliveries.c.channel == channel,
        deliveries.c.state.in_([DeliveryState.QUEUED, DeliveryState.DELIVERED, DeliveryState.OPENED]),
    )
    acknowledged = DeliveryState.ACKNOWLEDGED.value
    transaction.execute(seen.values(state=acknowledged, receipt=f"acknowledged by {by}", changed_at=now))


def drop_waiting(transaction: Connection, notification_id: str, channel_prefix: str, why: str, now: str) -> None:
    """What waits by channels of that beginning is not to be sent after all."""
    query = select(deliveries.c.id).where(
        deliveries.c.notification_id == notification_id, deliveries.c.channel.startswith(channel_prefix)
    )
    drop(transaction, list(transaction.execute(query).scalars()), why, now)


def told(connection: Connection, message_ids: Sequence[str]) -> list[Any]:
    """Id and practice of the notices that came of the messages."""
    query = select(notifications.c.id, notifications.c.practice_id)
    return list(connection.execute(query.where(notifications.c.message_id.in_(list(message_ids)))))


def requeue(transaction: Connection, notification_ids: Sequence[str], now: str) -> int:
    """The notices' deliveries are due again, under the same ids; returns how many those are."""
    again = update(deliveries).where(deliveries.c.notification_id.in_(list(notification_ids)))
    return transaction.execute(again.values(state=DeliveryState.QUEUED.value, attempts=0, next_at=now)).rowcount

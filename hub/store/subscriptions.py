"""FHIR subscriptions of practices."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from hub.store.schema import subscriptions
from hub.store.upsert import upsert


def save(transaction: Connection, row: dict[str, Any]) -> None:
    """Writes a new subscription, or all of a known one anew."""
    upsert(transaction, subscriptions, [row])


def set_status(transaction: Connection, subscription_id: str, status: str, error: str, now: str) -> None:
    """Where a subscription has come to, and why."""
    mine = update(subscriptions).where(subscriptions.c.id == subscription_id)
    transaction.execute(mine.values(status=status, error=error, changed_at=now))


def remove(transaction: Connection, subscription_id: str) -> None:
    """Forgets a subscription; what was sent stays in the record."""
    transaction.execute(delete(subscriptions).where(subscriptions.c.id == subscription_id))


def get(connection: Connection, subscription_id: str) -> Any:
    """The subscription, or None."""
    return connection.execute(select(subscriptions).where(subscriptions.c.id == subscription_id)).one_or_none()


def of(connection: Connection, practice_ids: Iterable[str]) -> Sequence[Any]:
    """The subscriptions of the practices, oldest first."""
    mine = select(subscriptions).where(subscriptions.c.practice_id.in_(list(practice_ids)))
    return connection.execute(mine.order_by(subscriptions.c.created_at, subscriptions.c.id)).all()

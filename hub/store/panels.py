"""The rows of the practices' panels."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete

from hub.store.schema import panel
from hub.store.upsert import upsert


def save(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Writes panel rows; one of the same practice and patient is replaced."""
    upsert(transaction, panel, rows)


def remove(transaction: Connection, ids: Sequence[str]) -> None:
    """Takes rows off the panels."""
    if ids:
        transaction.execute(delete(panel).where(panel.c.id.in_(list(ids))))

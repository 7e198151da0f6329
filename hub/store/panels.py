"""The rows of the practices' panels."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from hub.store.events import ON_PANEL
from hub.store.schema import panel
from hub.store.upsert import upsert


def save(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Writes panel rows; one of the same practice and patient is replaced."""
    upsert(transaction, panel, rows)


def of_practices(connection: Connection, practice_ids: Sequence[str]) -> dict[str, set[str]]:
    """By practice, the ids of the rows of its panel that name a patient."""
    query = select(panel.c.practice_id, panel.c.id).where(
        panel.c.practice_id.in_(list(practice_ids)), panel.c.outcome.in_(ON_PANEL)
    )
    found: dict[str, set[str]] = {}
    for practice_id, row_id in connection.execute(query):
        found.setdefault(practice_id, set()).add(row_id)
    return found


def remove(transaction: Connection, ids: Sequence[str]) -> None:
    """Takes rows off the panels."""
    if ids:
        transaction.execute(delete(panel).where(panel.c.id.in_(list(ids))))

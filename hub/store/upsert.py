"""Insert or replace, in the dialects of SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(transaction: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts complete rows; one that exists under the same primary key is replaced."""
    if rows:
        transaction.execute(_statement(table, transaction.dialect.name, True), list(rows))


def insert_new(transaction: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts complete rows; one that exists under the same primary key stays as it is."""
    if rows:
        transaction.execute(_statement(table, transaction.dialect.name, False), list(rows))


@lru_cache
def _statement(table: Table, dialect: str, replace: bool) -> Executable:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    if not replace:
        return insert.on_conflict_do_nothing(index_elements=keys)
    others = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=others)

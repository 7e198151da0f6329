"""Appending to one SQLite table past SQLAlchemy, on a connection of its own: a third of the work of a group commit."""

import sqlite3
import threading
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Engine, Table

from hub.errors import StoreBusy


class DirectAppend:
    """Writes rows (tuples in the order of ``columns``), each call in one transaction of its own.

    That is a single statement: SQLite then works, waits for the disk and commits without once asking for Python's
    global lock, which the event loop needs meanwhile.
    """

    def __init__(self, engine: Engine, table: Table, columns: Sequence[str]) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._pooled: Any = None
        one = f"({', '.join('?' * len(columns))})"
        start = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of our own schema

        @lru_cache(maxsize=512)
        def insert(rows: int) -> str:
            return start + ", ".join([one] * rows)

        self._insert = insert

    def __call__(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Durable on return. Raises ``StoreBusy`` when the database is locked, full or gone."""
        if not rows:
            return
        with self._turn:
            try:
                self._connection().execute(self._insert(len(rows)), tuple(chain.from_iterable(rows)))
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname == "SQLITE_ERROR":  # a statement that is wrong, not a database that is busy
                    raise
                raise StoreBusy(str(error)) from error

    def close(self) -> None:
        with self._turn:
            if self._pooled:
                self._pooled.close()
                self._pooled = None

    def _connection(self) -> sqlite3.Connection:
        if not self._pooled:
            self._pooled = self._engine.raw_connection()
        connection: sqlite3.Connection = self._pooled.driver_connection
        return connection

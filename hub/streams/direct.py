"""Appending to one SQLite table past SQLAlchemy, on a connection of its own: a third of the work of a group commit."""

import sqlite3
import threading
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Engine, Table

from hub.errors import StoreBusy
from hub.store.sqlite import PAGE_SIZE
from hub.streams.checkpointer import LONGEST_LOG_BYTES, Checkpointer


class DirectAppend:
    """Writes rows (tuples in the order of ``columns``), each call in one transaction of its own.

    That is a single statement: SQLite then works, waits for the disk and commits without once asking for Python's
    global lock, which the event loop needs meanwhile.
    """

    def __init__(self, engine: Engine, table: Table, columns: Sequence[str]) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._pooled: Any = None
        self._checkpointer: Checkpointer | None = None
        one = f"({', '.join('?' * len(columns))})"
        start = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of our own schema

        @lru_cache(maxsize=512)
        def insert(rows: int) -> str:
            return start + ", ".join([one] * rows)

        self._insert = insert
        self._longest_log = LONGEST_LOG_BYTES // int(table.metadata.info.get("page_size", PAGE_SIZE))

    def __call__(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Durable on return. Raises ``StoreBusy`` when the database is locked, full or gone."""
        if not rows:
            return
        with self._turn:
            try:
                values = tuple(chain.from_iterable(rows))
                self._connection().execute(self._insert(len(rows)), values)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname == "SQLITE_ERROR":  # a statement that is wrong, not a database that is busy
                    raise
                raise StoreBusy(str(error)) from error
        if self._checkpointer:
            self._checkpointer.wrote(sum(len(value) for value in values if isinstance(value, bytes)))

    def close(self) -> None:
        with self._turn:
            if self._checkpointer:
                self._checkpointer.close()
                self._checkpointer = None
            if self._pooled:
                self._pooled.close()
                self._pooled = None

    def _connection(self) -> sqlite3.Connection:
        if not self._pooled:
            self._pooled = self._engine.raw_connection()
            self._pooled.driver_connection.execute(f"PRAGMA wal_autocheckpoint={self._longest_log}")
            self._checkpointer = Checkpointer(self._engine)
        connection: sqlite3.Connection = self._pooled.driver_connection
        return connection

"""Appending to one SQLite table past SQLAlchemy, on a connection of its own: a third of the work of a group commit."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Engine, Table
from sqlalchemy.exc import DatabaseError

from hub.errors import StoreBusy
from hub.store import sqlite
from hub.streams.checkpointer import LONGEST_LOG_BYTES, Checkpointer


class DirectAppend:
    """Writes rows (tuples in the order of ``columns``), each call in one transaction of its own.

    Of each connection that is opened ``trouble`` says why nothing may be written to it, empty when it may: its file may
    be another one than before.

    That is a single statement: SQLite then works, waits for the disk and commits without once asking for Python's
    global lock, which the event loop needs meanwhile.
    """

    def __init__(
        self,
        engine: Engine,
        table: Table,
        columns: Sequence[str],
        trouble: Callable[[sqlite3.Connection], str] = lambda connection: "",
    ) -> None:
        self._engine = engine
        self._trouble = trouble
        self._turn = threading.Lock()
        self._pooled: Any = None
        self._checkpointer: Checkpointer | None = None
        one = f"({', '.join('?' * len(columns))})"
        start = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of our own schema

        @lru_cache(maxsize=512)
        def insert(rows: int) -> str:
            return start + ", ".join([one] * rows)

        self._insert = insert
        self._longest_log = LONGEST_LOG_BYTES // int(table.metadata.info.get("page_size", sqlite.PAGE_SIZE))

    def __call__(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Durable on return. Raises ``StoreBusy`` when the database is locked, full, read-only, damaged or gone."""
        if not rows:
            return
        with self._turn:
            try:
                connection = self._connection()
                values = tuple(chain.from_iterable(rows))
                connection.execute(self._insert(len(rows)), values)
            except (sqlite3.DatabaseError, DatabaseError) as error:
                raise _named(error) from error
            if not connection.is_kept:
                raise StoreBusy("the database file was removed or replaced")
        if self._checkpointer:
            self._checkpointer.wrote(sum(len(value) for value in values if isinstance(value, bytes)))

    def close(self) -> None:
        with self._turn:
            if self._checkpointer:
                self._checkpointer.close()
                self._checkpointer = None
            self._give_back()

    def _connection(self) -> sqlite.FileConnection:
        if self._pooled and not self._pooled.driver_connection.is_kept:
            self._give_back()
        if not self._pooled:
            self._pooled = self._engine.raw_connection()
            if reason := self._trouble(self._pooled.driver_connection):
                self._give_back()
                raise StoreBusy(reason)
            self._pooled.driver_connection.execute(f"PRAGMA wal_autocheckpoint={self._longest_log}")
            self._checkpointer = self._checkpointer or Checkpointer(self._engine)
        connection: sqlite.FileConnection = self._pooled.driver_connection
        return connection

    def _give_back(self) -> None:
        if self._pooled:
            self._pooled.close()
            self._pooled = None


def _named(error: sqlite3.DatabaseError | DatabaseError) -> Exception:
    """A statement that is wrong, or a row, stays what it is."""
    cause = error.orig if isinstance(error, DatabaseError) else error
    reached = not sqlite.is_out_of_reach(getattr(cause, "sqlite_errorname", ""))
    return error if reached else StoreBusy(str(cause))

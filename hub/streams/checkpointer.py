"""SQLite's log is written back into its database by a thread of its own, so that no commit has to wait for that."""

import contextlib
import sqlite3
import threading

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.store.sqlite import LOG_BYTES

STEP_BYTES = LOG_BYTES // 4
"""So much is written to the log before it is looked after again."""

LONGEST_LOG_BYTES = 4 * LOG_BYTES
"""Only when the log is so long a commit writes back the rest itself, after which the log begins anew."""


class Checkpointer:
    """Looks after the log of one database; ``wrote`` tells it what was appended."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._since = 0
        self._due = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="checkpointer", daemon=True)
        self._thread.start()

    def wrote(self, size: int) -> None:
        """So many bytes more are in the log."""
        self._since += size
        if self._since >= STEP_BYTES:
            self._since = 0
            self._due.set()

    def close(self) -> None:
        self._closing = True
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        while self._due.wait() and not self._closing:
            self._due.clear()
            with contextlib.suppress(sqlite3.DatabaseError, SQLAlchemyError):  # a database that is away is the
                self._write_back()  # appender's to tell

    def _write_back(self) -> None:
        """Opens the file that has the name now: it may have been replaced."""
        with contextlib.closing(self._engine.raw_connection()) as pooled:
            pooled.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

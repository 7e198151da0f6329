"""SQLite's log is looked after by a thread of its own, so that no commit has to wait for that.

It is written back into its database; and before much is written it gets its full length. A commit that makes a file
longer waits until the file system has written down the new length, too, which takes about as long as the commit itself.
"""

import contextlib
import os
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.store.sqlite import LOG_BYTES, FileConnection

STEP_BYTES = LOG_BYTES // 4
"""So much is written to the log before it is looked after again."""

LONGEST_LOG_BYTES = 4 * LOG_BYTES
"""Only when the log is so long a commit writes back the rest itself, after which the log begins anew."""

FIRST_BYTES = LOG_BYTES // 16
"""A log in which less is written stays as short as it is."""

AT_ONCE = 1024 * 1024
"""By so many bytes the log is made longer while commits wait."""

ROOM = 16
"""The log is made longer only where the disk has room for so many of them."""


class Checkpointer:
    """Looks after the log of one database; ``wrote`` tells it what was appended."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._written = 0
        self._written_back = 0
        self._short = True
        self._due = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="checkpointer", daemon=True)
        self._thread.start()

    def wrote(self, size: int) -> None:
        """So many bytes more are in the log."""
        self._written += size
        if self._is_long or (self._short and self._written >= FIRST_BYTES):
            self._due.set()

    def close(self) -> None:
        self._closing = True
        self._due.set()
        self._thread.join()

    @property
    def _is_long(self) -> bool:
        return self._written - self._written_back >= STEP_BYTES

    def _run(self) -> None:
        while self._due.wait() and not self._closing:
            self._due.clear()
            with contextlib.suppress(sqlite3.DatabaseError, SQLAlchemyError):  # a database that is away is the
                if self._short:  # appender's to tell
                    self._short = self._lengthen()
                if self._is_long:
                    self._written_back = self._written
                    self._write_back()

    def _lengthen(self) -> bool:
        """One piece after a commit, so that the next one hardly waits; whether there may be another."""
        with contextlib.closing(self._engine.raw_connection()) as pooled:
            connection = pooled.driver_connection
            assert isinstance(connection, FileConnection)
            return _lengthened(connection)

    def _write_back(self) -> None:
        """Opens the file that has the name now: it may have been replaced."""
        with contextlib.closing(self._engine.raw_connection()) as pooled:
            pooled.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def _lengthened(connection: FileConnection) -> bool:
    """Makes the log longer by one piece; whether there was one to be made.

    Others cannot write for as long as it takes to copy the piece; that the disk has it is waited for when they can
    again.
    """
    log = Path(f"{connection.file}-wal")
    try:
        if not _has_room(log):
            return False
        with log.open("r+b") as file:
            connection.execute("BEGIN IMMEDIATE")
            try:
                longer = connection.is_kept and _add_piece(file)
            finally:
                connection.execute("ROLLBACK")
            os.fsync(file.fileno())
            return longer
    except OSError:  # it stays as it is: a commit that needs more finds out by itself
        return False


def _has_room(log: Path) -> bool:
    return shutil.disk_usage(log.parent).free >= ROOM * LONGEST_LOG_BYTES


def _add_piece(log: BinaryIO) -> bool:
    """Zeros, which SQLite takes for the log's end (https://sqlite.org/walformat.html, "Reader Algorithm")."""
    if log.seek(0, os.SEEK_END) >= LONGEST_LOG_BYTES + STEP_BYTES:
        return False
    log.write(bytes(AT_ONCE))
    log.flush()
    return True

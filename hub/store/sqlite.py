"""SQLite's files: opened with full durability, and never written to when they are no longer what their name leads to.

A file that is removed or replaced while it is open takes writes as before, into nothing. So each use of a connection
begins with a look at the name; and a file that is gone is not made anew, because an empty log would number its records
from one again: it is waited for.
"""

import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

PAGE_SIZE = 4096

LOG_BYTES = 16 * 1024 * 1024
"""SQLite's log is written back when it is so long: oftener costs synchronisations, later makes long pauses."""

OUT_OF_REACH = ("BUSY", "LOCKED", "FULL", "IOERR", "READONLY", "CANTOPEN", "CORRUPT", "NOTADB", "PROTOCOL", "NOLFS")
"""Result codes (https://sqlite.org/rescode.html) of a database that cannot be used for now: a person, or time, helps.
Extended codes begin with them."""

_ABANDONED: list["FileConnection"] = []


class FileConnection(sqlite3.Connection):
    """A connection that knows whether its file is still what its name leads to."""

    _file = Path()
    _identity: tuple[int, int] | None = None

    def belongs_to(self, file: Path) -> None:
        """Called once, when it is open."""
        self._file, self._identity = file, _identity(file)

    @property
    def is_kept(self) -> bool:
        """Whether what is written here will be found again."""
        return _identity(self._file) == self._identity

    def close(self) -> None:
        """Closes, unless the file is gone: with its last connection SQLite removes the write-ahead log of that name,
        which may by now be the log of another file."""
        if self.is_kept:
            super().close()
        else:
            _ABANDONED.append(self)


def open_file(file: Path, page_size: int, busy_seconds: float) -> Engine:
    """An engine on the file, which is made where there is none yet. Raises ``OSError``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(exist_ok=True)
    connect = partial(_connect, file, page_size, busy_seconds)
    engine = create_engine(f"sqlite:///{file}", creator=connect, hide_parameters=True)
    event.listen(engine, "checkout", _must_be_kept)
    return engine


def is_out_of_reach(errorname: str) -> bool:
    """Whether the error of this name (``SQLITE_BUSY``) is the database's, not the statement's."""
    return errorname.removeprefix("SQLITE_").startswith(OUT_OF_REACH)


def _connect(file: Path, page_size: int, busy_seconds: float) -> FileConnection:
    uri = f"{file.absolute().as_uri()}?mode=rw"  # never made anew while the hub runs
    connection = sqlite3.connect(uri, uri=True, timeout=busy_seconds, check_same_thread=False, factory=FileConnection)
    assert isinstance(connection, FileConnection)
    connection.belongs_to(file)
    connection.isolation_level = None  # the driver's own transaction handling is switched off: ``begin`` decides
    for pragma in (
        f"page_size={page_size}",  # of a file that is new
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-16000",
        f"wal_autocheckpoint={LOG_BYTES // page_size}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _must_be_kept(connection: Any, _: Any, __: Any) -> None:
    """The pool opens the file again for a connection that leads elsewhere."""
    if not connection.is_kept:
        raise DisconnectionError("the database file was removed or replaced")


def _identity(file: Path) -> tuple[int, int] | None:
    """Device and inode of what the name leads to now; None for nothing."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino

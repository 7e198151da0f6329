"""SQLite's files: opened with full durability, and never written to when they are no longer what their name leads to.

A file that is removed or replaced while it is open takes writes as before, into nothing. So each use of a connection
begins with a look at the name; and a file that is gone is not made anew, because an empty log would number its records
from one again: it is waited for.
"""

import os
import sqlite3
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError

from hub.store.turnstile import turn

BUSY_SECONDS = 5.0
"""How long a transaction waits for others to end. An engine gives its message up after 10 to 30 seconds without an
answer; it should rather hear that the message cannot be stored for now."""

PAGE_SIZE = 4096

LOG_BYTES = 16 * 1024 * 1024
"""SQLite's log is written back when it is so long: oftener costs synchronisations, later makes long pauses."""

OUT_OF_REACH = ("BUSY", "LOCKED", "FULL", "IOERR", "READONLY", "CANTOPEN", "CORRUPT", "NOTADB", "PROTOCOL", "NOLFS")
"""Result codes (https://sqlite.org/rescode.html) of a database that cannot be used for now: a person, or time, helps.
Extended codes begin with them."""

_SYNCHRONOUS_FULL = 2
_ABANDONED: list["FileConnection"] = []


class FileConnection(sqlite3.Connection):
    """A connection that knows whether its file is still what its name leads to."""

    _file = Path()
    _identity: tuple[int, int] | None = None

    def belongs_to(self, file: Path) -> None:
        """Called once, when it is open."""
        self._file, self._identity = file, _identity(file)

    @property
    def file(self) -> Path:
        """The file's name."""
        return self._file

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


def create(url: URL, page_size: int = PAGE_SIZE) -> Engine:
    """The database in the URL's file, or in memory; ``page_size`` is that of a new file. Raises ``OSError``."""
    if not url.database:
        return create_engine(url, hide_parameters=True)
    engine = open_file(Path(url.database), page_size, BUSY_SECONDS)
    event.listen(engine, "begin", _begin)
    return engine


def turn_to_write(engine: Engine) -> AbstractContextManager[None]:
    """One writer at a time, in the order in which they came."""
    return turn(Path(engine.url.database)) if engine.url.database else nullcontext()


def is_transient(error: DBAPIError) -> bool:
    """Whether the database cannot be used for now; a statement that is wrong may have the same class."""
    return is_out_of_reach(getattr(error.orig, "sqlite_errorname", ""))


def is_durable(connection: Connection) -> bool:
    """Whether a commit waits until it is on disk."""
    return connection.exec_driver_sql("PRAGMA synchronous").scalar() == _SYNCHRONOUS_FULL


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


def _begin(connection: Connection) -> None:
    # BEGIN IMMEDIATE: a transaction that will write takes the lock first, so that it never fails half-way.
    only_reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


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

"""SQLite with full durability: every commit waits for the disk, and who will write takes the lock first."""

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from hub.store.turnstile import turn

BUSY_SECONDS = 30.0
PAGE_SIZE = 4096

LOG_BYTES = 16 * 1024 * 1024
"""The write-ahead log is written back when it is so long: oftener costs synchronisations, later makes long pauses."""

_SYNCHRONOUS_FULL = 2


def create(url: URL, page_size: int = PAGE_SIZE) -> Engine:
    """The database in the URL's file, whose folder is made where it is missing; ``page_size`` is that of a new one."""
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    connecting = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=connecting, hide_parameters=True)
    event.listen(engine, "connect", partial(_prepare, page_size))
    event.listen(engine, "begin", _begin)
    return engine


def turn_to_write(engine: Engine) -> AbstractContextManager[None]:
    """One writer at a time, in the order in which they came."""
    return turn(Path(engine.url.database)) if engine.url.database else nullcontext()


def is_transient(error: DBAPIError) -> bool:
    """Whether the database is locked, full or gone. Statements that are wrong have the same class, but not this."""
    name = getattr(error.orig, "sqlite_errorname", "")
    return type(error.orig).__name__ == "OperationalError" and name != "SQLITE_ERROR"


def is_durable(connection: Connection) -> bool:
    """Whether a commit waits until it is on disk."""
    return connection.exec_driver_sql("PRAGMA synchronous").scalar() == _SYNCHRONOUS_FULL


def _prepare(page_size: int, connection: Any, _: Any) -> None:
    # The driver's own transaction handling is switched off: ``begin`` below decides.
    connection.isolation_level = None
    for pragma in (
        f"page_size={page_size}",  # of a file that is new
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-16000",
        f"wal_autocheckpoint={LOG_BYTES // page_size}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # BEGIN IMMEDIATE: a transaction that will write takes the lock first, so that it never fails half-way.
    only_reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

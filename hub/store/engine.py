"""Opening the databases: SQLite with full durability, or PostgreSQL."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from hub.errors import ConfigurationError, StoreBusy
from hub.store.turnstile import turn

BUSY_SECONDS = 30.0

PAGE_SIZE = 4096

LOG_BYTES = 16 * 1024 * 1024
"""SQLite's log is written back when it is so long: oftener costs synchronisations, later makes long pauses."""


@lru_cache(maxsize=64)
def utc_text(moment: datetime) -> str:
    """UTC, ISO 8601 with microseconds and ``Z``: texts of one width sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def open_engine(url: str, tables: MetaData) -> Engine:
    """The database at ``url``, created with its tables where it does not exist yet. Raises ``ConfigurationError`` where
    that cannot be, and ``StoreBusy`` while the database is out of reach."""
    try:
        return _open(url, tables)
    except (ArgumentError, ImportError):
        allowed = "must be the SQLAlchemy URL of a database whose driver is installed"
        raise ConfigurationError("settings", "HUB_DATABASE_URL", allowed) from None
    except OSError as error:
        raise ConfigurationError("settings", "HUB_DATA", f"the folder cannot be made ({error.strerror})") from None
    except OperationalError as error:
        raise _named(error) from error
    except DatabaseError:
        raise ConfigurationError("settings", "HUB_DATA", f"{make_url(url).database} is no database") from None


def _open(url: str, tables: MetaData) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        connecting = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(parsed, connect_args=connecting, hide_parameters=True)
        event.listen(engine, "connect", partial(_prepare_sqlite, tables.info.get("page_size", PAGE_SIZE)))
        event.listen(engine, "begin", _begin_immediate)
    else:
        engine = create_engine(parsed, hide_parameters=True)
    tables.create_all(engine)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; a database that is locked or gone is a ``StoreBusy``. Not to be nested."""
    try:
        with _turn(engine), engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise _named(error) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view to read from; it never waits for a writer."""
    try:
        with engine.connect().execution_options(reads_only=True) as connection:
            yield connection
    except OperationalError as error:
        raise _named(error) from error


def _turn(engine: Engine) -> AbstractContextManager[None]:
    file = engine.url.database if engine.url.get_backend_name() == "sqlite" else None
    return turn(Path(file)) if file else nullcontext()


def _named(error: OperationalError) -> Exception:
    """SQLite gives statements that are wrong the same class as a lock; only they stay what they are."""
    wrong = getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR"
    return error.orig if wrong and isinstance(error.orig, Exception) else StoreBusy(str(error.orig))


def _prepare_sqlite(page_size: int, connection: Any, _: Any) -> None:
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


def _begin_immediate(connection: Connection) -> None:
    # BEGIN IMMEDIATE: a transaction that will write takes the lock first, so that it never fails half-way.
    only_reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

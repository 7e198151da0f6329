"""Opening the databases: SQLite with full durability, or PostgreSQL."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from hub.errors import ConfigurationError, StoreBusy
from hub.store import sqlite
from hub.store.turnstile import turn

BUSY_SECONDS = 5.0
"""How long a transaction waits for others to end. An engine gives its message up after 10 to 30 seconds without an
answer; it should rather hear that the message cannot be stored for now."""


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
        raise _named(error) from error.orig
    except DatabaseError:
        raise ConfigurationError("settings", "HUB_DATA", f"{make_url(url).database} is no database") from None


def _open(url: str, tables: MetaData) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        engine = sqlite.open_file(Path(parsed.database), tables.info.get("page_size", sqlite.PAGE_SIZE), BUSY_SECONDS)
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
    except DatabaseError as error:
        raise _named(error) from error.orig


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view to read from; it never waits for a writer."""
    try:
        with engine.connect().execution_options(reads_only=True) as connection:
            yield connection
    except DatabaseError as error:
        raise _named(error) from error.orig


def _turn(engine: Engine) -> AbstractContextManager[None]:
    file = engine.url.database if engine.url.get_backend_name() == "sqlite" else None
    return turn(Path(file)) if file else nullcontext()


def _named(error: DatabaseError) -> Exception:
    """A database that is locked, full, damaged or gone is a ``StoreBusy``; a statement that is wrong stays what it is,
    though SQLite gives it the same class as a lock."""
    if not isinstance(error.orig, Exception):
        return error
    name = getattr(error.orig, "sqlite_errorname", "")
    out_of_reach = sqlite.is_out_of_reach(name) if name else isinstance(error, OperationalError)
    if out_of_reach:
        return StoreBusy(str(error.orig))
    return error.orig if name and isinstance(error, OperationalError) else error


def _begin_immediate(connection: Connection) -> None:
    # BEGIN IMMEDIATE: a transaction that will write takes the lock first, so that it never fails half-way.
    only_reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

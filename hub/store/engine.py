"""Opening the databases, SQLite or PostgreSQL, and the two ways of using them: reading and writing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import Enum, auto
from functools import lru_cache

from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from hub.errors import ConfigurationError, StoreBusy
from hub.store import migrations, postgres, sqlite

POSTGRES_NAMES = ("postgresql", "postgres", postgres.DRIVER)
"""How URLs of PostgreSQL may begin."""


class Turn(Enum):
    """Beside whom a transaction writes. SQLite has one writer at a time anyway; on PostgreSQL it says who waits."""

    ALONE = auto()
    """Nobody else writes meanwhile: whatever was read stays true until the commit."""
    STAGE = auto()
    """The other stages write too; what this one alone may change is guarded by its position."""
    APPENDING = auto()
    """Only new rows, which nobody could have read: waits for nobody."""


@lru_cache(maxsize=64)
def utc_text(moment: datetime) -> str:
    """UTC, ISO 8601 with microseconds and ``Z``: texts of one width sort as times do."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='microseconds')[:26]}Z"


def on_postgres(bound: Engine | Connection) -> bool:
    """Whether this is PostgreSQL and not SQLite."""
    return bound.dialect.name == "postgresql"


def open_engine(url: str, tables: MetaData) -> Engine:
    """The database at ``url``, created with its tables where it does not exist yet. Raises ``ConfigurationError`` where
    that cannot be, and ``StoreBusy`` while the database is out of reach."""
    try:
        with _named_errors():
            return _open(url, tables)
    except (ArgumentError, ImportError):
        allowed = "must be the URL of an SQLite or PostgreSQL database whose driver is installed"
        raise ConfigurationError("settings", "HUB_DATABASE_URL", allowed) from None
    except OSError as error:
        raise ConfigurationError("settings", "HUB_DATA", f"the folder cannot be made ({error.strerror})") from None
    except DatabaseError as error:
        raise _unusable(url, error) from None


def _open(url: str, tables: MetaData) -> Engine:
    parsed = make_url(url)
    if parsed.drivername in POSTGRES_NAMES:
        engine = postgres.create(parsed)
    elif parsed.drivername == "sqlite":
        engine = sqlite.create(parsed, tables.info.get("page_size", sqlite.PAGE_SIZE))
    else:
        raise ArgumentError
    try:
        _create_tables(engine, tables)
    except Exception:
        engine.dispose()
        raise
    return engine


def _create_tables(engine: Engine, tables: MetaData) -> None:
    name = migrations.name_of(tables)
    lasting = bool(engine.url.database)  # what is only in memory is always new
    if name and lasting:
        with reading(engine) as connection:
            if migrations.is_current(connection, name):
                return
    with _one_writer(engine), engine.begin() as transaction:
        if on_postgres(engine):  # of several that find the same change to be made, one makes it
            postgres.take(transaction, "schema")
        if name and lasting:
            migrations.upgrade(transaction, tables)
        else:
            tables.create_all(transaction)


def _unusable(url: str, error: DatabaseError) -> ConfigurationError:
    parsed = make_url(url)
    if parsed.drivername == "sqlite":
        return ConfigurationError("settings", "HUB_DATA", f"{parsed.database} is no database")
    return ConfigurationError("settings", "HUB_DATABASE_URL", str(error.orig))


@contextmanager
def writing(engine: Engine, turn: Turn = Turn.ALONE) -> Iterator[Connection]:
    """One transaction that writes; a database that is locked or gone is a ``StoreBusy``. Not to be nested."""
    with _named_errors(), _one_writer(engine), engine.begin() as connection:
        if on_postgres(engine) and turn is not Turn.APPENDING:
            postgres.take(connection, "writers", shared=turn is Turn.STAGE)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view to read from; it never waits for a writer."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if on_postgres(engine) else {}
    with _named_errors(), engine.connect().execution_options(reads_only=True, **options) as connection:
        yield connection


def is_durable(connection: Connection) -> bool:
    """Whether a commit waits until it is on disk (promise P1)."""
    return postgres.is_durable(connection) if on_postgres(connection) else sqlite.is_durable(connection)


def _one_writer(engine: Engine) -> AbstractContextManager[None]:
    return nullcontext() if on_postgres(engine) else sqlite.turn_to_write(engine)


@contextmanager
def _named_errors() -> Iterator[None]:
    """What may be tried again is a ``StoreBusy``; statements that are wrong stay what they are."""
    try:
        yield
    except PoolExhausted as error:
        raise StoreBusy("all connections to the database are in use") from error
    except DBAPIError as error:
        driver = postgres if type(error.orig).__module__.startswith("psycopg") else sqlite
        if driver.is_transient(error):
            raise StoreBusy(str(error.orig)) from error.orig
        raise

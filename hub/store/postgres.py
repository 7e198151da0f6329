"""PostgreSQL by psycopg: sessions that cannot hang or lose, locks by name, and errors that quote nobody."""

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

DRIVER = "postgresql+psycopg"

_CONNECTING = {
    "application_name": "carering",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""What the URL may say otherwise (libpq, chapter 34.1.2): a server that has vanished is noticed within a minute."""

BUSY_SECONDS = 5.0
"""How long to wait for a lock: a sender should rather hear soon that its message cannot be stored for now."""
ABSENT_SECONDS = 60.0
"""Who is silent for so long in the middle of a transaction, frozen or cut off, loses it with its locks."""

_OUR_LOCKS = int.from_bytes(b"hub", "big")
"""The first of the two numbers of our advisory locks; other programs in the same database have others."""

_READ_ONLY = "25006"
"""SQLSTATE of writing to a server that is a standby, as it happens while another one takes over."""
_LIMIT_EXCEEDED, _DATA_EXCEPTION = "54", "22"
"""Classes of SQLSTATE: what is too big stays too big; a value is wrong, and the error quotes it."""


def create(url: URL) -> Engine:
    """The database at the URL. Raises ``ImportError`` without the driver (``pip install carering[postgres]``)."""
    connecting = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    engine = create_engine(
        url.set(drivername=DRIVER), connect_args=connecting, pool_pre_ping=True, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "handle_error", _without_values)
    return engine


def take(transaction: Connection, lock: str, *, shared: bool = False) -> None:
    """Waits for the lock of that name, which the end of the transaction gives up. It is fair; readers need none."""
    how = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    number = crc32(lock.encode()) - 2**31
    transaction.execute(text(f"SELECT {how}(:ours, :number)"), {"ours": _OUR_LOCKS, "number": number})


def take_all(transaction: Connection, locks: Iterable[str]) -> None:
    """The same for several at once; whoever takes some of the same takes them in the same order."""
    numbers = sorted({crc32(lock.encode()) - 2**31 for lock in locks})
    each = "SELECT number FROM unnest(CAST(:numbers AS int[])) AS number ORDER BY number"
    query = text(f"SELECT pg_advisory_xact_lock(:ours, number) FROM ({each}) AS sorted")  # noqa: S608 - nobody's text
    transaction.execute(query, {"ours": _OUR_LOCKS, "numbers": numbers})


def is_transient(error: DBAPIError) -> bool:
    """Whether nothing was decided: the server is gone or full, or this transaction had to give way to another."""
    state = _state(error.orig)
    lost = error.connection_invalidated or type(error).__name__ == "OperationalError"
    return (lost and not state.startswith(_LIMIT_EXCEEDED)) or state == _READ_ONLY


def is_durable(connection: Connection) -> bool:
    """Whether a commit waits until it is on disk."""
    settings = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("fsync", "synchronous_commit")}
    return settings["fsync"] == "on" and settings["synchronous_commit"] != "off"


def _prepare(connection: Any, _: Any) -> None:
    for setting, seconds in (("lock_timeout", BUSY_SECONDS), ("idle_in_transaction_session_timeout", ABSENT_SECONDS)):
        connection.execute(f"SET {setting} = '{seconds * 1000:.0f}ms'")
    # a server that is set to lose commits shall not lose ours
    if connection.execute("SHOW synchronous_commit").fetchone()[0] == "off":
        connection.execute("SET synchronous_commit = 'on'")
    connection.commit()


def _without_values(context: ExceptionContext) -> None:
    """The server's details quote what was to be written; only the first line of an error is kept, and none that is
    about a value (promise P9)."""
    error: Any = context.original_exception
    state = _state(error)
    if not state:
        return
    said = "a value is not of its type" if state.startswith(_DATA_EXCEPTION) else error.diag.message_primary
    error.args = (f"{said} ({state})",)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(error).__name__}) {error}",)


def _state(error: Any) -> str:
    """SQLSTATE of an error that the server reported (PostgreSQL, appendix A)."""
    return getattr(error, "sqlstate", None) or ""

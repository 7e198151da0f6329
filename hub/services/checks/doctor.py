"""Is this installation sound? Each finding is one sentence with what to do about it."""

import errno
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import ConfigurationError, HubError
from hub.ports import Clock
from hub.services.checks.check import check
from hub.settings import MIB, Settings, variable
from hub.store import migrations, schema
from hub.store.engine import is_durable, open_engine, reading, utc_text, writing

LEAST_FREE = 1024 * MIB
TESTS_OWN = "HUB_TEST_"
"""What the variables begin with that only the project's tests read."""

OLDEST_SQLITE = (3, 35, 0)  # UPSERT … RETURNING
COMMITS = 20
SLOWEST_COMMIT = 0.1
CLOCK_TOLERANCE = timedelta(minutes=1)


class Health(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, how it is, and in words."""

    name: str
    health: Health
    text: str


def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """Looks at all that a hub needs on this machine; leaves nothing behind but an empty data folder."""
    return [finding for part in _PARTS for finding in part(settings, clock)]


def _python(_: Settings, __: Clock) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield _finding("python", good, f"Python {version}", "the hub needs 3.11 or newer")
    yield _finding(
        "sqlite", sqlite3.sqlite_version_info >= OLDEST_SQLITE, f"SQLite {sqlite3.sqlite_version}", "3.35 is needed"
    )


def _environment(_: Settings, __: Clock) -> Iterator[Finding]:
    known = {variable(name) for name in Settings.model_fields}
    ours = (name for name in os.environ if name.upper().startswith("HUB_") and not name.upper().startswith(TESTS_OWN))
    for name in sorted(name for name in ours if name.upper() not in known):
        yield Finding("environment", Health.WARNING, f"{name} is no setting of the hub and has no effect")


def _folder(settings: Settings, _: Clock) -> Iterator[Finding]:
    folder = settings.data.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        seconds = _durable_commit_seconds(folder)
    except (OSError, HubError, SQLAlchemyError) as error:
        yield Finding("data folder", Health.FAILURE, f"{folder} cannot be written ({_reason(error)}); set HUB_DATA")
        return
    yield Finding("data folder", Health.OK, f"{folder} can be written")
    slow = f"a durable commit takes {seconds * 1000:.1f} ms"
    yield _finding("disk speed", seconds < SLOWEST_COMMIT, slow, "slow: senders wait for it", Health.WARNING)
    free = shutil.disk_usage(folder).free
    yield _finding("disk space", free >= LEAST_FREE, f"{free // MIB:,} MiB free", "less than 1,024 MiB", Health.WARNING)


def _durable_commit_seconds(folder: Path) -> float:
    probe = MetaData()
    table = Table("probe", probe, Column("number", Integer))
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        engine = open_engine(f"sqlite:///{temporary}/probe.db", probe)
        started = time.perf_counter()
        for number in range(COMMITS):
            with writing(engine) as transaction:
                transaction.execute(insert(table).values(number=number))
        engine.dispose()
    return (time.perf_counter() - started) / COMMITS


def _databases(settings: Settings, clock: Clock) -> Iterator[Finding]:
    for name, url, tables in (("intake", settings.intake_url, schema.intake), ("main", settings.main_url, schema.main)):
        try:
            yield _database(f"{name} database", url, tables)
        except ConfigurationError as error:
            yield Finding(f"{name} database", Health.FAILURE, str(error))
        except (OSError, HubError, SQLAlchemyError) as error:
            yield Finding(f"{name} database", Health.FAILURE, f"out of reach ({_reason(error)}); see HUB_DATABASE_URL")


def _database(name: str, url: str, tables: MetaData) -> Finding:
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and not Path(parsed.database or "").exists():
        return Finding(name, Health.OK, "not there yet; the first run creates it")
    engine = open_engine(url, MetaData())
    try:
        with reading(engine) as connection:
            current = migrations.is_current(connection, migrations.name_of(tables))
            durable = is_durable(connection)
    finally:
        engine.dispose()
    if not current:
        return Finding(name, Health.WARNING, "not of this version yet; the next run brings it up to date")
    return _finding(name, durable, "reachable and durable", "does not wait for the disk")


def _clock(settings: Settings, clock: Clock) -> Iterator[Finding]:
    now = clock.now()
    newest = _newest_message(settings)
    behind = newest > utc_text(now + CLOCK_TOLERANCE)
    yield _finding("clock", not behind, f"{now:%Y-%m-%d %H:%M:%S} UTC", f"behind the newest message ({newest})")
    try:
        ZoneInfo("America/New_York")
    except KeyError:
        yield Finding("time zones", Health.FAILURE, "no time zone data; install the package tzdata")


def _newest_message(settings: Settings) -> str:
    url = make_url(settings.main_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return ""
    try:
        engine = open_engine(settings.main_url, MetaData())
        with reading(engine) as connection:
            return connection.execute(select(func.max(schema.messages.c.received_at))).scalar() or ""
    except (OSError, HubError, SQLAlchemyError):
        return ""  # reported by _databases


def _ports(settings: Settings, _: Clock) -> Iterator[Finding]:
    for name in ("mllp_port", "http_port", "fhir_port"):
        port = getattr(settings, name)
        try:
            socket.create_server((settings.host, port)).close()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken: by a hub that runs already?" if taken else f"cannot be used ({_reason(error)})"
            yield Finding(name, Health.WARNING, f"{settings.host}:{port} {why} ({variable(name)})")
        else:
            yield Finding(name, Health.OK, f"{settings.host}:{port} is free")


def _configuration(settings: Settings, _: Clock) -> Iterator[Finding]:
    report = check(settings)
    yield Finding("configuration", Health.FAILURE if report.problems else Health.OK, str(report))
    yield from (Finding("configuration", Health.FAILURE, str(problem)) for problem in report.problems)


def _finding(name: str, good: bool, text: str, otherwise: str, bad: Health = Health.FAILURE) -> Finding:
    return Finding(name, Health.OK, text) if good else Finding(name, bad, f"{text}: {otherwise}")


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else type(error).__name__


_PARTS: tuple[Callable[[Settings, Clock], Iterator[Finding]], ...] = (
    _python,
    _environment,
    _folder,
    _databases,
    _ports,
    _configuration,
    _clock,
)

"""Where the hubs of a test keep their data: in files of SQLite, or on a PostgreSQL server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from hub.settings import Settings
from hub.store import schema
from hub.store.engine import open_engine
from tests.postgres import Databases

_current: list[Databases | None] = []


@contextmanager
def kept_on(server: Databases) -> Iterator[None]:
    """Until the end of the block hubs are on the server; then their databases are dropped."""
    _current.append(server)
    try:
        yield
    finally:
        _current.pop()
        server.drop()


@contextmanager
def in_files() -> Iterator[None]:
    """Until the end of the block hubs are in files of SQLite, whatever is around it."""
    _current.append(None)
    try:
        yield
    finally:
        _current.pop()


def url(folder: Path) -> str:
    """``HUB_DATABASE_URL`` of the hub in that folder, the same whenever it is asked for; empty for SQLite there."""
    server = _current[-1] if _current else None
    return server.url(str(folder)) if server else ""


def settings(folder: Path) -> Settings:
    """Settings of the hub in that folder that say nothing but where its databases are."""
    return Settings(data=folder, database_url=url(folder))


def main_engine(folder: Path) -> Engine:
    """The main database of the hub in that folder."""
    return open_engine(settings(folder).main_url, schema.main)


def intake_engine(folder: Path) -> Engine:
    """The intake database of the hub in that folder."""
    return open_engine(settings(folder).intake_url, schema.intake)

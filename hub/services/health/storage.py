"""Can the databases be written, and has their disk room? Found out by writing, in bounded time."""

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import HubError
from hub.services.context import Hub
from hub.settings import MIB
from hub.store import continuity, pulses
from hub.store.engine import Turn, utc_text, writing

PATIENCE_SECONDS = 2.0
"""Whoever asks for the health of the hub does not wait longer for a database."""


class Storage:
    """The databases of a hub. Each is asked by one thread at a time: while one waits, nobody else does."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._engines = {"hub.db": hub.main} | ({} if hub.intake.url == hub.main.url else {"intake.db": hub.intake})
        self._threads = ThreadPoolExecutor(len(self._engines), thread_name_prefix="storage")
        self._asked: dict[str, Future[str]] = {}

    def troubles(self) -> list[str]:
        """What is wrong with each database that cannot be written, in words; none when all is well."""
        asked = {name: self._ask(name, engine) for name, engine in self._engines.items()}
        found = [trouble for name, future in asked.items() if (trouble := self._answer(name, future))]
        return found or self._gaps()

    def _gaps(self) -> list[str]:
        """Both can be written, but do not belong together."""
        if self._hub.settings.streams_url != "embedded:":
            return []
        try:
            gap = continuity.gap_between(self._hub.main, self._hub.intake)
        except HubError:  # since a moment ago; the next look finds out
            gap = ""
        return [gap] if gap else []

    def shortage(self) -> str:
        """Says so when the disk of the data folder has less room than ``HUB_DISK_FREE``; else empty."""
        settings = self._hub.settings
        try:
            free = shutil.disk_usage(settings.data).free // MIB
        except OSError as error:
            return f"the data folder cannot be looked at ({error.strerror})"
        return f"{free:,} MiB are free" if free < settings.disk_free else ""

    def _ask(self, name: str, engine: Engine) -> "Future[str]":
        if name not in self._asked:
            self._asked[name] = self._threads.submit(_trouble, name, engine, utc_text(self._hub.clock.now()))
        return self._asked[name]

    def _answer(self, name: str, future: "Future[str]") -> str:
        try:
            trouble = future.result(PATIENCE_SECONDS)
        except NotYet:
            return f"{name} is locked or does not answer"
        self._asked.pop(name, None)
        return trouble

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _trouble(name: str, engine: Engine, now: str) -> str:
    try:
        with writing(engine, Turn.APPENDING) as transaction:
            pulses.probe(transaction, name, now)
    except (HubError, SQLAlchemyError, OSError) as error:
        return f"{name} cannot be written ({' '.join(_words(error))})"
    return ""


def _words(error: Exception) -> Iterator[str]:
    """What the database says of itself; it knows nothing of what is written to it."""
    yield str(error) if isinstance(error, HubError) else type(error).__name__

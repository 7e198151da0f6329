"""Back-pressure: while too much waits for conversion, senders are asked to come again."""

import asyncio
import contextlib

import structlog

from hub.errors import Overloaded, TransientError
from hub.model import Stage, Stream
from hub.services.context import Hub
from hub.store import positions
from hub.store.engine import reading

LOOK_SECONDS = 1.0

EASED = 0.8
"""Taking in begins again when the backlog has come down to this part of the limit."""

log = structlog.get_logger()


class Pressure:
    """The backlog of the convert stage, held against ``HUB_LAG_LIMIT`` (0: never too much)."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._limit = hub.settings.lag_limit
        self._high = False

    def check(self) -> None:
        """Raises ``Overloaded`` while nothing is to be taken in."""
        if self._high:
            raise Overloaded(f"more than {self._limit:,} messages wait for conversion")

    async def run(self, stop: asyncio.Event) -> None:
        """Looks every second until ``stop`` is set."""
        while self._limit and not stop.is_set():
            with contextlib.suppress(TransientError):  # nobody knows now: it stays as it was
                self.look(await asyncio.to_thread(self.backlog))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)

    def backlog(self) -> int:
        """Messages that wait for conversion. Raises ``TransientError``."""
        streams = self._hub.streams
        with reading(self._hub.main) as connection:
            read = positions.everywhere(connection, Stage.CONVERT, streams.partitions(Stream.RAW))
        return sum(streams.lag(Stream.RAW, read).values())

    def look(self, backlog: int) -> None:
        """So much waits now."""
        high = backlog > self._limit * (EASED if self._high else 1)
        if high is not self._high:
            log.warning("taking nothing in" if high else "taking in again", backlog=backlog, limit=self._limit)
        self._high = high

"""The receiving process writes down what it has counted and that it lives, every few seconds and off its event loop."""

import asyncio
import contextlib
from collections.abc import Sequence

from hub.errors import TransientError
from hub.model import Json
from hub.ports import Adapter
from hub.services.context import Hub
from hub.services.health.alive import Alive
from hub.services.health.traffic import Traffic
from hub.store import traffic as store
from hub.store.engine import Turn, writing
from hub.store.traffic import Cell

REPORT_SECONDS = 5.0


class Reporter:
    """Reports until it is told to stop; ``finish`` writes what is left."""

    def __init__(self, hub: Hub, traffic: Traffic, adapters: Sequence[Adapter]) -> None:
        self._hub = hub
        self._traffic = traffic
        self._adapters = adapters
        self._alive = Alive(hub, "receive")

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._report()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), REPORT_SECONDS)

    async def _report(self) -> None:
        """What cannot be written is kept for the next time."""
        self._alive.turned()
        cells = self._traffic.take()
        try:
            await asyncio.to_thread(self._write, cells, self._state())
        except TransientError:
            self._traffic.give_back(cells)

    def finish(self) -> None:
        """At the end, off the event loop: what was counted last. A database that is away has lost some counts."""
        with contextlib.suppress(TransientError):
            self._write(self._traffic.take(), {})
            self._alive.end()

    def _write(self, cells: list[Cell], state: Json) -> None:
        with writing(self._hub.main, Turn.STAGE) as transaction:
            store.add(transaction, cells)
        self._alive.beat(state)

    def _state(self) -> Json:
        connections = {a.title: a.connections for a in self._adapters if hasattr(a, "connections")}
        return {"connections": connections, "trouble": self._traffic.trouble}

"""Who is served next: endpoints side by side, so that one that does not answer keeps nobody waiting."""

import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Any, Self

import structlog

from hub.errors import TransientError
from hub.services.context import Hub
from hub.services.delivery.turn import HELD, keep, serve
from hub.store import endpoints
from hub.store.engine import reading, utc_text

THREADS = 12
FOR_DOUBTFUL = THREADS // 2
"""So many of them at most are with endpoints that did not answer the last time."""

log = structlog.get_logger()


def send_due(hub: Hub) -> int:
    """Sends what is due, endpoint after endpoint; returns how many sendings were tried."""
    holder = uuid.uuid4().hex
    return sum(serve(hub, endpoint.id, holder) for endpoint in _due(hub))


class Dispatcher:
    """Serves endpoints in threads of its own; ``turn`` never waits for one."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._holder = uuid.uuid4().hex
        self._kept_at = hub.clock.now()
        self._stopping = Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="deliver")
        self._under_way: dict[str, tuple[bool, Future[int]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is being sent is sent to its end, and nothing after it."""
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)

    def turn(self) -> int:
        """Collects what was sent and begins what is due; returns how much that was."""
        handled = self._collect()
        self._keep()
        for endpoint in _due(self._hub):
            doubtful = endpoint.failures > 0
            if endpoint.id in self._under_way or not self._has_room(doubtful):
                continue
            served = self._pool.submit(_guarded(serve), self._hub, endpoint.id, self._holder, self._stopping.is_set)
            self._under_way[endpoint.id] = (doubtful, served)
            handled += 1
        return handled

    def _collect(self) -> int:
        done = [i for i, (_, served) in self._under_way.items() if served.done()]
        return sum(self._under_way.pop(i)[1].result() for i in done)

    def _keep(self) -> None:
        """A request may take longer than an endpoint is left to one who says nothing."""
        now = self._hub.clock.now()
        if self._under_way and now - self._kept_at >= HELD / 4:
            keep(self._hub, self._under_way.keys(), self._holder)
            self._kept_at = now

    def _has_room(self, doubtful: bool) -> bool:
        busy = [d for d, _ in self._under_way.values()]
        return len(busy) < THREADS and not (doubtful and sum(busy) >= FOR_DOUBTFUL)


def _guarded(work: Callable[..., int]) -> Callable[..., int]:
    """A database that is out of reach says nothing of an endpoint: its turn is over, and comes again."""

    def guarded(*arguments: Any) -> int:
        try:
            return work(*arguments)
        except TransientError as error:
            log.warning("delivery-waits", code=error.code)
            return 0

    return guarded


def _due(hub: Hub) -> list[Any]:
    with reading(hub.main) as connection:
        return endpoints.due(connection, utc_text(hub.clock.now()), hub.settings.batch)

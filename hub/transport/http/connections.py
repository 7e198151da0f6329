"""Connections of the web server that nobody can hold for nothing: so many of one address, each with a deadline.

The server itself limits neither. The body of a request has a deadline of its own (``requests.in_time``).
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

log = structlog.get_logger()


@dataclass(slots=True)
class Crowd:
    """Who is connected: at most ``connections`` of one address, and each has ``head_seconds`` from its beginning, or
    from the first byte behind an answer, until the head of a request is there."""

    connections: int
    head_seconds: float
    peers: Counter[str] = field(default_factory=Counter)


class Connection(H11Protocol):
    """One connection of a crowd."""

    def __init__(self, crowd: Crowd, **given: Any) -> None:
        super().__init__(**given)
        self._crowd = crowd
        self._peer = ""
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else "?"
        self._crowd.peers[self._peer] += 1
        if self._crowd.peers[self._peer] > self._crowd.connections:
            self._end("too many from this address")
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.peers[self._peer] -= 1
        if not self._crowd.peers[self._peer]:
            del self._crowd.peers[self._peer]
        self._stop_deadline()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """The deadline runs while no request is under way."""
        waits = self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # none at first
        if not waits or self.transport.is_closing():
            self._stop_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self._crowd.head_seconds, self._too_slow)

    def _stop_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        self.transport.write(_TOO_SLOW)
        self._end("no request came in time")

    def _end(self, reason: str) -> None:
        log.warning("connection closed", peer=self._peer, reason=reason)
        self.transport.close()

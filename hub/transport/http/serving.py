"""A web server on one port, with TLS or without, that stops in good order and takes renewed certificates."""

import asyncio
import contextlib
import errno
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import structlog
import uvicorn
from starlette.applications import Starlette

from hub.errors import ConfigurationError, PermanentError
from hub.transport.http.connections import Connection, Crowd
from hub.transport.tls import ServerTls, Stamp

GRACE_SECONDS = 5
RENEWAL_SECONDS = 5.0
"""How often the files of TLS are looked at: a renewed certificate needs no restart."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen. ``feed`` is one that does, for those who are told that it cannot be."""

    host: str
    port: int
    tls: ServerTls | None
    feed: str

    def listen(self) -> socket.socket:
        """Listens. Raises ``PermanentError`` where it cannot."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            return socket.create_server((self.host, self.port), family=family)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "the port is taken" if taken else os.strerror(error.errno or 0)
            other = f"set HUB_HTTP_INTAKE_PORT, or adapter.port of feed {self.feed}"
            raise PermanentError(f"no HTTP on {self.host}:{self.port}: {why}; {other}") from None

    def context(self) -> ssl.SSLContext | None:
        """Certificate, key and clients, none without TLS. Raises ``ConfigurationError``."""
        try:
            return self.tls.context() if self.tls else None
        except ValueError as error:
            raise ConfigurationError(f"feed {self.feed}", "adapter.tls", str(error)) from None


class Serving:
    """One server, from its first request to its last answer."""

    def __init__(self, place: Place, app: Starlette, crowd: Crowd) -> None:
        self._place = place
        self._server = _Server(_config(app, place.context(), crowd))

    async def run(self, listener: socket.socket, ready: asyncio.Event, stop: asyncio.Event) -> None:
        """Serves until ``stop``, then answers what is under way."""
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        ready.set()
        try:
            await self._until(stop)
        finally:
            self._server.should_exit = True
            await serving

    async def _until(self, stop: asyncio.Event) -> None:
        """Waits for ``stop``; a certificate that was renewed meanwhile is used for new connections."""
        tls = self._place.tls
        if tls is None:
            await stop.wait()
            return
        stamp: Stamp = tls.stamp()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RENEWAL_SECONDS):
                    await stop.wait()
                    return
            if (now := tls.stamp()) != stamp and self._renew(tls):
                stamp = now

    def _renew(self, tls: ServerTls) -> bool:
        try:
            self._place.context()
        except ConfigurationError as error:
            log.warning("certificate not renewed", reason=error.allowed)
            return False
        assert self._server.config.ssl
        self._server.config.ssl.load_cert_chain(tls.certificate, tls.key)
        log.info("certificate renewed")
        return True


def _config(app: Starlette, context: ssl.SSLContext | None, crowd: Crowd) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    config.load()
    config.ssl = context
    config.http_protocol_class = partial(Connection, crowd)  # type: ignore[assignment]  # called as the class is
    return config


class _Server(uvicorn.Server):
    """Leaves signals to the hub."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

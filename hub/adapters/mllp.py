"""HL7 v2 over MLLP, with TLS or without: many connections, any number of messages under way on each."""

import asyncio
import errno
import os
import re
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

import structlog
from pydantic import Field

from hub.errors import ConfigurationError, PermanentError
from hub.model import Format
from hub.ports import Arrival, Intake, Peer
from hub.registry import Kind, plugin
from hub.settings import MIB, AdapterOptions, Feed, ReturnAddress, Settings
from hub.transport.mllp import Framer
from hub.transport.mllp_server import MllpConnection
from hub.transport.tls import ServerTls, client_problems, within
from hub.transport.tls_server import TlsConnection

GRACE_SECONDS = 5.0
"""How long a connection may take its last answers when the hub stops."""

BACKLOG = 1024

_ADDRESS = re.compile(r".+:\d{1,5}")

RENEWAL_SECONDS = 5.0
"""How often the files of TLS are looked at: a renewed certificate needs no restart."""

log = structlog.get_logger()


class MllpTls(ServerTls, frozen=True):
    """TLS of an MLLP listener."""

    handshake_seconds: float = Field(10.0, gt=0, description="how long a client may take to begin")


class Options(AdapterOptions, frozen=True):
    """Options of an MLLP feed; feeds with the same host and port share one listener."""

    formats = (Format.HL7V2,)

    host: str = Field("", description="address to listen on; default HUB_HOST")
    port: int | None = Field(None, ge=0, le=65535, description="port; default HUB_MLLP_PORT, 0 takes a free one")
    frame_limit: int = Field(0, ge=0, description="bytes of a message; default HUB_MLLP_FRAME_LIMIT")
    connections: int = Field(4096, ge=1, description="connections at once from one address")
    unfinished: int = Field(256 * MIB, ge=1, description="bytes of unfinished messages at once from one address")
    release: Literal[1, 2] = Field(1, description="of MLLP; with 2 each frame has a commit acknowledgement of its own")
    unavailable: Literal["refuse", "silence"] = Field(
        "refuse", description="while nothing can be stored: AE with 207, or no answer and the end of the connection"
    )
    tls: MllpTls | None = Field(None, description="certificate, key, clients, handshake_seconds; default: no TLS")
    replies: str = Field("", description="HOST:PORT for application acknowledgements; default: the same connection")
    replies_confirmed: bool = Field(False, description="whether each of them is answered there, with CA")
    replies_authorities: Path | None = Field(None, description="PEM file: whom to trust there; then over TLS")

    def settled(self, settings: Settings) -> Self:
        return self.model_copy(
            update={
                "host": self.host or settings.host,
                "port": settings.mllp_port if self.port is None else self.port,
                "frame_limit": self.frame_limit or settings.mllp_frame_limit,
                "tls": self.tls.within(settings.config) if self.tls else None,
                "replies_authorities": within(settings.config, self.replies_authorities),
            }
        )

    def problems(self, feed: Feed) -> Iterator[tuple[str, str]]:
        if self.tls:
            yield from self.tls.problems()
        if self.replies and not _ADDRESS.fullmatch(self.replies):
            yield "adapter.replies", f"{self.replies!r} is not HOST:PORT"
        if self.replies_authorities:
            yield from client_problems("adapter.replies_authorities", self.replies_authorities)

    @property
    def return_address(self) -> ReturnAddress | None:
        if not self.replies:
            return None
        host, _, port = self.replies.rpartition(":")
        own = self.tls.certificate if self.tls and not self.tls.key else None
        return ReturnAddress(host.strip("[]"), int(port), self.replies_confirmed, self.replies_authorities, own)

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


@plugin(Kind.ADAPTER, "mllp", Options)
class Mllp:
    """Listens for HL7 v2 messages over MLLP.

    example: `adapter: {kind: mllp, port: 2575}`
    """

    def __init__(self, options: Options, feeds: tuple[Feed, ...], settings: Settings) -> None:
        self._options = options.settled(settings)
        self._feeds = feeds
        self._feed = feeds[0].name
        self.frame_seconds = settings.mllp_frame_seconds
        self.release: int = self._options.release
        self.silent: bool = self._options.unavailable == "silence"
        self._connections: set[MllpConnection] = set()
        self._peers: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._context: ssl.SSLContext
        self.port = 0
        """The port that is listened on, once ready."""

    @property
    def title(self) -> str:
        return f"HL7 v2 over MLLP{' with TLS' if self._options.tls else ''} on {self._options.host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    async def serve(self, intake: Intake, ready: asyncio.Event, stop: asyncio.Event) -> None:
        """Listens until ``stop``, then answers what has arrived and ends. Raises ``PermanentError`` where it cannot."""
        tls = self._options.tls
        if tls:
            self._context, stamp = self._new_context(tls), tls.stamp()
        server = await self._listen(intake)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        try:
            while not await _told(stop, RENEWAL_SECONDS if tls else None):
                if tls and (now := tls.stamp()) != stamp and self._renewed(tls):
                    stamp = now
        finally:
            server.close()
        await self._finish()

    async def _listen(self, intake: Intake) -> asyncio.Server:
        options = self._options
        create: Any = asyncio.get_running_loop().create_server
        try:
            server: asyncio.Server = await create(
                lambda: self._connection(intake), host=options.host, port=options.port, backlog=BACKLOG
            )
        except OSError as error:
            setting, option, why = "HUB_MLLP_PORT", "port", os.strerror(error.errno or 0)
            if error.errno == errno.EADDRINUSE:
                why = "the port is taken"
            elif isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                setting, option, why = "HUB_HOST", "host", "this machine has no such address"
            other = f"set {setting}, or adapter.{option} of feed {self._feed}"
            raise PermanentError(f"no MLLP on {options.host}:{options.port}: {why}; {other}") from None
        return server

    def _connection(self, intake: Intake) -> asyncio.Protocol:
        """The protocol of a new connection, with the certificate of now."""
        bare = MllpConnection(self, intake)
        tls = self._options.tls
        return TlsConnection(bare, self._context, tls.handshake_seconds) if tls else bare

    def _new_context(self, tls: MllpTls) -> ssl.SSLContext:
        """With the files of now. Raises ``ConfigurationError``."""
        try:
            return tls.context()
        except ValueError as error:
            raise ConfigurationError(f"feed {self._feed}", "adapter.tls", str(error)) from None

    def _renewed(self, tls: MllpTls) -> bool:
        """Takes the files of now for new connections, when they are sound; those that stand live on."""
        try:
            self._context = self._new_context(tls)
        except ConfigurationError as error:
            log.warning("certificate not renewed", feed=self._feed, reason=error.allowed)
            return False
        log.info("certificate renewed", feed=self._feed)
        return True

    def new_framer(self) -> Framer:
        return Framer(self._options.frame_limit)

    def arrival(self, body: bytes, peer: Peer) -> Arrival:
        return Arrival(self._feed, Format.HL7V2, body, f"mllp/{peer.address}", peer=peer)

    def admit(self, connection: MllpConnection) -> str:
        """Why the peer may not have this connection; empty when it may."""
        peer = connection.peer
        if self._peers[peer.address] >= self._options.connections:
            return "too many from this address"
        if not any(feed.admits(peer) for feed in self._feeds):
            return "no feed here takes messages of this address or certificate"
        self._peers[peer.address] += 1
        self._connections.add(connection)
        return ""

    def leave(self, connection: MllpConnection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            address = connection.peer.address
            self._peers[address] -= 1
            if not self._peers[address]:
                del self._peers[address]

    def hold(self, peer: Peer, size: int) -> bool:
        held = self._held[peer.address] = self._held[peer.address] + size
        if not held:
            del self._held[peer.address]
        return held <= self._options.unfinished

    def report(self, event: str, peer: Peer, **details: object) -> None:
        log.warning(event, feed=self._feed, peer=peer.address, **details)

    async def _finish(self) -> None:
        left = list(self._connections)
        for connection in left:
            connection.end()
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await asyncio.gather(*(connection.lost.wait() for connection in left))
        except TimeoutError:
            for connection in self._connections:
                connection.abort()


async def _told(event: asyncio.Event, seconds: float | None) -> bool:
    """Whether the event came within so many seconds (none: it is waited for)."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False

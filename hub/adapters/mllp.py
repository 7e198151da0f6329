"""HL7 v2 over MLLP: many connections, any number of messages under way on each, answers in the order of arrival.

A message is answered when it is durable, or refused. While a connection has much under way, or does not read its
answers, it is not read from: that is the back-pressure.
"""

import asyncio
import errno
import os
import socket
from collections import Counter, deque
from collections.abc import Iterable
from functools import partial
from typing import Self, cast

import structlog
from pydantic import Field

from hub.errors import HubError, PermanentError, Refused, Unreadable
from hub.formats.hl7v2.batch import split_batch
from hub.model import Format
from hub.ports import Arrival, Intake, Receipt
from hub.registry import Kind, plugin
from hub.settings import AdapterOptions, Feed, Settings
from hub.transport.mllp import Framer, FrameTooLong, FramingError, frame

MESSAGES_UNDER_WAY = 256
BYTES_UNDER_WAY = 1024 * 1024
"""Per connection; with more than either it is not read from."""

GRACE_SECONDS = 5.0
"""How long a connection may take its last answers when the hub stops."""

BACKLOG = 1024

_RELEASE_2 = (b"\x06", b"\x15")

log = structlog.get_logger()


class Options(AdapterOptions, frozen=True):
    """Options of an MLLP feed; feeds with the same host and port share one listener."""

    formats = (Format.HL7V2,)

    host: str = Field("", description="address to listen on; default HUB_HOST")
    port: int | None = Field(None, ge=0, le=65535, description="port; default HUB_MLLP_PORT, 0 takes a free one")
    frame_limit: int = Field(0, ge=0, description="bytes of a message; default HUB_MLLP_FRAME_LIMIT")
    connections: int = Field(200, ge=1, description="connections at once from one address")

    def settled(self, settings: Settings) -> Self:
        return self.model_copy(
            update={
                "host": self.host or settings.host,
                "port": settings.mllp_port if self.port is None else self.port,
                "frame_limit": self.frame_limit or settings.mllp_frame_limit,
            }
        )

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
        self._feed = feeds[0].name
        self.frame_seconds = settings.mllp_frame_seconds
        self._connections: set[_Connection] = set()
        self._peers: Counter[str] = Counter()
        self.port = 0
        """The port that is listened on, once ready."""

    @property
    def title(self) -> str:
        return f"HL7 v2 over MLLP on {self._options.host}:{self.port}"

    async def serve(self, intake: Intake, ready: asyncio.Event, stop: asyncio.Event) -> None:
        """Listens until ``stop``, then answers what has arrived and ends. Raises ``PermanentError`` where it cannot."""
        server = await self._listen(intake)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        await self._finish()

    async def _listen(self, intake: Intake) -> asyncio.Server:
        options = self._options
        loop = asyncio.get_running_loop()
        try:
            return await loop.create_server(
                lambda: _Connection(self, intake), options.host, options.port, backlog=BACKLOG
            )
        except OSError as error:
            setting, option, why = "HUB_MLLP_PORT", "port", os.strerror(error.errno or 0)
            if error.errno == errno.EADDRINUSE:
                why = "the port is taken"
            elif isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                setting, option, why = "HUB_HOST", "host", "this machine has no such address"
            other = f"set {setting}, or adapter.{option} of feed {self._feed}"
            raise PermanentError(f"no MLLP on {options.host}:{options.port}: {why}; {other}") from None

    def new_framer(self) -> Framer:
        return Framer(self._options.frame_limit)

    def arrival(self, body: bytes, peer: str) -> Arrival:
        return Arrival(self._feed, Format.HL7V2, body, f"mllp/{peer}")

    def admit(self, connection: "_Connection") -> bool:
        """Whether the peer may have one more connection."""
        if self._peers[connection.peer] >= self._options.connections:
            return False
        self._peers[connection.peer] += 1
        self._connections.add(connection)
        return True

    def leave(self, connection: "_Connection") -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._peers[connection.peer] -= 1
            if not self._peers[connection.peer]:
                del self._peers[connection.peer]

    def report(self, event: str, peer: str, **details: object) -> None:
        log.warning(event, feed=self._feed, peer=peer, **details)

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


class _Slot:
    """The place of an answer in the order of arrival; ``reply`` is None until it is known."""

    __slots__ = ("reply", "size")

    def __init__(self, size: int = 0, reply: bytes | None = None) -> None:
        self.size = size
        self.reply = reply


class _Connection(asyncio.Protocol):
    """One connection: its frames become arrivals, and their answers go back in order."""

    def __init__(self, listener: Mllp, intake: Intake) -> None:
        self.peer = ""
        self.lost = asyncio.Event()
        self._listener = listener
        self._intake = intake
        self._framer = listener.new_framer()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._answers: deque[_Slot] = deque()
        self._bytes = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._paused = False
        self._peer_reads = True
        self._ending = False

    # --- called by the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if name else "?"
        if not self._listener.admit(self):
            self._listener.report("connection refused", self.peer, reason="too many from this address")
            self.abort()

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        try:
            frames = self._framer.feed(data)
        except FramingError as error:
            self._take(error.frames)
            self._give_up(error)
        else:
            self._take(frames)
            if self._deadline or self._framer.unfinished:
                self._watch(bool(frames))
        self._balance()

    def eof_received(self) -> bool:
        """Half-closed by the peer: what is under way still gets its answer."""
        self.end()
        return bool(self._answers)

    def pause_writing(self) -> None:
        self._peer_reads = False
        self._balance()

    def resume_writing(self) -> None:
        self._peer_reads = True
        self._balance()

    def connection_lost(self, error: Exception | None) -> None:
        self._ending = True
        self._stop_deadline()
        self._listener.leave(self)
        self.lost.set()

    # --- arrivals and answers ---

    def end(self) -> None:
        """Takes nothing more, and closes when all that has arrived is answered."""
        self._ending = True
        self._stop_deadline()
        if not self._answers:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def _take(self, frames: list[bytes]) -> None:
        for body in frames:
            if body in _RELEASE_2:
                continue
            try:
                messages = _messages(body)
            except Unreadable as error:
                self._refuse(body, error)
            else:
                for message in messages:
                    self._begin(message)

    def _begin(self, body: bytes) -> None:
        slot = _Slot(len(body))
        self._answers.append(slot)
        self._bytes += slot.size
        arrival = self._listener.arrival(body, self.peer)
        self._intake.accept(arrival).add_done_callback(partial(self._answer, arrival, slot))

    def _refuse(self, body: bytes, error: HubError) -> None:
        """Puts the refusal of a frame that holds no message in its place among the answers."""
        self._answers.append(_Slot(reply=_framed(self._intake.refuse(self._listener.arrival(body, self.peer), error))))
        self._write()

    def _answer(self, arrival: Arrival, slot: _Slot, accepted: "asyncio.Future[Receipt]") -> None:
        try:
            slot.reply = _framed(self._reply(arrival, accepted))
        except Exception:
            self._transport.abort()  # a sender that hears nothing would wait; one that is cut off sends again
            raise
        self._write()

    def _reply(self, arrival: Arrival, accepted: "asyncio.Future[Receipt]") -> bytes:
        try:
            return accepted.result().reply
        except HubError as error:
            return self._intake.refuse(arrival, error)
        except Exception:
            log.exception("arrival failed", peer=self.peer)
            return self._intake.refuse(arrival, Refused("the message cannot be processed", condition="207"))

    def _write(self) -> None:
        """Sends the answers that are next in order."""
        ready = []
        answers = self._answers
        while answers and (reply := answers[0].reply) is not None:
            self._bytes -= answers.popleft().size
            ready.append(reply)
        if self._transport.is_closing():
            return
        if ready:
            self._transport.write(ready[0] if len(ready) == 1 else b"".join(ready))
        if self._ending and not answers:
            self._transport.close()
        elif self._paused:
            self._balance()

    # --- limits ---

    def _give_up(self, error: FramingError) -> None:
        self._listener.report("connection closed", self.peer, reason=str(error), code=error.code)
        if isinstance(error, FrameTooLong):
            self._refuse(error.head, Refused(str(error), condition="104", reject=True))
        self.end()

    def _balance(self) -> None:
        """Reads from the peer only while it reads, and not too much of it is under way."""
        crowded = len(self._answers) >= MESSAGES_UNDER_WAY or self._bytes >= BYTES_UNDER_WAY
        pause = crowded or not self._peer_reads
        if pause == self._paused or self._transport.is_closing():
            return
        self._paused = pause
        if pause:
            self._transport.pause_reading()
            self._stop_deadline()
        else:
            self._transport.resume_reading()
            self._watch(True)

    def _watch(self, anew: bool) -> None:
        """The deadline of an unfinished frame; an idle connection has none."""
        if anew:
            self._stop_deadline()
        if self._framer.unfinished and not self._deadline:
            self._deadline = self._loop.call_later(self._listener.frame_seconds, self._too_slow)

    def _stop_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._listener.report("connection closed", self.peer, reason="a frame was not finished in time")
        self.end()


def _messages(body: bytes) -> Iterable[bytes]:
    """The messages of a frame: one, or several with or without a batch envelope. Raises ``Unreadable``."""
    if not body.startswith((b"FHS", b"BHS")) and body.find(b"MSH", 3) < 0:
        return (body,)
    batch = split_batch(body)
    if not batch:  # without a message there would be no answer, and the sender would wait for one
        raise Unreadable("the batch holds no message", path="BHS")
    return batch


def _framed(reply: bytes) -> bytes:
    return frame(reply) if reply else b""

"""The serving side of one MLLP connection: frames become arrivals, and their answers go back in order.

A message is answered when it is durable, or refused. While a connection has much under way, or does not read its
answers, it is not read from: that is the back-pressure.
"""

import asyncio
from collections import deque
from functools import partial
from typing import Protocol, cast

import structlog

from hub.errors import HubError, Refused, TransientError, Unreadable
from hub.formats.hl7v2.batch import messages_of
from hub.ports import Arrival, Intake, Peer, Receipt
from hub.transport.mllp import Framer, FrameTooLong, FramingError, frame
from hub.transport.tls import peer_names

MESSAGES_UNDER_WAY = 256
BYTES_UNDER_WAY = 1024 * 1024
"""Per connection; with more than either it is not read from."""

ANSWERS_EXPECTED = 1000
"""Application acknowledgements that a connection still has to say; with more it is not read from."""

_RELEASE_2 = (b"\x06", b"\x15")
"""The commit acknowledgements of MLLP release 2: ACK and NAK, each a frame of its own."""

log = structlog.get_logger()


class Listener(Protocol):
    """What a connection belongs to. ``frame_seconds`` is how long a frame may take from its first byte to its last;
    with ``release`` 2 each frame is acknowledged by the protocol itself, before the message's own answer. Where it is
    ``silent`` a message that cannot be stored for now ends the connection instead of being refused."""

    frame_seconds: float
    release: int
    silent: bool

    def new_framer(self) -> Framer: ...

    def arrival(self, body: bytes, peer: Peer) -> Arrival: ...

    def admit(self, connection: "MllpConnection") -> str:
        """Why the peer may not have this connection; empty when it may."""
        ...

    def leave(self, connection: "MllpConnection") -> None: ...

    def hold(self, peer: Peer, size: int) -> bool:
        """Notes that so many bytes more, or fewer, of a peer's unfinished frames are held; whether it may have them."""
        ...

    def report(self, event: str, peer: Peer, **details: object) -> None: ...


class _Slot:
    """The place of an answer in the order of arrival; ``reply`` is None until it is known."""

    __slots__ = ("reply", "size")

    def __init__(self, size: int = 0, reply: bytes | None = None) -> None:
        self.size = size
        self.reply = reply


class MllpConnection(asyncio.Protocol):
    """One connection: its frames become arrivals, and their answers go back in order."""

    def __init__(self, listener: Listener, intake: Intake) -> None:
        self.peer = Peer("?")
        self.lost = asyncio.Event()
        self._listener = listener
        self._intake = intake
        self._framer = listener.new_framer()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._answers: deque[_Slot] = deque()
        self._bytes = 0
        self._held = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._paused = False
        self._peer_reads = True
        self._ending = False
        self._half_closed = False
        self._expected: set[asyncio.Future[bytes]] = set()

    # --- called by the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        name = transport.get_extra_info("peername")
        self.peer = Peer(str(name[0]) if name else "?", peer_names(transport.get_extra_info("peercert")))
        if reason := self._listener.admit(self):
            self._listener.report("connection refused", self.peer, reason=reason)
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
            if self._held != self._framer.held and not self._hold(self._framer.held):
                self._close("too many bytes of unfinished frames from this address")
        self._balance()

    def eof_received(self) -> bool:
        """Half-closed by the peer: what is under way still gets its answer, and what was stored its application
        acknowledgement, unless that takes long."""
        self._half_closed = True
        self.end()
        if self._transport.is_closing():
            return False
        self._deadline = self._loop.call_later(self._listener.frame_seconds, self._transport.close)
        return True

    def pause_writing(self) -> None:
        self._peer_reads = False
        self._balance()

    def resume_writing(self) -> None:
        self._peer_reads = True
        self._balance()

    def connection_lost(self, error: Exception | None) -> None:
        self._ending = True
        self._stop_deadline()
        self._hold(0)
        self._listener.leave(self)
        for waiting in list(self._expected):
            waiting.cancel()
        self.lost.set()

    # --- arrivals and answers ---

    def end(self) -> None:
        """Takes nothing more, and closes when all that has arrived is answered."""
        self._ending = True
        self._stop_deadline()
        if self._is_done():
            self._transport.close()

    def _is_done(self) -> bool:
        return not self._answers and not (self._half_closed and self._expected)

    def abort(self) -> None:
        self._transport.abort()

    def _take(self, frames: list[bytes]) -> None:
        for body in frames:
            if body in _RELEASE_2:
                continue
            try:
                messages = messages_of(body)
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
        reply = self._intake.refuse(self._listener.arrival(body, self.peer), error)
        self._answers.append(_Slot(reply=self._framed(reply, stored=False)))
        self._write()

    def _answer(self, arrival: Arrival, slot: _Slot, accepted: "asyncio.Future[Receipt]") -> None:
        if self._listener.silent and isinstance(accepted.exception(), TransientError):
            self._transport.abort()  # what has no answer is sent again
            return
        try:
            reply = self._reply(arrival, accepted)
            slot.reply = self._framed(reply, stored=accepted.exception() is None)
        except Exception:
            self._transport.abort()  # a sender that hears nothing would wait; one that is cut off sends again
            raise
        self._write()

    def _reply(self, arrival: Arrival, accepted: "asyncio.Future[Receipt]") -> bytes:
        try:
            receipt = accepted.result()
        except HubError as error:
            return self._intake.refuse(arrival, error)
        except Exception:
            log.exception("arrival failed", peer=self.peer.address)
            return self._intake.refuse(arrival, Refused("the message cannot be processed", condition="207"))
        if receipt.later:
            self._expected.add(receipt.later)
            receipt.later.add_done_callback(self._say_later)
            self._balance()
        return receipt.reply

    def _say_later(self, said: "asyncio.Future[bytes]") -> None:
        """Sends the application acknowledgement, which is a message of its own (HL7 v2 chapter 2, enhanced mode)."""
        self._expected.discard(said)
        if self._paused:
            self._balance()
        if not said.cancelled() and not self._transport.is_closing() and (reply := said.result()):
            self._transport.write(frame(reply))
        if self._ending and self._is_done():
            self._transport.close()

    def _framed(self, reply: bytes, *, stored: bool) -> bytes:
        answer = frame(reply) if reply else b""
        return frame(_RELEASE_2[0 if stored else 1]) + answer if self._listener.release == 2 else answer

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
        if self._ending and self._is_done():
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
        pause = crowded or not self._peer_reads or len(self._expected) >= ANSWERS_EXPECTED
        if pause == self._paused or self._ending or self._transport.is_closing():
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
        self._close("a frame was not finished in time")

    def _close(self, reason: str) -> None:
        self._listener.report("connection closed", self.peer, reason=reason)
        self.end()

    def _hold(self, size: int) -> bool:
        more, self._held = size - self._held, size
        return self._listener.hold(self.peer, more)

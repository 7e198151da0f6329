"""Interface engines that behave as badly as allowed, in a process of their own, on raw sockets."""

import contextlib
import selectors
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from hub.transport.mllp import END, frame
from tests.intake import adt

AT_ONCE = 24
"""Messages in one write at most."""

RESENT, CUT_OFF, LEFT = 0.02, 0.01, 0.02
"""How often an engine sends an acknowledged message again, breaks off within a frame, and closes in good order."""

_BEFORE, _AFTER = frame(adt("\x00")).split(b"\x00")
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Account:
    """What one engine did: messages begun, acknowledgements heard, messages sent again for no reason, connections."""

    begun: int
    acknowledged: int
    resent: int
    connections: int


def control_id(engine: int, number: int) -> bytes:
    return b"%d-%d" % (engine, number)


class Engine:
    """One connection at a time. A message that is not acknowledged is sent again until it is; answers must come in
    order, each with the control id of its message."""

    def __init__(self, number: int, port: int, share: int) -> None:
        self.number = number
        self.acknowledged = 0
        self.resent = 0
        self.connections = 0
        self.ending = False
        """Nothing new is begun; what is not acknowledged yet will be."""
        self._port = port
        self._rng = Random(number)
        self._share = share
        self._left = iter(range(share))
        self._again: list[int] = []
        self._waiting: deque[int] = deque()
        self._heard = b""
        self.connect()

    def connect(self) -> None:
        self.connections += 1
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._again += self._waiting
        self._waiting.clear()
        self._heard = b""

    def send(self) -> bool:
        """Sends the next messages, cut somewhere; whether there were any."""
        numbers = list(self._next(self._rng.randint(1, AT_ONCE)))
        data = b"".join(_BEFORE + control_id(self.number, n) + _AFTER for n in numbers)
        self._waiting.extend(numbers)
        at = self._rng.randrange(len(data)) if data else 0
        for piece in (data[:at], data[at:]):
            self.socket.sendall(piece)
        return bool(numbers)

    def break_off(self) -> None:
        """Sends messages and is gone within the last, with a reset: nothing that was answered is heard."""
        self.send()
        with contextlib.suppress(OSError):
            self.socket.sendall(_BEFORE[: self._rng.randint(1, len(_BEFORE))])
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.socket.close()

    def receive(self) -> bool:
        """Takes in what is there; whether all that was sent is answered."""
        data = self.socket.recv(65536)
        assert data, "the hub closed a connection on which all was well"
        *answers, self._heard = (self._heard + data).split(END)
        for answer in answers:
            number = self._waiting.popleft()
            assert b"\rMSA|AA|%b\r" % control_id(self.number, number) in answer, answer
            self.acknowledged += 1
        return not self._waiting

    def misdeed(self) -> Callable[[], None] | None:
        """What the engine does now and then instead of the usual."""
        fate = self._rng.random()
        return self.break_off if fate < CUT_OFF else self.socket.close if fate < CUT_OFF + LEFT else None

    def _next(self, count: int) -> Iterator[int]:
        for _ in range(count):
            if self._again:
                yield self._again.pop()
            elif self.ending or (number := next(self._left, None)) is None:
                return
            else:
                yield number
                if self._rng.random() < RESENT:
                    self.resent += 1
                    self._again.append(number)

    def begun(self) -> int:
        """How many messages it has sent, each of which is acknowledged in the end."""
        return next(self._left, self._share)


def play(port: int, engines: int, messages: int, seconds: float, result: Any) -> None:
    """Plays the engines until all messages are acknowledged or the time is over.

    Sends the number of acknowledgements once a second, and in the end the engines' own accounts.
    """
    selector = selectors.DefaultSelector()
    played = [Engine(number, port, messages // engines) for number in range(engines)]
    for engine in played:
        engine.send()
        selector.register(engine.socket, selectors.EVENT_READ, engine)
    end, told = time.monotonic() + seconds, 0.0
    while selector.get_map():
        for key, _ in selector.select():
            if key.data.receive():
                key.data.ending = time.monotonic() > end
                _go_on(key.data, selector)
        if time.monotonic() - told > 1:
            told = time.monotonic()
            result.send(sum(engine.acknowledged for engine in played))
    result.send([Account(e.begun(), e.acknowledged, e.resent, e.connections) for e in played])


def _go_on(engine: Engine, selector: selectors.BaseSelector) -> None:
    if not engine.ending and (deed := engine.misdeed()):
        selector.unregister(engine.socket)
        deed()
        engine.connect()
        selector.register(engine.socket, selectors.EVENT_READ, engine)
    if not engine.send():
        selector.unregister(engine.socket)
        engine.socket.close()

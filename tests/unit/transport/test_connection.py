"""One MLLP connection of the serving side, fed piece by piece: however a stream is cut, its answers are the same."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.errors import HubError, Refused
from hub.formats.hl7v2 import acknowledge, salvage_header
from hub.model import Format
from hub.ports import Arrival, Peer, Receipt
from hub.transport.mllp import END, Framer, frame
from hub.transport.mllp_server import MllpConnection
from tests.intake import adt

LIMIT = 2000


class Wire(asyncio.Transport):
    """What the connection writes, and whether it has closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        """The test feeds what it likes; a connection must bear that."""

    resume_reading = pause_reading


class Desk:
    """A listener and an intake: every message is accepted a little later, except those it is told to refuse."""

    frame_seconds = 60.0
    release = 1
    silent = False

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def new_framer(self) -> Framer:
        return Framer(LIMIT)

    def arrival(self, body: bytes, peer: Peer) -> Arrival:
        return Arrival("any", Format.HL7V2, body, "test", peer=peer)

    def admit(self, connection: MllpConnection) -> str:
        return ""

    def leave(self, connection: MllpConnection) -> None: ...

    def hold(self, peer: Peer, size: int) -> bool:
        return True

    def report(self, event: str, peer: Peer, **details: object) -> None: ...

    def accept(self, arrival: Arrival) -> "asyncio.Future[Receipt]":
        self.taken.append(arrival.body)
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Receipt] = loop.create_future()
        header = salvage_header(arrival.body)
        if not header.control_id or header.processing_id == "X":
            loop.call_soon(answered.set_exception, Refused("no"))
        else:
            reply = acknowledge(header, "AA", control_id="H", now="2026")
            self._later(len(self.taken), lambda: answered.set_result(Receipt("id", reply)))
        return answered

    def refuse(self, arrival: Arrival, error: HubError) -> bytes:
        return acknowledge(salvage_header(arrival.body), "AE", control_id="H", now="2026")

    def _later(self, turns: int, act: Callable[[], None]) -> None:
        """Some wait longer than those behind them."""
        loop = asyncio.get_running_loop()
        loop.call_soon(act) if turns % 3 == 0 else loop.call_soon(self._later, turns + 1, act)


async def answers(pieces: list[bytes]) -> tuple[bytes, bool, list[bytes]]:
    """What a connection says to the pieces, whether it closes, and what it took in."""
    desk, wire = Desk(), Wire()
    connection = MllpConnection(desk, desk)
    connection.connection_made(wire)
    for number, piece in enumerate(pieces):
        connection.data_received(piece)
        if number % 2:
            await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    connection.connection_lost(None)
    return wire.written, wire.closed, desk.taken


PARTS = st.one_of(
    st.integers(0, 99).map(lambda n: frame(adt(f"M{n}"))),
    st.integers(0, 99).map(lambda n: frame(adt(f"X{n}", f11="X"))),
    st.integers(0, 99).map(lambda n: frame(b"BHS|^~\\&|\r" + adt(f"A{n}") + adt(f"B{n}") + b"BTS|2\r")),
    st.sampled_from(
        [
            b"\r\n", b"noise", b"\x0b", b"\x1c", END, b"\x0b" + adt("HALF")[:70], frame(b"hello"), frame(b"\x06"),
            frame(b"BHS|^~\\&|\r" + adt("LOST")), frame(b""), b"\x00", frame(adt("BIG") + b"x" * LIMIT), b"GET / ",
        ]
    ),
)  # fmt: skip


@given(st.lists(PARTS, max_size=12), st.lists(st.integers(0, 4000), max_size=30))
def test_any_split_is_answered_alike(parts: list[bytes], cuts: list[int]) -> None:
    """However a stream is cut into reads, and however long each message takes, the same messages are taken and the
    same bytes are said in the same order."""
    stream = b"".join(parts)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    whole = asyncio.run(answers([stream]))
    assert asyncio.run(answers([stream[a:b] for a, b in pairwise(edges)])) == whole


@given(st.lists(PARTS, max_size=4))
def test_byte_by_byte_is_answered_alike(parts: list[bytes]) -> None:
    """A stream that comes one byte at a time is answered as if it had come at once."""
    stream = b"".join(parts)[:3000]
    assert asyncio.run(answers([stream[n : n + 1] for n in range(len(stream))])) == asyncio.run(answers([stream]))

import asyncio
import socket
import sqlite3
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hub.adapters.mllp import Mllp, Options
from hub.errors import PermanentError
from hub.formats.hl7v2.acknowledgement import read_acknowledgement
from hub.ports import Arrival, Receipt
from hub.services.context import Hub
from hub.settings import Feed, PluginUse, Settings
from hub.store import sqlite
from hub.transport import mllp_server
from hub.transport.mllp import END, frame
from tests.intake import adt, opened, outcome, receiving, sender, stored

VT = b"\x0b"


def with_hub(folder: Path, work: Callable[[Hub, int], Awaitable[None]], **settings: object) -> None:
    """Runs ``work`` with a hub that listens, and its port."""
    options = {
        name: settings.pop(name) for name in ("connections", "release", "unfinished", "unavailable") if name in settings
    }
    hub = opened(folder, Feed(name="any", adapter=PluginUse(kind="mllp", **options)), **settings)

    async def run() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Mllp)
            await work(hub, adapter.port)

    asyncio.run(run())
    hub.close()


def ids(hub: Hub) -> list[str]:
    return [message.control_id for message in stored(hub)]


def test_a_message_is_answered_when_it_is_durable(tmp_path: Path) -> None:
    """Whoever has the AA finds the message in the log."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            answer = await to.send(adt("M1"))
            assert (answer.code, answer.control_id) == ("AA", b"M1")
            assert ids(hub) == ["M1"]

    with_hub(tmp_path, work)


def test_bytes_one_at_a_time(tmp_path: Path) -> None:
    """However a frame is cut on its way, it is one message."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            for byte in frame(adt("M1")):
                to.writer.write(bytes((byte,)))
                await to.writer.drain()
            assert (await to.answer()).code == "AA"

    with_hub(tmp_path, work)


def test_many_frames_in_one_read(tmp_path: Path) -> None:
    """Messages that are sent without waiting are answered one by one, in their order, and stored in it."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(b"\r\n".join(frame(adt(f"M{n}", f11="X" if n % 7 == 3 else "P")) for n in range(1000)))
            answers = [await to.answer() for _ in range(1000)]
            assert [a.control_id.decode() for a in answers] == [f"M{n}" for n in range(1000)]
            assert [a.code for a in answers] == ["AR" if n % 7 == 3 else "AA" for n in range(1000)]
            assert ids(hub) == [f"M{n}" for n in range(1000) if n % 7 != 3]

    with_hub(tmp_path, work)


def test_several_messages_in_one_frame(tmp_path: Path) -> None:
    """A batch, or messages one after another, in one frame: each is answered, in order."""

    async def work(hub: Hub, port: int) -> None:
        batch = b"BHS|^~\\&|ADT\r" + adt("M1") + adt("M2", f10="") + adt("M3") + b"BTS|3\r"
        async with sender(port) as to:
            to.writer.write(frame(batch) + frame(adt("M4") + adt("M5")))
            assert [(await to.answer()).code for _ in range(5)] == ["AA", "AE", "AA", "AA", "AA"]
            assert ids(hub) == ["M1", "M3", "M4", "M5"]
            cut_off = batch.removesuffix(b"BTS|3\r")
            assert (await to.send(cut_off)).code == "AE"
            assert (await to.send(b"BHS|^~\\&|ADT\rBTS|0\r")).code == "AE"
            assert len(stored(hub)) == 4

    with_hub(tmp_path, work)


def test_noise_between_frames(tmp_path: Path) -> None:
    """A little noise before a frame is skipped; what never becomes a frame ends the connection."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(b"noise" + frame(adt("M1")))
            assert (await to.answer()).code == "AA"
            to.writer.write(b"x" * 5000)
            assert await to.rest() == b""

    with_hub(tmp_path, work)


@pytest.mark.parametrize(
    "first",
    [
        b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x01\x00\x00\x00\x00\xcd\x00\x01\x00\x00",
    ],
    ids=["http", "tls", "ssh", "dicom"],
)
def test_other_protocols(first: bytes, tmp_path: Path) -> None:
    """Who speaks something else is cut off at once, without an answer."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(first)
            assert await to.rest() == b""

    with_hub(tmp_path, work)


def test_a_frame_over_the_limit(tmp_path: Path) -> None:
    """A message that is too long is refused before it is whole, and the connection ends; what came before stands."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(frame(adt("M1")) + VT + adt("M2") + b"NTE|1||" + b"x" * 5000)
            first, second, rest = (await to.rest()).split(END)
            assert read_acknowledgement(first[1:]).code == "AA"
            refused = read_acknowledgement(second[1:])
            assert (refused.code, refused.control_id) == ("AR", b"M2")
            assert rest == b""
            assert ids(hub) == ["M1"]

    with_hub(tmp_path, work, mllp_frame_limit=4096)


def test_the_end_of_the_stream_within_a_frame(tmp_path: Path) -> None:
    """A frame without its end is neither stored nor answered."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(VT + adt("M1"))
            to.writer.write_eof()
            assert await to.rest() == b""
            assert stored(hub) == []

    with_hub(tmp_path, work)


def test_half_a_frame_and_a_new_start(tmp_path: Path) -> None:
    """Two halves are never put together: what a new start interrupts is dropped."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(VT + adt("M1")[:80] + frame(adt("M2")))
            assert (await to.answer()).control_id == b"M2"
            assert ids(hub) == ["M2"]

    with_hub(tmp_path, work)


def test_half_closed_after_a_message(tmp_path: Path) -> None:
    """A sender that closes its side after the last frame still gets all answers."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(frame(adt("M1")) + frame(adt("M2")))
            to.writer.write_eof()
            assert (await to.rest()).count(b"MSA|AA|") == 2

    with_hub(tmp_path, work)


def test_an_unfinished_frame_has_a_deadline(tmp_path: Path) -> None:
    """Who begins a frame and does not end it is cut off; who is silent between frames is not."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as idle, sender(port) as slow:
            assert (await idle.send(adt("M1"))).code == "AA"
            slow.writer.write(VT + b"MSH|")
            assert await slow.rest() == b""
            assert (await idle.send(adt("M2"))).code == "AA"

    with_hub(tmp_path, work, mllp_frame_seconds=0.05)


def test_too_many_connections_of_one_peer(tmp_path: Path) -> None:
    """One address may have so many connections; when one of them ends, another may come."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as first:
            assert (await first.send(adt("M1"))).code == "AA"
            async with sender(port) as second:
                assert await second.rest() == b""
            first.writer.write_eof()
            assert await first.rest() == b""
        async with sender(port) as third:
            assert (await third.send(adt("M2"))).code == "AA"

    with_hub(tmp_path, work, connections=1)


def test_a_sender_that_does_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who never reads answers is not read from any more, while others go on; when it reads, everything is there."""
    monkeypatch.setattr(mllp_server, "MESSAGES_UNDER_WAY", 4)

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as deaf, sender(port) as other:
            for n in range(3000):
                deaf.writer.write(frame(adt(f"M{n}")))
            assert (await other.send(adt("other"))).code == "AA"
            answers = [await deaf.answer() for _ in range(3000)]
            assert [a.control_id.decode() for a in answers] == [f"M{n}" for n in range(3000)]

    with_hub(tmp_path, work)


def test_unfinished_frames_of_one_address_are_bounded(tmp_path: Path) -> None:
    """However many connections it has, one address cannot make the hub hold more than its share of unfinished frames:
    the connection that goes over it is closed, the others, and the next, are served."""
    half = VT + adt("HALF") + b"NTE|1||" + b"x" * 6000

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as first, sender(port) as second:
            first.writer.write(half)
            await first.writer.drain()
            second.writer.write(half)
            assert await second.rest() == b""
            first.writer.write(END)
            assert (await first.answer()).code == "AA"
        async with sender(port) as third:
            third.writer.write(half + END)
            assert (await third.answer()).code == "AA"

    with_hub(tmp_path, work, unfinished=10_000)


@pytest.mark.parametrize("unavailable", ["refuse", "silence"])
def test_while_nothing_can_be_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unavailable: str) -> None:
    """While the database is locked a message is refused with 207, or where the feed wants it so the connection ends
    without a word; afterwards messages are taken again."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)

    async def work(hub: Hub, port: int) -> None:
        other = sqlite3.connect(tmp_path / "intake.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        async with sender(port) as to:
            to.writer.write(frame(adt("M1")))
            if unavailable == "refuse":
                refused = await to.answer()
                assert (refused.code, refused.text[:3]) == ("AE", "207")
            else:
                assert await to.rest() == b""
        other.execute("ROLLBACK")
        other.close()
        async with sender(port) as to:
            assert (await to.send(adt("M1"))).code == "AA"

    with_hub(tmp_path, work, unavailable=unavailable)


def test_mllp_release_2_is_not_hl7(tmp_path: Path) -> None:
    """The commit acknowledgements of MLLP release 2 are passed over."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            to.writer.write(frame(b"\x06") + frame(b"\x15") + frame(adt("M1")))
            assert (await to.answer()).control_id == b"M1"

    with_hub(tmp_path, work)


def test_mllp_release_2_where_configured(tmp_path: Path) -> None:
    """Each frame is acknowledged by the protocol when it is durable, and refused when it is not, before its answer."""

    async def work(hub: Hub, port: int) -> None:
        async with sender(port) as to:
            for wire, expected, code in (
                (frame(adt("M1")), b"\x06", "AA"),
                (frame(adt("M2", f11="X")), b"\x15", "AR"),
                (frame(b"BHS|^~\\&\r" + adt("M3")), b"\x15", "AE"),
            ):
                to.writer.write(wire)
                assert await to.answer_frame() == expected
                assert (await to.answer()).code == code
                to.writer.write(frame(b"\x06"))  # theirs for our answer
            to.writer.write(frame(adt("M4", f15="NE", f16="NE")))
            assert await to.answer_frame() == b"\x06"
            assert ids(hub) == ["M1", "M4"]

    with_hub(tmp_path, work, release=2)


def test_a_connection_that_is_reset_before_its_answer(tmp_path: Path) -> None:
    """What was whole when the sender vanished is stored, and the hub goes on."""

    async def work(hub: Hub, port: int) -> None:
        raw = socket.create_connection(("127.0.0.1", port))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        async with sender(port) as to:
            assert (await to.send(adt("M1"))).code == "AA"
            raw.sendall(frame(adt("gone")))
            assert (await to.send(adt("M2"))).code == "AA"
            raw.close()
            assert (await to.send(adt("M3"))).code == "AA"
            assert set(ids(hub)) == {"M1", "gone", "M2", "M3"}

    with_hub(tmp_path, work)


class Broken:
    """An intake with a fault that nobody has thought of."""

    def accept(self, arrival: Arrival) -> "asyncio.Future[Receipt]":
        return outcome(ZeroDivisionError())

    def refuse(self, arrival: Arrival, error: Exception) -> bytes:
        return b"MSH|^~\\&|\rMSA|AE|" + str(error).encode()


class Dumb(Broken):
    """One that cannot even say no."""

    def refuse(self, arrival: Arrival, error: Exception) -> bytes:
        raise ZeroDivisionError


@pytest.mark.parametrize(("intake", "says"), [(Broken(), b"cannot be processed"), (Dumb(), b"")])
def test_a_fault_of_our_own(intake: Broken, says: bytes, tmp_path: Path) -> None:
    """An unforeseen error becomes a refusal, at worst the end of the connection, never silence."""

    async def run() -> None:
        adapter = Mllp(Options(port=0), (Feed(name="any", adapter=PluginUse(kind="mllp")),), Settings(data=tmp_path))
        ready, stop = asyncio.Event(), asyncio.Event()
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        serving = asyncio.create_task(adapter.serve(intake, ready, stop))
        await ready.wait()
        async with sender(adapter.port) as to:
            to.writer.write(frame(adt()))
            to.writer.write_eof()
            assert says in await to.rest()
        stop.set()
        await serving

    asyncio.run(run())


def test_stopping_answers_what_has_arrived(tmp_path: Path) -> None:
    """When the hub stops, what is under way is answered, the connection ends, and nobody new is let in."""
    hub = opened(tmp_path)

    async def run() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Mllp)
            port = adapter.port
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(frame(adt("M1")))
            await reader.readexactly(1)
        assert b"MSA|AA|M1" in await reader.read()
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(run())
    hub.close()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """A port that another program listens on is an error that names the port and the settings."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hub = opened(tmp_path, mllp_port=taken.getsockname()[1])

        async def run() -> None:
            async with receiving(hub):
                pass

        with pytest.raises(ExceptionGroup) as caught:
            asyncio.run(run())
        assert caught.group_contains(PermanentError, match="HUB_MLLP_PORT, or adapter.port of feed any")
        hub.close()

import asyncio
from collections.abc import Callable, Coroutine

import pytest
import uvloop

from hub.errors import EndpointUnavailable
from hub.formats.hl7v2 import salvage_header
from hub.transport.mllp import frame
from hub.transport.mllp_client import ANSWER_LIMIT, MllpClient, MllpLink, Unanswered
from tests.mllp_server import Answer, accept, ack, message, server


@pytest.mark.parametrize("run_loop", [asyncio.run, uvloop.run])
def test_one_answer_for_each_message(run_loop: Callable[[Coroutine[None, None, None]], None]) -> None:
    """Messages sent at the same time go one after another, each with its own answer."""

    async def run() -> None:
        async with server(accept) as port, MllpClient("127.0.0.1", port) as client:
            answers = await asyncio.gather(*(client.send(message(f"M{n}")) for n in range(20)))
            assert [a.control_id for a in answers] == [b"M%d" % n for n in range(20)]

    run_loop(run())


def test_a_late_answer_is_not_the_next_messages() -> None:
    """An answer to an earlier message, a duplicate or a stranger's is passed over."""

    async def late(body: bytes, writer: asyncio.StreamWriter) -> None:
        if salvage_header(body).control_id == b"M2":
            writer.write(ack(message("M1"), "AR") + ack(message("M"), "AR") + ack(body))
        else:
            writer.write(ack(body))

    async def run() -> None:
        async with server(late) as port, MllpClient("127.0.0.1", port) as client:
            assert (await client.send(message("M1"))).code == "AA"
            second = await client.send(message("M2"))
            assert (second.code, second.control_id) == ("AA", b"M2")

    asyncio.run(run())


def test_no_answer_in_time() -> None:
    """Without an answer in time the connection is closed, and nothing more goes over it."""

    async def silent(body: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"")

    async def run() -> None:
        async with server(silent) as port, MllpClient("127.0.0.1", port, answer_seconds=0.05) as client:
            with pytest.raises(EndpointUnavailable, match="no answer in time"):
                await client.send(message("M1"))
            assert not client.connected
            with pytest.raises(EndpointUnavailable, match="closed"):
                await client.send(message("M2"))

    asyncio.run(run())


@pytest.mark.parametrize("junk", [b"", frame(b"hello"), b"HTTP/1.1 400 Bad Request\r\n" + b"x" * 5000])
def test_the_other_side_is_no_receiver(junk: bytes) -> None:
    """A connection that ends, or answers in something else, is an endpoint that is not available."""

    async def strange(body: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(junk)
        writer.close()

    async def run() -> None:
        async with server(strange) as port, MllpClient("127.0.0.1", port) as client:
            with pytest.raises(EndpointUnavailable):
                await client.send(message("M1"))

    asyncio.run(run())


def test_nobody_listens() -> None:
    """Where nobody listens, the error names the address."""

    async def run() -> None:
        async with server(accept) as port:
            pass
        with pytest.raises(EndpointUnavailable, match=f"127.0.0.1:{port}"):
            async with MllpClient("127.0.0.1", port):
                pass

    asyncio.run(run())


async def _silence(body: bytes, writer: asyncio.StreamWriter) -> None:
    """Never answers."""


async def _half_an_answer(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(ack(body)[:-1])


async def _the_end(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _half_an_answer_and_the_end(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(ack(body)[:-1])
    writer.close()


async def _for_another(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(ack(message("M0")) + ack(message("M10")) + ack(message("m1")) + ack(message("")))


async def _garbage(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\xff" * 10_000)


async def _the_message_itself(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(frame(body))


async def _an_answer_without_end(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x0bMSH|^~\\&|" + b"x" * (ANSWER_LIMIT + 10))


HOSTILE = (
    _silence, _half_an_answer, _the_end, _half_an_answer_and_the_end, _for_another, _garbage, _the_message_itself,
    _an_answer_without_end,
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_receivers(hostile: Answer) -> None:
    """Whatever a receiver says instead of the acknowledgement, the message counts as unanswered, in good time, and the
    connection is not used again."""

    async def run() -> None:
        async with server(hostile) as port, MllpClient("127.0.0.1", port, answer_seconds=0.2) as client:
            with pytest.raises(Unanswered):
                await client.send(message("M1"))
            with pytest.raises(Unanswered, match="closed"):
                await client.send(message("M2"))

    asyncio.run(run())


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_link_gets_over_it(hostile: Answer) -> None:
    """After each of these the message is sent again over a new connection, unchanged, until it is answered, and no
    answer of the old connection is taken for it."""
    sent: list[bytes] = []

    async def at_first(body: bytes, writer: asyncio.StreamWriter) -> None:
        sent.append(body)
        await (accept(body, writer) if len(sent) > 2 else hostile(body, writer))

    async def run() -> None:
        async with server(at_first) as port:
            link = MllpLink(lambda: MllpClient("127.0.0.1", port, answer_seconds=0.1), patience=20)
            async with link:
                answers = [await link.deliver(message(control_id)) for control_id in ("M1", "M2")]
        assert [(a.code, a.control_id) for a in answers] == [("AA", b"M1"), ("AA", b"M2")]
        assert sent == [message("M1")] * 3 + [message("M2")]

    asyncio.run(run())


def test_an_answer_after_its_time_is_nobodys() -> None:
    """The acknowledgement of a message that was given up comes while the next one waits, in vain: they have no
    connection in common."""
    late: list[tuple[bytes, asyncio.StreamWriter]] = []

    async def slow(body: bytes, writer: asyncio.StreamWriter) -> None:
        for other, its_writer in late:
            its_writer.write(ack(other, "AR") + ack(body, "AR"))
        if not late:
            late.append((body, writer))
            return
        await accept(body, writer)

    async def run() -> None:
        async with server(slow) as port, MllpLink(lambda: MllpClient("127.0.0.1", port, answer_seconds=0.1)) as link:
            with pytest.raises(Unanswered):
                await link.deliver(message("M1"))
            assert (await link.deliver(message("M2"))).code == "AA"

    asyncio.run(run())


def test_a_link_waits_for_a_receiver_that_comes_later() -> None:
    """While nobody listens it tries again and again; without patience it says so at once."""

    async def run() -> None:
        async with server(accept) as port:
            pass

        def client() -> MllpClient:
            return MllpClient("127.0.0.1", port)

        async with MllpLink(client) as link:
            with pytest.raises(EndpointUnavailable, match=f"127.0.0.1:{port}"):
                await link.deliver(message("M1"))
        async with MllpLink(client, patience=60) as link:
            waiting = asyncio.create_task(link.deliver(message("M1")))
            await asyncio.sleep(0)
            async with server(accept, port):
                assert (await waiting).code == "AA"
                await link.__aexit__()

    asyncio.run(run())


def test_what_was_cancelled_leaves_nothing_behind() -> None:
    """Who gives up waiting ends the connection with it."""

    async def run() -> None:
        async with server(_silence) as port, MllpClient("127.0.0.1", port) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.send(message("M1")), 0.05)
            assert not client.connected

    asyncio.run(run())

import asyncio
from collections.abc import Callable, Coroutine

import pytest
import uvloop

from hub.errors import EndpointUnavailable
from hub.formats.hl7v2 import salvage_header
from hub.transport.mllp import MllpClient, frame
from tests.mllp_server import accept, ack, message, server


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

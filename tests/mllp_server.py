"""A server on loopback that answers MLLP messages as a test wants it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from hub.formats.hl7v2 import acknowledge, build, salvage_header
from hub.transport.mllp import Framer, frame

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def message(control_id: str, patient: str = "1") -> bytes:
    return build([("MSH", {9: ("ADT", "A01"), 10: control_id, 12: "2.5.1"}), ("PID", {3: patient})])


def ack(body: bytes, code: str = "AA") -> bytes:
    return frame(acknowledge(salvage_header(body), code, control_id="H", now="2026"))


@asynccontextmanager
async def server(answer: Answer, port: int = 0) -> AsyncIterator[int]:
    """A server on loopback that hands each whole frame to ``answer``."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        while data := await reader.read(65536):
            for body in framer.feed(data):
                await answer(body, writer)
        writer.close()
        await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(serve(reader, writer)))

    listening = await asyncio.start_server(begin, "127.0.0.1", port)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        await asyncio.gather(*serving)


async def accept(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(ack(body))

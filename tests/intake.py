"""A hub that takes messages in, for tests: real adapters, a real receiver, a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from hub.formats.hl7v2.acknowledgement import Acknowledgement, read_acknowledgement
from hub.model import Format, RawMessage, Stream
from hub.ports import Adapter, Receipt
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.services.records import raw_message
from hub.settings import Feed, PluginUse, Settings, Site
from hub.transport.mllp import END, frame
from hub.wiring import adapters, open_hub
from tests import databases

ANY = Feed(name="any", adapter=PluginUse(kind="mllp"))


def folder_feed(name: str, form: Format, **more: object) -> Feed:
    """A feed on the folder of its own name, which is looked into all the time."""
    options = {"path": name, "seconds": 0.005, **more.pop("options", {})}  # type: ignore[dict-item]
    return Feed(name=name, adapter=PluginUse(kind="folder", **options), format=form, **more)  # type: ignore[arg-type]


def opened(data: Path, *feeds: Feed, **settings: object) -> Hub:
    """A hub with these feeds; MLLP listens on a free port."""
    where = {"data": data, "config": data / "config", "database_url": databases.url(data), "mllp_port": 0}
    given = Settings(**{**where, **settings})  # type: ignore[arg-type]
    return replace(open_hub(given), site=Site(feeds=feeds or (ANY,), rules=(), practices=()))


@asynccontextmanager
async def receiving(hub: Hub, receivers: list[Receiver] | None = None) -> AsyncIterator[list[Adapter]]:
    """The adapters of the hub, all ready; they have finished when the block ends. Their receiver goes into the list."""
    stop = asyncio.Event()
    receiver = Receiver(hub)
    if receivers is not None:
        receivers.append(receiver)
    found = adapters(hub)
    async with asyncio.TaskGroup() as group:
        for adapter in found:
            ready = asyncio.Event()
            group.create_task(adapter.serve(receiver, ready, stop))
            await ready.wait()
        try:
            yield found
        finally:
            stop.set()
    receiver.close()


def outcome(of: Receipt | Exception) -> "asyncio.Future[Receipt]":
    """What an intake answers that has made up its mind at once."""
    future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
    if isinstance(of, Exception):
        future.set_exception(of)
    else:
        future.set_result(of)
    return future


class Sender:
    """One MLLP connection that says exactly what it is told, byte by byte where asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, body: bytes) -> Acknowledgement:
        self.writer.write(frame(body))
        return await self.answer()

    async def answer(self) -> Acknowledgement:
        return read_acknowledgement(await self.answer_frame())

    async def answer_frame(self) -> bytes:
        return (await self.reader.readuntil(END))[1 : -len(END)]

    async def rest(self) -> bytes:
        """All that comes until the hub closes the connection."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""


@asynccontextmanager
async def sender(port: int) -> AsyncIterator[Sender]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Sender(reader, writer)
    finally:
        writer.close()


def stored(hub: Hub) -> list[RawMessage]:
    """What is in the intake log, in its order."""
    return [raw_message(record) for record in hub.streams.read(Stream.RAW, 0, -1, 10_000)]


def adt(control_id: str = "M1", **changed: str) -> bytes:
    """An ADT^A04 of a synthetic person; ``changed`` replaces fields of MSH by number (``f9="ADT^A99"``) or ``pid``."""
    fields = {
        "f3": "ADT", "f4": "MERCY", "f5": "HUB", "f6": "CARERING", "f7": "20260302124000-0500", "f8": "",
        "f9": "ADT^A04^ADT_A01", "f10": control_id, "f11": "P", "f12": "2.5.1",
    }  # fmt: skip
    pid = changed.pop("pid", "PID|1||70045^^^MERCY^MR||Andrews^Harold||19550914|M")
    fields |= changed
    last = max(int(name[1:]) for name in fields)
    msh = "|".join(["MSH", "^~\\&", *(fields.get(f"f{n}", "") for n in range(3, last + 1))])
    return "\r".join(filter(None, (msh, "EVN|A04|202603021240-0500", pid, "PV1|1|E", ""))).encode() + b"\r"

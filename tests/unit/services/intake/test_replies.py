"""Application acknowledgements on a connection of their own: an engine listens, and the hub restarts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.formats.hl7v2 import parse, salvage_header
from hub.model import Stage
from hub.services import run
from hub.services.context import Hub
from hub.services.stages import run_batch
from hub.settings import Feed, PluginUse
from hub.wiring import adapters
from tests.intake import adt, opened, sender
from tests.mllp_server import ack, server

HELD = {"f9": "MDM^T02^MDM_T02"}
"""A message that is stored and cannot be converted."""


class Engine:
    """What an engine hears on its return address; it answers as the address says."""

    def __init__(self, *, confirms: bool) -> None:
        self._confirms = confirms
        self.heard: list[str] = []
        self.asked: list[str] = []
        self._more = asyncio.Event()

    async def __call__(self, body: bytes, writer: asyncio.StreamWriter) -> None:
        msa = parse(body).first("MSA")
        assert msa
        self.heard.append(f"{msa[1].text} {msa[2].text}")
        self.asked.append(salvage_header(body).accept_ack)
        self._more.set()
        if self._confirms:
            writer.write(ack(body, "CA"))

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.heard) < count:
                self._more.clear()
                await self._more.wait()
        return self.heard


def hub_of(folder: Path, port: int, *, confirmed: bool) -> Hub:
    use = PluginUse(kind="mllp", replies=f"127.0.0.1:{port}", replies_confirmed=confirmed)  # type: ignore[call-arg]
    return opened(folder, Feed(name="any", adapter=use))


@asynccontextmanager
async def receiving(hub: Hub) -> AsyncIterator[int]:
    """The receive role of the hub; its MLLP port."""
    stop, ready = asyncio.Event(), asyncio.Event()
    found = adapters(hub)
    role = asyncio.create_task(run.receive(hub, found, lambda _: ready.set(), stop))
    await ready.wait()
    yield found[0].port  # type: ignore[attr-defined]
    stop.set()
    await role


@pytest.mark.parametrize("confirmed", [False, True])
def test_they_are_said_elsewhere(tmp_path: Path, confirmed: bool) -> None:
    """CA comes on the sender's connection and nothing more; what became of each message is said on the return address,
    in order, with MSH-15 where it is to be confirmed."""
    engine = Engine(confirms=confirmed)

    async def work() -> None:
        async with server(engine) as port:
            hub = hub_of(tmp_path, port, confirmed=confirmed)
            async with receiving(hub) as own, sender(own) as to:
                for number, kind in enumerate(({}, HELD, {"f16": "NE"}, {"f16": "ER"}, {}), 1):
                    asked = {"f15": "AL", "f16": "AL", **kind}
                    assert (await to.send(adt(f"M{number}", **asked))).code == "CA"
                await asyncio.to_thread(run_batch, hub, Stage.CONVERT)
                assert await engine.until(3) == ["AA M1", "AE M2", "AA M5"]
                to.writer.write_eof()
                assert await to.rest() == b""
            hub.close()
        assert engine.asked == (["AL"] * 3 if confirmed else [""] * 3)

    asyncio.run(work())


def test_a_restart_forgets_none(tmp_path: Path) -> None:
    """What was not said before the hub stopped, or while the engine was away, is said afterwards; what came before
    there was a return address is not."""
    engine = Engine(confirms=True)
    asked = {"f15": "AL", "f16": "AL"}

    async def work() -> None:
        async with server(engine) as port:
            pass  # the engine is away
        before = opened(tmp_path)
        async with receiving(before) as own, sender(own) as to:
            await to.send(adt("OLD"))
        before.close()
        hub = hub_of(tmp_path, port, confirmed=True)
        async with receiving(hub) as own, sender(own) as to:
            assert (await to.send(adt("M1", **asked))).code == "CA"
        hub.close()
        again = hub_of(tmp_path, port, confirmed=True)
        await asyncio.to_thread(run_batch, again, Stage.CONVERT)
        async with server(engine, port), receiving(again) as own, sender(own) as to:
            assert (await to.send(adt("M2", **asked))).code == "CA"
            await asyncio.to_thread(run_batch, again, Stage.CONVERT)
            assert await engine.until(2) == ["AA M1", "AA M2"]
        again.close()

    asyncio.run(work())


def test_an_address_that_is_none(tmp_path: Path) -> None:
    """What is no HOST:PORT is found before anything starts."""
    hub = opened(tmp_path, Feed(name="any", adapter=PluginUse(kind="mllp", replies="engine")))  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match=r"adapter\.replies.*HOST:PORT"):
        adapters(hub)
    hub.close()

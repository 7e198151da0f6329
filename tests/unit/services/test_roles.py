import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import PermanentError
from hub.ports import Intake
from hub.services import run
from hub.services.context import Hub
from hub.wiring import open_hub
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")


class Steady:
    """An adapter that runs until it is told to stop."""

    title = "nothing from nobody"

    def __init__(self) -> None:
        self.stopped = False

    async def serve(self, intake: Intake, ready: asyncio.Event, stop: asyncio.Event) -> None:
        ready.set()
        await stop.wait()
        self.stopped = True


class Broken:
    """An adapter that cannot start."""

    title = "nothing"

    async def serve(self, intake: Intake, ready: asyncio.Event, stop: asyncio.Event) -> None:
        raise PermanentError("the port is taken")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened = open_hub(databases.settings(tmp_path))
    yield opened
    opened.close()


def received(hub: Hub, *adapters: Steady | Broken) -> list[str]:
    """What is announced by a receiver that is stopped as soon as it has announced all adapters."""
    lines: list[str] = []

    async def receive() -> None:
        stop = asyncio.Event()

        def announce(line: str) -> None:
            lines.append(line)
            if len(lines) >= len(adapters):
                stop.set()

        await run.receive(hub, adapters, announce, stop)

    asyncio.run(receive())
    return lines


def test_every_adapter_is_announced_and_stopped(hub: Hub) -> None:
    """The receiver says for each adapter that it is ready, and returns when all have ended."""
    adapters = (Steady(), Steady())
    assert received(hub, *adapters) == ["receiving nothing from nobody"] * 2
    assert all(adapter.stopped for adapter in adapters)


def test_an_adapter_that_cannot_start_ends_all(hub: Hub) -> None:
    """The error of one adapter is the error of the receiver."""
    with pytest.raises(PermanentError, match="the port is taken"):
        received(hub, Steady(), Broken())


def test_without_feeds_it_says_so_and_waits(hub: Hub) -> None:
    """A site without feeds has a receiver that takes nothing."""
    assert received(hub) == ["receiving nothing: no feed is configured"]

"""A hub over the demo's site that has been told most of the demo's story, and a browser's view of its console."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from hub.demo.running import SITE
from hub.demo.story import LoadPanel, Send, story
from hub.model import Format
from hub.ports import Arrival
from hub.services import stages
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.services.practice import panels
from hub.settings import load_settings
from hub.web import app
from hub.wiring import open_hub
from tests.http_clients import http_client
from tests.web_server import serving

HELD = b"MSH|^~\\&|ADT|MERCY|HUB|HUB|20260309120000-0500||ADT^A40^ADT_A39|HELD-1|P|2.5.1\rPID|1||70045^^^MERCY^MR\r"
"""A merge without MRG: accepted, and held for a person."""

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    "MSH|^~\\&|ADT|MERCY|HUB|HUB|20260309120000-0500||ADT^A04^ADT_A01|HOSTILE-1|P|2.5.1\r"
    f"PID|1||70999^^^MERCY^MR||{SCRIPT}^Bobby||19700101|Q\rPD1||||1234567893^Busy\r"
    f"PV1|1|E|{SCRIPT}^1^A^MERCY||||||||||||||||V999^^^MERCY^VN\rPV2|||^{SCRIPT}\r"
).encode()
"""An arrival whose patient is called like a script."""


def take(hub: Hub, *messages: bytes) -> list[str]:
    """Receives messages as the adapters do; returns their ids."""

    async def accept() -> list[str]:
        with closing(Receiver(hub)) as receiver:
            arrivals = [Arrival("mercy", Format.HL7V2, message, "test") for message in messages]
            return [(await receiver.accept(arrival)).message_id for arrival in arrivals]

    return asyncio.run(accept())


def opened(folder: Path) -> Hub:
    return open_hub(load_settings(config=SITE, data=folder / "var"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The story until the note that names no referral, for tests that only look."""
    with closing(opened(tmp_path_factory.mktemp("told"))) as hub:
        tell(hub)
        yield hub


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Hub]:
    """The same in a hub of the test's own, to be changed."""
    with closing(opened(tmp_path)) as hub:
        tell(hub)
        yield hub


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Hub]:
    """A hub that nothing has come to."""
    with closing(opened(tmp_path)) as hub:
        yield hub


def tell(hub: Hub) -> None:
    for step in (step for chapter in story() for step in chapter.steps):
        if isinstance(step, LoadPanel):
            panels.load(hub, step.content, step.name)
        elif isinstance(step, Send):
            take(hub, *step.messages)
    take(hub, HELD, HOSTILE, HOSTILE)
    stages.drain(hub)


@contextmanager
def console(hub: Hub) -> Iterator[httpx.Client]:
    """The console as a program on this host calls it; redirects are not followed."""
    with (
        serving(app(hub)) as address,
        http_client(address, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def running(told: Hub) -> Iterator[str]:
    """The address of the console of the hub that is only looked at."""
    with serving(app(told)) as address:
        yield address


@pytest.fixture
def view(running: str) -> Iterator[httpx.Client]:
    """That console, without cookies from other tests."""
    with http_client(running, trust_env=False) as client:
        yield client


def part(client: httpx.Client, method: str, path: str, **data: str) -> httpx.Response:
    """What a script on a page asks for."""
    return client.request(method, path, data=data or None, headers={"HX-Request": "true"})

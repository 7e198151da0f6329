"""MLLP clients that were not written here, each in every scenario: what a client makes of the hub's answers."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.intake import adt
from tests.protocol.kit import Log, Site, running

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = Path(__file__).parent / "clients"
LIBRARIES = ROOT / ".cache" / "clients"
"""Where ``make clients`` puts what npm and Maven have."""

SECONDS = 60
MIB = 1024 * 1024


@dataclass(frozen=True)
class Client:
    """A program of ``clients/``: the runtime it needs, the library without which it is skipped, and its command."""

    program: str
    runtime: str
    library: Path | None
    command: tuple[str, ...]

    def why_not(self) -> str:
        if not shutil.which(self.runtime):
            return f"{self.runtime} is not installed"
        if self.library and not self.library.exists():
            return f"{self.library.name} is not there: make clients"
        return ""


def python(program: str) -> Client:
    return Client(program, sys.executable, None, (sys.executable,))


def node(program: str, library: str) -> Client:
    return Client(program, "node", LIBRARIES / "node_modules" / library, ("node",))


def java(program: str, library: str) -> Client:
    return Client(program, "java", LIBRARIES / "java" / library, ("java", "-cp", f"{LIBRARIES / 'java'}/*"))


CLIENTS = (
    python("python_hl7.py"),
    python("python_hl7_asyncio.py"),
    python("mllp_send.py"),
    node("node_hl7_client.cjs", "node-hl7-client"),
    node("medplum.cjs", "@medplum/hl7"),
    java("Hapi.java", "hapi-base-2.6.0.jar"),
    java("Camel.java", "camel-mllp-4.8.0.jar"),
)

Plan = list[list[bytes]]
"""The messages of each connection."""


def one_message() -> tuple[Plan, list[str]]:
    return [[adt("ONE")]], ["AA ONE"]


def a_hundred_on_one_connection() -> tuple[Plan, list[str]]:
    ids = [f"H{n}" for n in range(100)]
    return [[adt(control_id) for control_id in ids]], [f"AA {control_id}" for control_id in ids]


def a_connection_for_each() -> tuple[Plan, list[str]]:
    ids = [f"R{n}" for n in range(5)]
    return [[adt(control_id)] for control_id in ids], [f"AA {control_id}" for control_id in ids]


def a_message_of_a_mebibyte() -> tuple[Plan, list[str]]:
    body = adt("BIG") + b"".join(b"NTE|%d||%b\r" % (n, b"x" * 1000) for n in range(1, MIB // 1000))
    return [[body, adt("AFTER")]], ["AA BIG", "AA AFTER"]


def a_refusal_is_understood() -> tuple[Plan, list[str]]:
    messages = [adt("BAD", pid="PID|1||||Andrews"), adt("WORSE", f9="FOO^X01"), adt("GOOD")]
    return [messages], ["AE BAD", "AR WORSE", "AA GOOD"]


SCENARIOS = (
    one_message,
    a_hundred_on_one_connection,
    a_connection_for_each,
    a_message_of_a_mebibyte,
    a_refusal_is_understood,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hub that is up for all of them."""
    with running(tmp_path_factory.mktemp("interop"), frame_limit=16 * MIB) as site:
        yield site


@pytest.fixture(scope="module")
def log(site: Site) -> Iterator[Log]:
    with Log(site) as log:
        yield log


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.program.partition(".")[0])
def test_a_client_of_others(
    client: Client, scenario: Callable[[], tuple[Plan, list[str]]], site: Site, log: Log, tmp_path: Path
) -> None:
    """The client hears of each message what the hub did with it, and what it takes for accepted is stored."""
    if reason := client.why_not():
        assert "HUB_TEST_CLIENTS_REQUIRED" not in os.environ, reason
        pytest.skip(reason)
    plan, said = scenario()
    assert run(client, plan, site.port, tmp_path) == said
    assert log.new() == [answer[3:] for answer in said if answer.startswith("AA")]


def run(client: Client, plan: Plan, port: int, folder: Path) -> list[str]:
    """What the client printed: code and control id of each answer as it understood it."""
    file = folder / "plan"
    texts = [[message.decode() for message in connection] for connection in plan]
    if client.runtime == "java":
        lines = ("\t".join(text.replace("\r", "\\r") for text in connection) for connection in texts)
        file.write_text("\n".join(lines), encoding="utf-8")
    else:
        file.write_text(json.dumps(texts), encoding="utf-8")
    command = [*client.command, str(PROGRAMS / client.program), str(port), str(file)]
    environment = {**os.environ, "NODE_PATH": str(LIBRARIES / "node_modules")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()

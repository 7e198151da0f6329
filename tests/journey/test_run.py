"""``hub run`` as a whole: real processes, real sockets, real database files."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

MESSAGE = Path(__file__).parent.parent.parent / "fixtures" / "messages" / "adt_a04" / "ed_arrival.hl7"
ROLES = ("receiving", "converting", "routing", "delivering", "console")


class Installation:
    """A hub of its own under ``folder``, on ports that the system chooses."""

    def __init__(self, folder: Path) -> None:
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")} | {
            "HUB_DATA": str(folder / "var"),
            "HUB_MLLP_PORT": "0",
            "HUB_HTTP_PORT": "0",
            "PYTHONWARNINGS": "error",
        }

    def hub(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "hub", *words], env=self.environment, capture_output=True, text=True, check=False
        )

    @contextmanager
    def running(self, *words: str) -> "Iterator[Running]":
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "run", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Running(process)
        finally:
            process.kill()
            process.communicate()


class Running:
    """A running hub and what it has said."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def said(self, *words: str) -> dict[str, str]:
        """Waits until a line with each of the words was said; returns the lines by word."""
        found: dict[str, str] = {}
        assert self.process.stdout
        while set(found) != set(words):
            line = self.process.stdout.readline()
            assert line, self.process.communicate()
            found |= {word: line for word in words if word in line}
        return found


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def port(line: str) -> str:
    found = re.search(r":(\d+)$", line.strip())
    assert found
    return found[1]


def children(process: "subprocess.Popen[str]") -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_a_message_goes_all_the_way(installation: Installation) -> None:
    """What is sent over MLLP is acknowledged, and after a stop in good order it has its end in the ledger."""
    with installation.running() as running:
        lines = running.said(*ROLES)
        sent = installation.hub("send", str(MESSAGE), "--to", f"127.0.0.1:{port(lines['receiving'])}")
        assert sent.stdout == "AA A04-1\n"
        running.process.terminate()
        assert running.process.wait() == 0
    (row,) = orjson.loads(installation.hub("ledger", "--json").stdout)
    assert row["accepted"] == 1
    assert row["balanced"]


def test_roles_run_alone_too(installation: Installation) -> None:
    """A role that is run with --only says that it is ready and stops on SIGTERM."""
    for name, word in (("receive", "receiving"), ("convert", "converting"), ("web", "console")):
        with installation.running("--only", name) as running:
            running.said(word)
            running.process.terminate()
            assert running.process.wait() == 0


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("HUB_MLLP_PORT", r"hub: no MLLP on 127\.0\.0\.1:\d+: the port is taken; set HUB_MLLP_PORT"),
        ("HUB_HTTP_PORT", r"hub: no console on 127\.0\.0\.1:\d+: the port is taken; set HUB_HTTP_PORT"),
    ],
)
def test_a_port_that_is_taken_is_named(installation: Installation, setting: str, line: str) -> None:
    """A hub whose port is taken ends with 1 and one line that names the setting."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        installation.environment[setting] = str(other.getsockname()[1])
        done = installation.hub("run")
    assert done.returncode == 1
    assert re.fullmatch(line + ".*\n", done.stderr)


RULE = "name: r\nwhy: w\non: [encounter.admitted]\nwhen: {when}\nnotify: {{who: pcp, wording: ed_arrival}}\n"


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("feeds/lab.yaml", "name: lab\nadapter: {kind: mllp}\ntime_zone: Mars/North\n", "time_zone: .*Mars/North"),
        ("feeds/lab.yaml", "name: lab\nadapter: {kind: telex}\n", r"adapter\.kind: .*there are: folder, http, mllp"),
        ("rules/r.yaml", RULE.format(when="event.class =="), "when: .*"),
        (
            "practices/p.yaml",
            "id: p\nname: P\nchannels: [{kind: pigeon}]\n",
            r"channels\.0\.kind: .*there are: .*inbox",
        ),
    ],
)
def test_a_wrong_configuration_is_named(
    installation: Installation, tmp_path: Path, file: str, text: str, line: str
) -> None:
    """A hub whose configuration is wrong ends with 2 and one line that names file, key and what is allowed."""
    wrong = tmp_path / "config" / file
    wrong.parent.mkdir(parents=True)
    wrong.write_text(text)
    installation.environment["HUB_CONFIG"] = str(tmp_path / "config")
    done = installation.hub("run")
    assert done.returncode == 2
    assert re.fullmatch(f"hub: {re.escape(str(wrong))}: {line}.*\n", done.stderr)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the roles' processes in /proc")
def test_a_killed_receiver_comes_back(installation: Installation) -> None:
    """A receiver that is killed listens again, on the port that is configured."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        installation.environment["HUB_MLLP_PORT"] = str(probe.getsockname()[1])
    with installation.running() as running:
        running.said(*ROLES)
        os.kill(children(running.process)[0], signal.SIGKILL)
        line = running.said("receiving")["receiving"]
        sent = installation.hub("send", str(MESSAGE), "--to", f"127.0.0.1:{port(line)}")
        assert sent.returncode == 0


def test_no_role_outlives_a_killed_supervisor(installation: Installation) -> None:
    """When the supervisor is killed, all roles stop: nobody holds its output any more."""
    with installation.running() as running:
        running.said(*ROLES)
        running.process.kill()
        assert running.process.stdout
        assert running.process.stdout.read() == ""

"""Promise P1 to the instruction: a receiver is killed just before its commit, or between the commit and the ACK."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from hub.transport.mllp import frame
from tests import databases
from tests.intake import adt, opened, stored
from tests.ports import free_port

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120), pytest.mark.usefixtures("each_database")]

KILLED_AT = """
import os, signal
from hub.services.intake import committer
committer.{place} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from hub.cli import main
main()
"""
BEFORE_THE_COMMIT, BETWEEN_COMMIT_AND_ACK = "Committer._write", "Committer._settle"


@contextmanager
def receiver(data: Path, port: int, *command: str) -> Iterator[subprocess.Popen[str]]:
    """The receive role in a process of its own, ready."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment |= {"HUB_DATA": str(data), "HUB_DATABASE_URL": databases.url(data)}
    environment |= {"HUB_CONFIG": str(data), "HUB_MLLP_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, *command, "run", "--only", "receive"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def said(port: int) -> bytes:
    """What the receiver says to the message, to the end of the connection or of the acknowledgement."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(frame(adt("M1")))
        try:
            return connection.recv(65536)
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize(("place", "left"), [(BEFORE_THE_COMMIT, 0), (BETWEEN_COMMIT_AND_ACK, 1)])
def test_killed_around_the_commit(tmp_path: Path, place: str, left: int) -> None:
    """The sender hears nothing, whether its message is stored or not; its resend is acknowledged, and the message is
    there once."""
    port = free_port()
    with receiver(tmp_path, port, "-c", KILLED_AT.format(place=place)) as process:
        assert said(port) == b""
        assert process.wait(20) == -signal.SIGKILL
    hub = opened(tmp_path)
    assert [message.control_id for message in stored(hub)] == ["M1"] * left
    with receiver(tmp_path, port, "-m", "hub"):
        assert b"MSA|AA|M1" in said(port)
    drain(hub)
    (row,) = ledger(hub)
    assert (row.accepted, row.converted, row.duplicate, row.balanced) == (left + 1, 1, left, True)
    hub.close()

"""A hub as separate processes that can be killed, and a sender that does not give up."""

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hub.formats.hl7v2 import read_acknowledgement
from hub.transport.mllp import frame
from tests import databases, streams

ROLES = ("receive", "convert", "route", "deliver")
ANSWER_SECONDS = 20.0
PAUSE_SECONDS = 0.05


class Role:
    """One role of the hub in a process of its own; started again after each kill."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        self.name = name
        self._environment = environment
        self.start()

    def start(self) -> None:
        """Starts the process; it gets ready meanwhile."""
        command = [sys.executable, "-m", "hub", "run", "--only", self.name]
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._ready = False

    def wait_until_ready(self) -> None:
        """Returns when the process has said that it is ready."""
        self._ready = self._ready or bool(self._line())

    def wait_until_said(self, word: str) -> None:
        """Returns when the process has printed or logged the word."""
        while word not in self._line():
            pass

    @property
    def is_running(self) -> bool:
        """Whether the process is still there; it is when nobody killed it."""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: no handler runs, no buffer is flushed."""
        self._process.kill()
        self._process.communicate()

    def freeze(self) -> None:
        """SIGSTOP: it does nothing any more and knows nothing of it."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on where it was, with whatever it had in mind."""
        self._process.send_signal(signal.SIGCONT)

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"{self.name} ended"
        return line


@contextmanager
def cluster(data: Path, config: Path, port: int, twice: Sequence[str] = ()) -> Iterator[dict[str, Role]]:
    """All roles of a hub, until the end of the block; those that run ``twice`` are ``convert`` and ``convert-2``."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        "HUB_DATA": str(data),
        "HUB_DATABASE_URL": databases.url(data),
        "HUB_STREAMS_URL": streams.url(data),
        "HUB_CONFIG": str(config),
        "HUB_MLLP_PORT": str(port),
        "HUB_LOG_LEVEL": "warning",
        "HUB_DISK_FREE": "0",
    }
    roles: dict[str, Role] = {}
    try:
        for name in ROLES:
            roles[name] = Role(name, environment)
        for name in twice:
            roles[f"{name}-2"] = Role(name, environment)
        for role in roles.values():
            role.wait_until_ready()
        yield roles
    finally:
        for role in roles.values():
            role.kill()


class Sender(threading.Thread):
    """Sends its messages in order over one connection at a time, each until it is acknowledged.

    Every control id that was acknowledged goes into ``acknowledged``, once for each acknowledgement.
    """

    def __init__(self, port: int, messages: Sequence[bytes], acknowledged: "queue.Queue[str]") -> None:
        super().__init__(daemon=True)
        self._port = port
        self._messages = messages
        self._acknowledged = acknowledged
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            left = list(reversed(self._messages))
            while left:
                self._send_until_broken(left)
                threading.Event().wait(PAUSE_SECONDS)  # as an engine does, and so that the other side can start
        except BaseException as error:
            self.failure = error
            raise

    def _send_until_broken(self, left: list[bytes]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS) as connection:
                while left:
                    connection.sendall(frame(left[-1]))
                    self._note(_answer(connection))
                    left.pop()
        except OSError:  # the receiver was killed, or its database: the same message again, on a new connection
            return

    def _note(self, answer: bytes) -> None:
        acknowledgement = read_acknowledgement(answer)
        if acknowledgement.code == "AE" and acknowledgement.text.startswith("207"):
            raise ConnectionError("not now")
        assert acknowledgement.code == "AA", acknowledgement
        self._acknowledged.put(acknowledgement.control_id.decode())


def _answer(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\x1c\r"):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("closed before the acknowledgement")
        received += piece
    return received[1:-2]

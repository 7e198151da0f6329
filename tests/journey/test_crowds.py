"""A receiver beside many who say nothing, and beside one who does not listen: memory is bounded, the next is served."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.transport.mllp import END, frame
from tests.intake import adt
from tests.ports import free_port

FEW_FILES = 128
IDLE = 600
GROWTH_MIB = 64


@contextmanager
def receiver(data: Path, **settings: str) -> Iterator[tuple[int, int]]:
    """The receive role in a process that begins with few files allowed; its port and process id."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment |= {"HUB_DATA": str(data), "HUB_CONFIG": str(data), "HUB_MLLP_PORT": str(port), **settings}
    command = [
        sys.executable, "-c",
        "import resource; from hub.cli import main;"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({FEW_FILES}, resource.getrlimit(resource.RLIMIT_NOFILE)[1]));"
        "main()", "run", "--only", "receive",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline()
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.communicate(timeout=30)


def acknowledged(port: int, control_id: str) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(frame(adt(control_id)))
        return f"MSA|AA|{control_id}".encode() in connection.recv(65536)


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def test_an_idle_crowd(tmp_path: Path) -> None:
    """Hundreds of connections that say nothing, more than the usual limit of files, stay open and take little, and a
    good sender is served beside them."""
    with receiver(tmp_path) as (port, pid), contextlib.ExitStack() as crowd:
        assert acknowledged(port, "FIRST")
        before = resident_mib(pid)
        idle = [crowd.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(IDLE)]
        assert acknowledged(port, "BESIDE")
        assert resident_mib(pid) - before < GROWTH_MIB
        idle[-1].sendall(frame(adt("LATE")))
        assert b"MSA|AA|LATE" in idle[-1].recv(65536)


def test_a_sender_that_never_reads(tmp_path: Path) -> None:
    """Who sends and sends and takes no answer is held up by TCP, not by memory; others are served meanwhile."""
    piece = b"".join(frame(adt(f"D{n}")) for n in range(200))
    with receiver(tmp_path) as (port, pid), socket.create_connection(("127.0.0.1", port)) as deaf:
        assert acknowledged(port, "FIRST")
        before = resident_mib(pid)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(2)
        sent, end = 0, time.monotonic() + 60
        with contextlib.suppress(TimeoutError):
            while time.monotonic() < end:
                sent += deaf.send(piece)
        assert time.monotonic() < end, "it was never held up"
        assert sent > 1024 * 1024
        assert resident_mib(pid) - before < GROWTH_MIB
        assert acknowledged(port, "BESIDE")


def test_halves_of_large_messages(tmp_path: Path) -> None:
    """Fifty connections that each hold half of a large message cannot make the hub hold them all."""
    half = frame(adt("HALF") + b"NTE|1||" + b"x" * 8 * 1024 * 1024 + END)[:-3]
    with receiver(tmp_path) as (port, pid), contextlib.ExitStack() as crowd:
        assert acknowledged(port, "FIRST")
        for _ in range(50):
            connection = crowd.enter_context(socket.create_connection(("127.0.0.1", port)))
            with contextlib.suppress(OSError):  # cut off
                connection.sendall(half)
        assert resident_mib(pid) < 256 + 2 * GROWTH_MIB + 128
        assert acknowledged(port, "BESIDE")

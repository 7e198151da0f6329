"""Promise P1 on a full disk: what cannot be kept is not acknowledged, and when there is room again all goes on."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from hub.formats.hl7v2 import Acknowledgement, read_acknowledgement
from hub.model import Stream
from hub.services.operations.ledger import ledger
from hub.services.records import raw_message
from hub.services.stages import drain
from hub.settings import load_settings
from hub.transport.mllp import frame
from hub.wiring import open_hub
from tests.crash.cluster import cluster
from tests.intake import adt
from tests.ports import free_port

MEGABYTE = 1024 * 1024
DISK = 64 * MEGABYTE
BALLAST = 48 * MEGABYTE

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], check=False)
    if mount.returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def engine(port: int) -> Iterator["Engine"]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        yield Engine(connection)


class Engine:
    """An interface engine in lock-step, with messages of 100 KB."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, control_id: str) -> Acknowledgement:
        self._connection.sendall(frame(adt(control_id) + b"NTE|1||" + b"x" * 100_000 + b"\r"))
        heard = b""
        while not heard.endswith(b"\x1c\r"):
            piece = self._connection.recv(65536)
            assert piece, "the hub closed the connection"
            heard += piece
        return read_acknowledgement(heard[1:-2])


def test_a_full_disk(disk: Path, tmp_path: Path) -> None:
    """While the disk is full messages are refused with 207, on a connection that stays; with room again the same
    messages are taken, the stages go on by themselves, and the log holds exactly what was acknowledged."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"\0" * BALLAST)
    (tmp_path / "config").mkdir()
    port, data = free_port(), disk / "data"
    acknowledged: list[str] = []
    with cluster(data, tmp_path / "config", port), engine(port) as sending:
        numbers = (f"D{number}" for number in count())
        for refused in numbers:
            if not (answer := sending.send(refused)).accepted:
                break
            acknowledged.append(refused)
        assert (answer.code, answer.text.split()[0]) == ("AE", "207")
        ballast.unlink()
        while not sending.send(refused).accepted:
            pass
        acknowledged.append(refused)
        acknowledged += [number for number, _ in zip(numbers, range(20), strict=False) if sending.send(number).accepted]
    assert len(acknowledged) > 40
    hub = open_hub(load_settings(data=data, config=tmp_path / "config"))
    drain(hub)
    records = [raw_message(record).control_id for record in hub.streams.read(Stream.RAW, 0, -1, 10_000)]
    (row,) = ledger(hub)
    hub.close()
    assert records == acknowledged
    assert (row.balanced, row.converted, row.waiting, row.dead) == (True, len(acknowledged), 0, 0)

"""File systems of their own for tests, that get full or break, and an interface engine that fills them."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.formats.hl7v2 import Acknowledgement, read_acknowledgement
from hub.transport.mllp import frame
from tests.intake import adt

MEGABYTE = 1024 * 1024
PATIENCE_SECONDS = 20.0
"""How long the engine waits for an answer; usual engines wait 10 to 30 seconds."""


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system in memory with so many bytes, at the folder."""
    folder.mkdir()
    _root("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield folder
    finally:
        _root("umount", "--lazy", folder)


class BreakingDisk:
    """An ext4 file system in a file, which the kernel makes read-only at an error, as it does with a failing disk."""

    def __init__(self, folder: Path, size: int = 64 * MEGABYTE) -> None:
        self.folder = folder
        self._images = [folder.with_name("image-1"), folder.with_name("image-2")]
        folder.mkdir()
        with self._images[0].open("wb") as image:
            image.truncate(size)
        _root("mkfs.ext4", "-q", self._images[0])
        self._mount(self._images[0])

    def fail(self) -> None:
        """From now on the disk can only be read; what was open for writing stays open, and fails."""
        source = _root("findmnt", "-n", "-o", "SOURCE", self.folder).strip()
        trigger = Path("/sys/fs/ext4") / Path(source).name / "trigger_fs_error"
        trigger.write_text("a test")

    def renew(self) -> None:
        """Another disk with the same contents takes its place."""
        shutil.copy(*self._images)
        subprocess.run(["e2fsck", "-fy", self._images[1]], check=False, capture_output=True)
        _root("umount", "--lazy", self.folder)
        self._mount(self._images[1])

    def close(self) -> None:
        _root("umount", "--lazy", self.folder)

    def _mount(self, image: Path) -> None:
        _root("mount", "-o", "loop,errors=remount-ro", image, self.folder)


class EngineLink:
    """An interface engine in lock-step; ``size`` bytes of remarks make its messages long."""

    def __init__(self, connection: socket.socket, size: int) -> None:
        self._connection = connection
        self._remarks = b"NTE|1||" + b"x" * size + b"\r"

    def send(self, control_id: str) -> Acknowledgement:
        return self.send_body(adt(control_id))

    def send_body(self, body: bytes) -> Acknowledgement:
        self._connection.sendall(frame(body + self._remarks))
        heard = b""
        while not heard.endswith(b"\x1c\r"):
            piece = self._connection.recv(65536)
            if not piece:
                raise ConnectionError("the hub closed the connection")
            heard += piece
        return read_acknowledgement(heard[1:-2])


@contextmanager
def engine(port: int, size: int = 100_000) -> Iterator[EngineLink]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        yield EngineLink(connection, size)


def _root(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this user may not do this here: {command[0]}: {done.stderr.strip()}")
    return done.stdout

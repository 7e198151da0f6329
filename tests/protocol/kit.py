"""A hub that receives and converts, and one exchange with it over a socket of its own."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from hub.adapters.mllp import Mllp
from hub.model import Stage, Stream
from hub.services.records import raw_message
from hub.services.stages import run_forever
from hub.settings import Feed, PluginUse
from hub.transport.mllp import END
from hub.wiring import open_hub
from tests.intake import opened, receiving
from tests.waiting import PATIENCE_SECONDS

FRAME_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Site:
    """Where the hub listens, and where its data are."""

    port: int
    data: Path


class Log:
    """What the hub has stored, read from its database by another process's means."""

    def __init__(self, site: Site) -> None:
        self._hub = open_hub(opened(site.data).settings)
        self._last = -1

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *_: object) -> None:
        self._hub.close()

    def new(self) -> list[str]:
        """The control ids that were stored since the last look, in their order."""
        records = self._hub.streams.read(Stream.RAW, 0, self._last, 1000)
        self._last = max([self._last, *(record.offset for record in records)])
        return [raw_message(record).control_id for record in records]


@dataclass(frozen=True)
class Heard:
    """What came back: whole frames in order, and whether the hub ended the connection."""

    frames: tuple[bytes, ...]
    closed: bool

    @property
    def codes(self) -> list[str]:
        """``AA M1``, ``AE M2 101 PID-3``: code, control id, and of a refusal its condition and place."""
        return [said_in(frame) for frame in self.frames]


def said_in(frame: bytes) -> str:
    """The code, control id, condition and place of an acknowledgement, in its own field separator."""
    separator = frame[3:4].decode("latin-1")
    segments = {line[:3]: line.split(separator) for line in frame.decode("latin-1").split("\r")}
    msa, err = segments["MSA"], segments.get("ERR", [])
    words = [msa[1], msa[2] if len(msa) > 2 else ""]
    if len(err) > 3:  # as from 2.5
        component = segments["MSH"][1][:1]
        place = [part for part in err[2].split(component)[:4] if part]
        words += [err[3].split(component)[0], *filter(None, ("-".join(place[:1] + place[2:3]),))]
    return " ".join(words)


@contextmanager
def running(data: Path, **options: object) -> Iterator[Site]:
    """A hub with one MLLP feed (``options`` of its adapter), its receiver on uvloop and its convert stage in threads of
    their own."""
    feed = Feed(name="any", adapter=PluginUse(kind="mllp", **options))  # type: ignore[arg-type]
    hub = opened(data, feed, mllp_frame_limit=FRAME_LIMIT)
    ready, stop, ended = threading.Event(), threading.Event(), threading.Event()
    ports: list[int] = []

    async def receive() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Mllp)
            ports.append(adapter.port)
            ready.set()
            await asyncio.to_thread(stop.wait)

    def receive_all() -> None:
        try:
            uvloop.run(receive())
        finally:
            ended.set()
            ready.set()

    threads = [
        threading.Thread(target=receive_all),
        threading.Thread(target=run_forever, args=(hub, Stage.CONVERT, stop)),
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    try:
        yield Site(ports[0], data)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        hub.close()


@contextmanager
def connected(port: int, tls: ssl.SSLContext | None = None, name: str | None = "localhost") -> Iterator[socket.socket]:
    """A connection to the hub, over TLS by that name of it where there is a context."""
    bare = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with tls.wrap_socket(bare, server_hostname=name) if tls else bare as connection:
        yield connection


def exchange(
    port: int,
    *pieces: bytes,
    frames: int = 0,
    to_the_end: bool = False,
    half_close: bool = False,
    tls: ssl.SSLContext | None = None,
) -> Heard:
    """Sends the pieces one after another and listens until so many frames have come or the connection ends; or
    ``to_the_end`` in any case."""
    with connected(port, tls) as connection:
        heard = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while to_the_end or heard.count(END) < frames:
                data = connection.recv(65536)
                if not data:
                    return Heard(_frames(heard), closed=True)
                heard += data
        except (ConnectionResetError, BrokenPipeError):
            return Heard(_frames(heard), closed=True)
        return Heard(_frames(heard), closed=False)


def _frames(data: bytes) -> tuple[bytes, ...]:
    return tuple(part.removeprefix(b"\x0b") for part in data.split(END)[:-1])

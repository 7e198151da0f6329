"""Listening processes for benches: a receiving hub, and what it is held against."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import END


@dataclass(frozen=True, slots=True)
class Served:
    """Another process that listens on ``port``."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """The processor time that it has used so far, in all its threads."""
        words = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """The memory that it holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def serving(target: Callable[..., None], *arguments: Any) -> Iterator[Served]:
    """Runs ``target`` (one of those below) in a process of its own until the end of the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs.send, *arguments))
    process.start()
    theirs.close()
    assert process.pid
    try:
        yield Served(ours.recv(), process.pid)
    finally:
        process.terminate()
        process.join()


def hub(say: Callable[[int], None], folder: str) -> None:
    """What ``hub run --only receive`` runs, with its data and its configuration in the folder."""
    from hub.cli import roles
    from hub.settings import Settings

    settings = Settings(config=Path(folder) / "config", data=Path(folder), mllp_port=0)
    roles.receive(settings, lambda line: say(int(line.rpartition(":")[2])))


def echo(say: Callable[[int], None]) -> None:
    """A loop that answers anything and does nothing else."""
    import uvloop

    class Echo(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport

        def data_received(self, data: bytes) -> None:
            if data.endswith(END):
                self.transport.write(b"\x0bMSH|^~\\&|\rMSA|AA|1\r" + END)

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        server = await loop.create_server(Echo, "127.0.0.1", 0)
        say(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())

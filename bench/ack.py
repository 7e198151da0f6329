"""MLLP in → durable → ACK: messages of 2 KB, lock-step senders on 1, 8 and 64 connections.

Baselines of the same run: bare durable commits of one row in the same kind of database (SQLite, or the one at
``HUB_DATABASE_URL``), and a loop that only echoes.
"""

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

from bench.figures import Figure
from bench.load import END, adt, measure
from hub.settings import Settings
from hub.store.engine import open_engine

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        commits = _bare_commits(Path(folder))
        with _serving(_echo) as port:
            echo = measure(port, 8, SECONDS).rate
        with _serving(_hub, folder) as port:
            one, eight, many = (measure(port, n, SECONDS) for n in (1, 8, 64))
    assert one.refused + eight.refused + many.refused == 0
    commit, bare = "bare commits/s", "bare echo/s, 8 connections"
    return [
        Figure("acknowledged, 1 connection", one.rate, "msg/s", commits, commit),
        Figure("acknowledged, 8 connections", eight.rate, "msg/s", commits, commit, target=8000),
        Figure("acknowledged, 8 connections", eight.rate, "msg/s", echo, bare),
        Figure("acknowledged, 64 connections", many.rate, "msg/s", commits, commit),
        Figure("ack after, median, 8 connections", eight.median_ms, "ms"),
        Figure("ack after, 99 %, 8 connections", eight.p99_ms, "ms", 1000 / commits, "bare commit, ms", 20, True),
        Figure("ack after, 99 %, 64 connections", many.p99_ms, "ms", 1000 / commits, "bare commit, ms"),
    ]


def _bare_commits(folder: Path) -> float:
    """Commits per second of one row with a message."""
    tables = MetaData()
    log = Table("bench_log", tables, Column("n", Integer, primary_key=True), Column("body", LargeBinary))
    engine = open_engine(Settings(data=folder / "bare").main_url, tables)
    body, count, end = adt("1", 1), 0, time.perf_counter() + SECONDS / 2
    with engine.connect() as connection:
        while time.perf_counter() < end:
            connection.execute(insert(log), {"body": body})
            connection.commit()
            count += 1
    tables.drop_all(engine)
    engine.dispose()
    return count / (SECONDS / 2)


@contextmanager
def _serving(target: Callable[..., None], *arguments: Any) -> Iterator[int]:
    """Another process that listens; the port it chose."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, *arguments))
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join()


def _hub(control: Any, folder: str) -> None:
    from hub.services.intake.receive import Receiver
    from hub.settings import Settings
    from hub.wiring import adapters, open_hub

    async def serve() -> None:
        hub = open_hub(Settings(config=Path(folder) / "config", data=Path(folder), mllp_port=0))
        receiver, (adapter,) = Receiver(hub), adapters(hub)
        ready, stop = asyncio.Event(), asyncio.Event()
        asyncio.get_running_loop().add_reader(control.fileno(), stop.set)
        async with asyncio.TaskGroup() as group:
            group.create_task(adapter.serve(receiver, ready, stop))
            await ready.wait()
            control.send(adapter.port)  # type: ignore[attr-defined]
        receiver.close()
        hub.close()

    _run(serve())


def _echo(control: Any) -> None:
    class Echo(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport

        def data_received(self, data: bytes) -> None:
            if data.endswith(END):
                self.transport.write(b"\x0bMSH|^~\\&|\rMSA|AA|1\r" + END)

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(Echo, "127.0.0.1", 0)
        loop.add_reader(control.fileno(), stop.set)
        control.send(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()

    _run(serve())


def _run(main: Any) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)

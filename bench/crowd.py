"""What a good sender has left of its throughput beside others, and over TLS. 8 connections in lock-step, 2 KB.

Each figure is held against the plain one of the same run, measured just before it.
"""

import contextlib
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.load import adt, measure
from bench.serving import hub, serving

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
CONNECTIONS = 8
IDLE, SLOW = 2000, 50
PLAIN = "alone and plain, msg/s"


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, serving(hub, folder) as served:
        alone = measure(served.port, CONNECTIONS, SECONDS).rate
        before = served.resident_mib()
        with _others(_crowd, served.port):
            beside = measure(served.port, CONNECTIONS, SECONDS).rate
            memory = served.resident_mib() - before
    with tempfile.TemporaryDirectory() as folder:
        authority = _secured(Path(folder))
        with serving(hub, folder) as served:
            over_tls = measure(served.port, CONNECTIONS, SECONDS, authority).rate
    return [
        Figure(f"beside {IDLE} idle and {SLOW} slow-loris", beside, "msg/s", alone, PLAIN, 0.9 * alone),
        Figure("memory that these take", memory, "MiB"),
        Figure("over TLS", over_tls, "msg/s", alone, PLAIN, 0.6 * alone),
    ]


def _secured(folder: Path) -> str:
    """Gives the hub of that folder a certificate; the authority's file."""
    from hub.services.operations.tls_dev import make_dev_certificates

    files = make_dev_certificates(folder / "tls", ["localhost"], "bench", datetime.now(UTC) - timedelta(minutes=1))
    feeds = folder / "config" / "feeds"
    feeds.mkdir(parents=True)
    (feeds / "any.yaml").write_text(f"name: any\nadapter: {{kind: mllp, tls: {{certificate: {files.hub}}}}}\n")
    return str(files.authority)


@contextmanager
def _others(target: Callable[..., None], port: int) -> Iterator[None]:
    """Runs ``target`` in a process of its own, ready at the start of the block, until its end."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(port, theirs))
    process.start()
    ours.recv()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _crowd(port: int, ready: Any) -> None:
    """Idle connections, and such as send a byte of a frame a second; who is cut off comes again."""
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(IDLE)]
    slow = {number: (socket.create_connection(("127.0.0.1", port)), 0) for number in range(SLOW)}
    body = adt("slow", 1)
    ready.send(len(idle))
    while True:
        for number, (connection, at) in list(slow.items()):
            with contextlib.suppress(OSError):
                connection.sendall(body[at : at + 1])
                slow[number] = connection, at + 1
                continue
            connection.close()
            slow[number] = socket.create_connection(("127.0.0.1", port)), 0
        time.sleep(1)

"""From the start of ``hub run`` to the first ACK, on an empty data folder.

Baseline of the same run: a Python process that imports what the hub is built on, and ends.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from bench.figures import Figure
from bench.load import adt

RUNS = 3
PATIENCE = 30.0
LIBRARIES = "import fastapi, orjson, pydantic_settings, pypdfium2, sqlalchemy, structlog, typer, uvicorn, uvloop, yaml"


def run() -> list[Figure]:
    bare = _median(_imports)
    return [Figure("hub run to first ACK", _median(_first_ack), "s", bare, "imports only, s", 2.0, less_is_better=True)]


def _median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(RUNS))


def _imports() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    return time.perf_counter() - begun


def _first_ack() -> float:
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
        environment |= {"HUB_DATA": folder, "HUB_MLLP_PORT": str(port), "HUB_HTTP_PORT": "0"}
        command = [sys.executable, "-m", "hub", "run"]
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        try:
            _acknowledged(port, begun + PATIENCE)
            return time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait()


def _acknowledged(port: int, until: float) -> None:
    """Returns when a message was answered with AA."""
    while time.perf_counter() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(adt("first", 1))
                assert b"MSA|AA|first" in connection.recv(4096)
                return
        except ConnectionRefusedError:
            time.sleep(0.005)
    raise TimeoutError("the hub did not answer")

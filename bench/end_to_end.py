"""MLLP in → converted → routed → in the inbox: 80 % ADT, 20 % ORU with 10 to 40 OBX, through ``hub run`` as it is.

All messages are sent as fast as they are acknowledged, over 8 connections; the clock stops when the last notice is
in its inbox. Memory is what the processes have for themselves and their share of what they have in common (PSS).
Baseline of the same run: the same messages converted and dumped as JSON, one after another in one process.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import orjson
import yaml

from bench.figures import Figure
from hub.formats.hl7v2 import patient_key, read_header
from hub.mappers import convert
from hub.services.context import Hub
from hub.services.conversion.files import messages_in
from hub.services.operations.ledger import ledger
from hub.services.operations.progress import backlog
from hub.services.practice.panels import load
from hub.settings import load_settings
from hub.simulator import PRACTICES, panel_csv, simulate
from hub.transport.mllp import frame
from hub.wiring import open_hub

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "20000"))
SEED, DAY, CONNECTIONS = 7, date(2026, 3, 2), 8
ORU_SHARE = 5  # one in five
LOOK_SECONDS = 0.5


def run() -> list[Figure]:
    patients = MESSAGES // 6
    bodies = list(islice(_mix(patients), MESSAGES))
    with tempfile.TemporaryDirectory() as folder:
        hub = _site(Path(folder), patients)
        converted = _converting(hub, bodies[:3000])
        with _running(hub) as (port, supervisor):
            memory = Memory(supervisor)
            start = time.perf_counter()
            _send(port, bodies)
            sent = time.perf_counter() - start
            while any(backlog(hub).values()):
                time.sleep(LOOK_SECONDS)
                memory.look()
            took = time.perf_counter() - start
        rows = ledger(hub)
        assert sum(row.converted for row in rows) == len(bodies), rows
        hub.close()
    alone = "converting alone, one process, msg/s"
    return [
        Figure(f"acknowledged while all stages run ({len(bodies):,} messages)", len(bodies) / sent, "msg/s"),
        Figure("end to end", len(bodies) / took, "msg/s", converted, alone, 800),
        Figure("memory of all processes, highest", memory.highest, "MB", memory.first, "after a tenth, MB", 400, True),
    ]


class Memory:
    """The memory of a process and its children, in MB: at the first look, and the highest."""

    def __init__(self, supervisor: int) -> None:
        self._supervisor = supervisor
        self.first = self.highest = 0.0

    def look(self) -> None:
        children = Path(f"/proc/{self._supervisor}/task/{self._supervisor}/children").read_text().split()
        total = sum(_pss(int(pid)) for pid in [*children, str(self._supervisor)]) / 1024
        self.first = self.first or total
        self.highest = max(self.highest, total)


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("Pss:")).split()[1])


def _mix(patients: int) -> Iterator[bytes]:
    """Four ADT and one ORU after another, each kind in the order of its day."""
    kinds: dict[str, list[bytes]] = {"ADT": [], "ORU": []}
    for message in simulate(SEED, patients, DAY):
        waiting = kinds.get(message.kind[:3])
        if waiting is not None:
            waiting.append(message.body)
        if len(kinds["ADT"]) >= ORU_SHARE - 1 and kinds["ORU"]:
            yield from kinds["ADT"][: ORU_SHARE - 1]
            yield kinds["ORU"][0]
            del kinds["ADT"][: ORU_SHARE - 1], kinds["ORU"][0]


def _site(folder: Path, patients: int) -> Hub:
    """A hub with three practices and their panels."""
    (folder / "config" / "practices").mkdir(parents=True)
    for practice in PRACTICES:
        clinicians = [{"npi": c.npi, "name": f"Dr. {c.family}"} for c in practice.clinicians]
        content = {"id": practice.id, "name": practice.name, "clinicians": clinicians}
        (folder / "config" / "practices" / f"{practice.id}.yaml").write_text(yaml.safe_dump(content))
    hub = open_hub(load_settings(config=folder / "config", data=folder / "var"))
    load(hub, panel_csv(SEED, patients, DAY), "panel.csv")
    return hub


def _converting(hub: Hub, bodies: Sequence[bytes]) -> float:
    """Messages per second of the conversion alone."""
    feed, folder = hub.site.feed("any"), hub.settings.data / "bodies"
    folder.mkdir()
    for number, body in enumerate(bodies):
        (folder / f"{number:06}.hl7").write_bytes(body)
    raws = [raw for file in sorted(folder.iterdir()) for _, raw in messages_in(file, feed, hub.clock.now())]
    start = time.perf_counter()
    for raw in raws:
        orjson.dumps(convert(raw, feed).bundle)
    return len(raws) / (time.perf_counter() - start)


class _running:  # noqa: N801 - used as a statement
    """``hub run`` without the console, until the end of the block; gives the MLLP port and the supervisor's pid."""

    def __init__(self, hub: Hub) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        own = {"HUB_DATA": str(hub.settings.data), "HUB_CONFIG": str(hub.settings.config)}
        ports = {"HUB_MLLP_PORT": str(self._port), "HUB_HTTP_PORT": "0", "HUB_LOG_LEVEL": "error"}
        command = [sys.executable, "-m", "hub", "run"]
        self._process = subprocess.Popen(command, env={**os.environ, **own, **ports}, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> tuple[int, int]:
        assert self._process.stdout
        next(line for line in self._process.stdout if "MLLP" in line)
        return self._port, self._process.pid

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate()


def _send(port: int, bodies: Sequence[bytes]) -> None:
    """Lock-step senders; all messages of a patient over the same connection."""
    lanes: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
    for body in bodies:
        lanes[zlib.crc32(patient_key(body, read_header(body)).encode()) % CONNECTIONS].append(frame(body))
    threads = [threading.Thread(target=_lock_step, args=(port, lane)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _lock_step(port: int, frames: Sequence[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for one in frames:
            connection.sendall(one)
            answer = b""
            while not answer.endswith(b"\x1c\r"):
                answer += connection.recv(65536)
            assert b"MSA|AA|" in answer

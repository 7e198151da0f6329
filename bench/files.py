"""``hub convert``: how long the first message takes, and how much memory many files do.

Each file holds another message, of so many patients that what is remembered of them is forgotten again;
``BENCH_FILES`` says how many (100,000 take a while). Baselines of the same run: a Python process that imports what the
hub is built on, and a tenth of the files.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import cycle, islice
from pathlib import Path

from bench.figures import Figure
from hub.simulator import simulate

RUNS = 5
MANY = int(os.environ.get("BENCH_FILES", "10000"))
FEW = MANY // 10
SEED, PATIENTS, DAY = 7, MANY // 8, date(2026, 3, 2)
LIBRARIES = "import orjson, pydantic_settings, rich, structlog, typer, yaml"
MEBIBYTE = 1024 * 1024


def run() -> list[Figure]:
    bodies = [message.body for message in simulate(SEED, PATIENTS, DAY)]
    with tempfile.TemporaryDirectory() as name:
        few, many = (_folder(Path(name) / str(count), bodies, count) for count in (FEW, MANY))
        bare = _median(["-c", LIBRARIES])
        first = _median(["-m", "hub", "convert", str(few / "000000.hl7")])
        least, most = _memory(few), _memory(many)
    return [
        Figure("import and first conversion", first, "s", bare, "imports only, s", 0.7, less_is_better=True),
        Figure(f"memory for {MANY:,} files", most, "MiB", least, f"{FEW:,} files, MiB", 300, less_is_better=True),
    ]


def _folder(folder: Path, bodies: list[bytes], count: int) -> Path:
    folder.mkdir()
    for number, body in enumerate(islice(cycle(bodies), count)):
        (folder / f"{number:06}.hl7").write_bytes(body)
    return folder


def _median(arguments: list[str]) -> float:
    """Seconds of a Python process from its start to its end."""
    seconds = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def _memory(folder: Path) -> float:
    """The most that converting the folder had in memory."""
    command = [sys.executable, "-m", "hub", "convert", "--format", "ndjson", str(folder)]
    pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=[_to_nowhere()])
    _, status, used = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "hub convert failed"
    return used.ru_maxrss * _UNIT / MEBIBYTE


def _to_nowhere() -> tuple[int, int, str, int, int]:
    return (os.POSIX_SPAWN_OPEN, sys.stdout.fileno(), os.devnull, os.O_WRONLY, 0)


_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes of what ``ru_maxrss`` counts."""

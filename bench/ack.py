"""MLLP in → durable → ACK: messages of 2 KB, lock-step senders on 1, 8 and 64 connections.

Baselines of the same run: bare durable commits of one row in the same kind of database (SQLite, or the one at
``HUB_DATABASE_URL``), and a loop that only echoes. The load generator takes one of the processors, so beside each rate
stands what the receiver itself used of its own.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

from bench.figures import Figure
from bench.load import Load, adt, measure
from bench.serving import Served, echo, hub, serving
from hub.settings import Settings
from hub.store.engine import open_engine

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))

COMMITS = "bare commits/s"
LEAST_IN_LOCK_STEP = 1000
OF_BARE_COMMITS = 0.8


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        commits = _bare_commits(Path(folder))
        with serving(echo) as served:
            bare = measure(served.port, 8, SECONDS).rate
        with serving(hub, folder) as served:
            loads = {connections: _loaded(served, connections) for connections in (1, 8, 64)}
    return [*_rates(loads, commits, bare), *_delays(loads, commits)]


def _loaded(served: Served, connections: int) -> tuple[Load, float]:
    """A load, and the microseconds of processor time that the receiver spent on one of its messages."""
    before = served.cpu_seconds()
    load = measure(served.port, connections, SECONDS)
    assert load.refused == 0
    return load, (served.cpu_seconds() - before) / load.count * 1e6


def _rates(loads: dict[int, tuple[Load, float]], commits: float, bare: float) -> Iterator[Figure]:
    targets = {1: min(LEAST_IN_LOCK_STEP, OF_BARE_COMMITS * commits), 8: 10_000.0, 64: None}
    for connections, (load, cpu) in loads.items():
        name = f"acknowledged, {connections} connection{'s' if connections > 1 else ''}"
        yield Figure(name, load.rate, "msg/s", commits, COMMITS, targets[connections])
        yield Figure(f"{name}, the receiver's processor", cpu, "µs/msg")
    yield Figure("acknowledged, 8 connections", loads[8][0].rate, "msg/s", bare, "bare echo/s, 8 connections")


def _delays(loads: dict[int, tuple[Load, float]], commits: float) -> Iterator[Figure]:
    commit = 1000 / commits, "bare commit, ms"
    yield Figure("ack after, median, 8 connections", loads[8][0].median_ms, "ms", *commit)
    yield Figure("ack after, 99 %, 8 connections", loads[8][0].p99_ms, "ms", *commit, 10, True)
    yield Figure("ack after, 99 %, 64 connections", loads[64][0].p99_ms, "ms", *commit, 10, True)


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

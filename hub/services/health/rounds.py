"""What a process does every few seconds beside its work: a thread, and jobs that may fail without harm."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from hub.errors import TransientError
from hub.services.context import Hub
from hub.services.health.alive import Alive
from hub.services.health.watch import Watch

ROUND_SECONDS = 10.0

PATIENCE_SECONDS = 3.0
"""A round that is under way may take so long when the process ends."""

WATCHING = ("deliver", "web")
"""The roles that watch the feeds, one process for all: those that have time, and none that answers senders."""

log = structlog.get_logger()


@contextmanager
def rounds(hub: Hub, role: str) -> Iterator[Alive]:
    """Says that the process lives, hands on what others could not, and watches the feeds where it is its turn, until
    the end of the block."""
    alive = Alive(hub, role)
    watch = Watch(hub, alive.instance) if role in WATCHING else None
    jobs = [alive.beat, hub.streams.flush, *([watch.look] if watch else [])]
    stop = threading.Event()
    thread = threading.Thread(target=_go_round, args=(jobs, stop), name="rounds", daemon=True)
    thread.start()
    try:
        yield alive
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
        _carefully(alive.end)


def _go_round(jobs: list[Callable[[], None]], stop: threading.Event) -> None:
    while True:
        for job in jobs:
            _carefully(job)
        if stop.wait(ROUND_SECONDS):
            return


def _carefully(job: Callable[[], None]) -> None:
    try:
        job()
    except TransientError:  # the database is away for now; whoever asks for readiness sees that
        return
    except Exception:
        log.exception("round failed", job=getattr(job, "__qualname__", ""))

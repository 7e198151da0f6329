"""One process per role, started by fork from a process that has loaded everything and runs one thread.

A role that dies is started again after a pause that doubles; one that was never ready ends the whole run, because
it would fail in the same way again (a port that is taken, a wrong setting). When the supervisor itself dies, each
role sees its end of a pipe close and stops too, so that nothing is left behind.
"""

import contextlib
import gc
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn, TypeAlias

import structlog

from hub.cli.failing import EXIT_UNEXPECTED, failed

Announce: TypeAlias = Callable[[str], None]
"""Called by a role, once it is ready, with the line that says so."""

Role: TypeAlias = Callable[[Announce], None]
"""Runs until SIGTERM and finishes what is under way."""

GRACE_SECONDS = 10.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LOOK_SECONDS = 0.05
STEADY_SECONDS = 60.0
"""Who ran so long is not failing again and again: the next pause is the first."""

STOPPING = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


def announce(line: str) -> None:
    """Prints the line in one piece, so that the lines of several processes do not mix."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(slots=True)
class _Child:
    name: str
    role: Role
    slot: int
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    failures: int = 0


class Supervisor:
    """Keeps the roles running until SIGTERM or SIGINT; a second signal ends them at once."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self._children = [_Child(name, role, slot) for slot, (name, role) in enumerate(roles.items())]
        self._ready = mmap.mmap(-1, len(self._children))  # shared with the roles: 1 where one has been ready
        self._leash = os.pipe()
        self._status = 0
        self._deadline = 0.0  # when patience ends; 0 while running

    def run(self) -> int:
        """Returns the exit status: 0 after a signal, else that of the role that could not start."""
        for number in STOPPING:
            signal.signal(number, self._on_signal)
        gc.collect()
        gc.freeze()  # what is loaded stays shared between the processes
        while not self._deadline or any(child.pid for child in self._children):
            for child in self._children:
                self._look_after(child)
            if self._deadline and time.monotonic() > self._deadline:
                self._send(signal.SIGKILL)
            time.sleep(LOOK_SECONDS)
        return self._status

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        if self._deadline:
            self._send(signal.SIGKILL)
        else:
            self._stop()

    def _stop(self) -> None:
        self._deadline = time.monotonic() + GRACE_SECONDS
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        for child in self._children:
            if child.pid:
                with contextlib.suppress(ProcessLookupError):  # gone, and about to be noticed
                    os.kill(child.pid, number)

    def _look_after(self, child: _Child) -> None:
        if child.pid:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid:
                child.pid = 0
                self._on_end(child, os.waitstatus_to_exitcode(status))
        elif not self._deadline and time.monotonic() >= child.due:
            self._start(child)

    def _on_end(self, child: _Child, status: int) -> None:
        if self._deadline:
            return
        if not self._ready[child.slot]:
            self._status = status if status > 0 else EXIT_UNEXPECTED
            self._stop()
            return
        now = time.monotonic()
        child.failures = 0 if now - child.started > STEADY_SECONDS else child.failures + 1
        pause = min(FIRST_PAUSE * 2**child.failures, LONGEST_PAUSE)
        child.due = now + pause
        log.error("a role died and is started again", role=child.name, status=status, pause_seconds=pause)

    def _start(self, child: _Child) -> None:
        # A signal between the fork and the note of the pid would miss the new child: it is held back until then.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        pid = os.fork()
        if pid == 0:
            self._become(child)
        child.pid, child.started = pid, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)

    def _become(self, child: _Child) -> NoReturn:
        status = EXIT_UNEXPECTED
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor passes it on
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            read_end, write_end = self._leash
            os.close(write_end)
            threading.Thread(target=_follow_supervisor, args=(read_end,), daemon=True).start()
            status = _run(child.role, lambda line: self._on_ready(child, line))
        finally:
            os._exit(status)

    def _on_ready(self, child: _Child, line: str) -> None:
        self._ready[child.slot] = 1
        announce(line)


def _run(role: Role, on_ready: Announce) -> int:
    try:
        role(on_ready)
    except Exception as error:  # noqa: BLE001 - whatever it is, the supervisor learns it by the status
        return failed(error)
    return 0


def _follow_supervisor(leash: int) -> None:
    os.read(leash, 1)  # returns only when the supervisor, which alone holds the other end, is gone
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(EXIT_UNEXPECTED)

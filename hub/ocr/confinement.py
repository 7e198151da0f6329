"""Reading what strangers send: in processes of their own with limits, so that no document takes a stage down with it.

A program is a module that first calls ``confine_memory`` and then reads documents from its standard input; it writes
JSON to standard output. Nothing that a document says ends up in an error.
"""

import os
import select
import subprocess
import sys
import time
import weakref
from typing import Any

import orjson

from hub.errors import Unreadable

CPU_SECONDS = 20
WALL_SECONDS = 60.0
MEMORY = 1024 * 1024 * 1024
"""Bytes of address space."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")


def confined(module: str, body: bytes, cpu_seconds: int = CPU_SECONDS) -> Any:
    """What the module says of the document. Raises ``Unreadable`` when it runs out of its limits or breaks."""
    command = [sys.executable, "-m", module, str(cpu_seconds)]
    try:
        done = subprocess.run(command, input=body, capture_output=True, timeout=WALL_SECONDS, check=False)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired:
        raise _too_costly() from None
    if done.returncode:
        raise _too_costly()
    return orjson.loads(done.stdout)


class Worker:
    """A confined program that lives on between documents, for what is slow to start. One job at a time; a program that
    runs out of its limits is replaced with the next job."""

    def __init__(self, module: str, memory: int = MEMORY, wall_seconds: float = WALL_SECONDS) -> None:
        self._command = [sys.executable, "-m", module, str(memory)]
        self._wall_seconds = wall_seconds
        self._program: subprocess.Popen[bytes] | None = None

    def ask(self, job: dict[str, Any], body: bytes) -> Any:
        """The program's answer. Raises ``Unreadable`` when it runs out of its limits or breaks."""
        program = self._running()
        assert program.stdin
        assert program.stdout
        try:
            program.stdin.write(orjson.dumps(job | {"size": len(body)}) + b"\n" + body)
            program.stdin.flush()
            said = _line(program.stdout.fileno(), time.monotonic() + self._wall_seconds)
        except BrokenPipeError:
            said = b""
        if not said:
            self.close()
            raise _too_costly()
        return orjson.loads(said)

    def close(self) -> None:
        """Ends the program."""
        if self._program:
            _end(self._program)
            self._program = None

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._program is None or self._program.poll() is not None:
            self.close()
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self._program = subprocess.Popen(self._command, env={**os.environ, **_ONE_THREAD}, **pipes)  # type: ignore[call-overload]  # noqa: S603 - our own module
            weakref.finalize(self, _end, self._program)
        return self._program


def confine_memory(memory: int = MEMORY) -> None:
    """Sets the limit of memory of this process; Windows has none."""
    if resource := _resource():
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_cpu(seconds: int) -> None:
    """From now on this process may take that many seconds of processor time; then the system ends it."""
    if resource := _resource():
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _end(program: "subprocess.Popen[bytes]") -> None:
    program.kill()
    program.communicate()


def _resource() -> Any:
    try:
        import resource
    except ImportError:
        return None
    return resource


def _line(file: int, until: float) -> bytes:
    """One line of what a program writes; empty when it ends or the time is over before that."""
    parts: list[bytes] = []
    while (left := until - time.monotonic()) > 0 and select.select([file], [], [], left)[0]:
        part = os.read(file, 1 << 20)
        if not part:
            break
        parts.append(part)
        if part.endswith(b"\n"):
            return b"".join(parts)
    return b""


def _too_costly() -> Unreadable:
    return Unreadable("the document takes more time or memory to read than any should", code="too-costly")

"""Reading what strangers send: in a process of its own with limits, so that no document takes a stage down with it.

The program is a module that reads the document from standard input and writes JSON to standard output. It calls
``confine_myself`` first. Nothing that the document says ends up in an error.
"""

import subprocess
import sys
from typing import Any

import orjson

from hub.errors import Unreadable

CPU_SECONDS = 20
WALL_SECONDS = 60.0
MEMORY = 1024 * 1024 * 1024
"""Bytes of address space."""


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


def confine_myself(cpu_seconds: int) -> None:
    """Sets the limits of this process; Windows has none."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _too_costly() -> Unreadable:
    return Unreadable("the document takes more time or memory to read than any should", code="too-costly")

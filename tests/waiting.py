"""Waiting for what another process or thread does, where nothing tells of it: the only place where tests look again and
again. What waits for an event, a line of output or the end of a process waits for that."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE_SECONDS = 60.0
"""Long: a busy machine is slow, and who waits for what does not come fails in any case."""

LOOK_SECONDS = 0.005

SELDOM_SECONDS = 0.2
"""Looking again and again shall not keep busy whom it waits for: it becomes rarer down to this."""

T = TypeVar("T")


def until(condition: Callable[[], T], told: Callable[[], object] = lambda: "", patience: float = PATIENCE_SECONDS) -> T:
    """What the condition says as soon as that is true; ``told`` is what a failure says of how it stood in the end."""
    end = time.monotonic() + patience
    pause = LOOK_SECONDS
    while not (found := condition()):
        _not_over(end, told)
        time.sleep(pause)
        pause = min(pause * 1.5, SELDOM_SECONDS)
    return found


async def until_true(condition: Callable[[], T | Awaitable[T]]) -> T:
    """The same on an event loop, for a condition that may itself have to wait."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = condition()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        _not_over(end)
        await asyncio.sleep(LOOK_SECONDS)


def _not_over(end: float, told: Callable[[], object] = lambda: "") -> None:
    assert time.monotonic() < end, f"it did not come in time: {told()}"

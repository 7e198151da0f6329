"""A fair lock between the processes that write to one SQLite file.

SQLite waits for its write lock by looking again after growing pauses, so a process that waits is overtaken again and
again by those that come just then: with three busy stages one waits seconds for its turn. Here the kernel wakes the
next one at once. Two locks make it fair: whoever is next holds the first one while waiting for the second, so that a
process which has just written cannot slip in before it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]


@contextmanager
def turn(database: Path) -> Iterator[None]:
    """Waits for this process's turn to write. Not reentrant; a process that dies gives up its turn."""
    if fcntl is None:
        yield
        return
    next_one = _open(database, "next")
    writer = _open(database, "writer")
    try:
        fcntl.flock(next_one, fcntl.LOCK_EX)
        fcntl.flock(writer, fcntl.LOCK_EX)
        fcntl.flock(next_one, fcntl.LOCK_UN)
        yield
    finally:  # closing gives both locks up
        os.close(writer)
        os.close(next_one)


def _open(database: Path, name: str) -> int:
    return os.open(database.with_name(f"{database.name}-{name}"), os.O_CREAT | os.O_RDWR, 0o600)

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

from hub.errors import StoreBusy

try:
    import fcntl
except ImportError:  # Windows: SQLite's own waiting has to do
    fcntl = None  # type: ignore[assignment]


@contextmanager
def turn(database: Path) -> Iterator[None]:
    """Waits for this process's turn to write. Not reentrant; a process that dies gives up its turn.

    Raises ``StoreBusy`` where the files of the locks cannot be opened (a disk that is full or read-only)."""
    if fcntl is None:
        yield
        return
    with _opened(database, "next") as next_one, _opened(database, "writer") as writer:  # closing gives both locks up
        fcntl.flock(next_one, fcntl.LOCK_EX)
        fcntl.flock(writer, fcntl.LOCK_EX)
        fcntl.flock(next_one, fcntl.LOCK_UN)
        yield


@contextmanager
def _opened(database: Path, name: str) -> Iterator[int]:
    file = database.with_name(f"{database.name}-{name}")
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreBusy(f"{file.name}: {error.strerror}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)

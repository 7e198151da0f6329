"""The files that a command is given, in the order of its arguments and within folders by name."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.errors import NotFound

STDIN = "-"


def files(paths: Sequence[str]) -> Iterator[Path]:
    """The files behind the paths; hidden ones in folders are left out. Raises ``NotFound``."""
    for name in paths:
        path = Path(name)
        if name == STDIN:
            yield path
        elif path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        elif path.exists():
            yield path
        else:
            raise NotFound(f"{name}: no such file or folder")


def read(path: Path) -> bytes:
    """The bytes of a file, or of standard input for ``-``."""
    return sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()


def label(path: Path) -> str:
    """How a file is named to the person."""
    return "standard input" if str(path) == STDIN else str(path)

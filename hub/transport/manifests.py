"""Files that list others, in the form of ``sha256sum``: a line for each, its SHA-256 and its name (``*`` before the
name says that it was read as bytes), between them the size in bytes where the sender states it."""

import re
from pathlib import Path

from hub.errors import Unreadable

_LONGEST = 1024 * 1024
_LINE = re.compile(r"(?P<said>[0-9A-Fa-f]{64}(?:[ \t]+\d{1,19}(?=[ \t]))?)[ \t]+\*?(?P<name>\S.*)")


def read_manifest(file: Path) -> dict[str, str]:
    """The names that a manifest lists, each with what is said of it. Raises ``Unreadable`` for one that lists nothing,
    or another file than those beside it, and ``OSError``."""
    if file.stat().st_size > _LONGEST:
        raise Unreadable(f"a manifest has at most {_LONGEST} bytes")
    listed: dict[str, str] = {}
    for number, line in enumerate(file.read_bytes().decode("utf-8", "surrogateescape").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.rstrip())
        if not found or found["name"] in listed or found["name"] in (".", "..", file.name) or "/" in found["name"]:
            raise Unreadable(f"line {number} is not the SHA-256 and the name of one file beside it")
        listed[found["name"]] = found["said"]
    if not listed:
        raise Unreadable("it lists no file")
    return listed

"""Bytes in any pieces → decoded lines that remember the bytes they were, in constant memory."""

import codecs
import re
from collections import deque
from collections.abc import Iterator

from hub.errors import Unreadable

LINE_LIMIT = 1024 * 1024
"""Bytes of one physical line; more is not a table."""

ROW_LINES = 100
"""Physical lines that one row may span; an unclosed quote costs no more than this."""

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


def without_mark(pieces: Iterator[bytes], declared: str) -> tuple[Iterator[bytes], str]:
    """The bytes without a byte order mark and their charset; UTF-16 comes out as UTF-8, whose lines end in bytes."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= len(codecs.BOM_UTF8):
            break
    rest = _chain(start, pieces)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _codec(declared).startswith("utf-16"):
        return _from_utf16(rest, "utf-16" if start[:1] in (b"\xff", b"\xfe") else _codec(declared)), "utf-8"
    if start.startswith(codecs.BOM_UTF8):
        return _chain(start[len(codecs.BOM_UTF8) :], pieces), "utf-8"
    # ASCII is what a feed says that declares nothing; UTF-8 reads it and more, and refuses everything else.
    return rest, "utf-8" if _codec(declared) == "ascii" else _codec(declared)


def _codec(charset: str) -> str:
    try:
        return codecs.lookup(charset).name
    except LookupError:
        raise Unreadable(f"the feed's charset {charset!r} is not known") from None


def _chain(start: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from pieces


def _from_utf16(pieces: Iterator[bytes], charset: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(charset)()
    try:
        for piece in pieces:
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise Unreadable(f"the file is not valid {charset.upper()}") from None


def physical_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Lines with their ends (CR LF, LF or CR)."""
    rest = b""
    for piece in pieces:
        start = 0
        rest += piece
        for end in _LINE_END.finditer(rest):
            yield rest[start : end.end()]
            start = end.end()
        rest = rest[start:]
        if len(rest) > LINE_LIMIT:
            raise Unreadable(f"a line is longer than {LINE_LIMIT} bytes")
    if rest:
        yield rest


class LineError(Exception):
    """The line at hand cannot belong to a row."""


class Lines:
    """Decoded lines for the CSV reader, which keep the bytes of the row at hand and can be put back."""

    def __init__(self, lines: Iterator[bytes], charset: str) -> None:
        self._lines = lines
        self._charset = charset
        self._again: deque[bytes] = deque()
        self.number = 0
        self.taken: list[bytes] = []

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) == ROW_LINES:
            raise LineError(f"a quote is not closed within {ROW_LINES} lines")
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        self.taken.append(line)
        try:
            return line.decode(self._charset)
        except UnicodeDecodeError as error:
            raise LineError(f"byte {error.start + 1} is not valid {self._charset.upper()}") from None

    def skip(self, count: int) -> None:
        """The next ``count`` physical lines are not read."""
        for _ in range(count):
            if next(self._lines, None) is not None:
                self.number += 1

    def text_of(self, raw: bytes) -> str:
        """Bytes of a row as text, or nothing when they are not in the charset."""
        try:
            return raw.decode(self._charset).rstrip("\r\n")
        except UnicodeDecodeError:
            return ""

    def begin(self) -> None:
        """A new row starts."""
        self.taken = []

    def keep_first(self) -> None:
        """Only the first line belongs to the row; the others come again."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]

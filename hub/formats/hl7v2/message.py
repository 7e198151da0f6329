"""A message as its segments; what is in them is split and decoded only where someone looks."""

import re
from functools import lru_cache

from hub.errors import Unreadable
from hub.formats.hl7v2.charset import BOM, decode
from hub.formats.hl7v2.controls import has_controls, without_controls
from hub.formats.hl7v2.delimiters import Delimiters, read_delimiters
from hub.formats.hl7v2.segment import NULL, HeaderSegment, Segment, Syntax, syntax_of

_NAME = re.compile("[A-Z][A-Z0-9]{2}")


class Message:
    """A message whose segments are known; the rest is split on demand."""

    __slots__ = ("_by_name", "_kind", "segments", "syntax")

    def __init__(self, segments: list[Segment], by_name: dict[str, list[Segment]], syntax: Syntax) -> None:
        self.segments = segments
        self._by_name = by_name
        self.syntax = syntax
        self._kind = segments[0][9].first

    @property
    def delimiters(self) -> Delimiters:
        """What MSH-1 and MSH-2 declare."""
        return self.syntax.delimiters

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        found = self._by_name.get(name)
        return found[0] if found else None

    def all(self, name: str) -> list[Segment]:
        """All segments of that name, in order."""
        return list(self._by_name.get(name, ()))

    @property
    def type(self) -> str:
        """MSH-9.1 (``ADT``)."""
        return self._kind[1]

    @property
    def trigger(self) -> str:
        """MSH-9.2 (``A01``); in old messages EVN-1 may be all that says it."""
        stated = self._kind[2]
        if stated:
            return stated
        event = self.first("EVN")
        return event[1].text if event else ""

    @property
    def structure(self) -> str:
        """MSH-9.3 (``ADT_A01``)."""
        return self._kind[3]

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return self.segments[0][10].first.text


def parse(data: bytes, default_charset: str = "ascii") -> Message:
    """One message from its bytes. ``default_charset`` is the feed's, for an empty MSH-18.

    Segments may end in CR, LF or CRLF, mixed; blank lines, a missing last terminator and a byte order mark are fine.
    Control characters are blanks.
    Raises ``Unreadable`` when there is no usable header, when the bytes are not what MSH-18 says, and when there is
    a second MSH (two messages are never taken for one).
    """
    data = strip_start(data)
    if not data.startswith(b"MSH"):
        raise Unreadable("a message begins with an MSH segment", code="100", path="MSH")
    delimiters = read_delimiters(data)
    text, codec = decode(data, declared_charset(data, delimiters), default_charset)
    return _message(without_controls(text) if has_controls(data) else text, syntax_of(delimiters, codec))


def strip_start(data: bytes) -> bytes:
    """Without byte order mark and blank lines before the header."""
    return data if data.startswith(b"MSH") else data.removeprefix(BOM).lstrip(b"\r\n")


def declared_charset(data: bytes, delimiters: Delimiters) -> str:
    """MSH-18, all repetitions, with ``~`` between them."""
    fields = first_line(data).split(delimiters.field.encode(), 18)
    declared = fields[17].decode("latin-1").strip() if len(fields) > 17 else ""
    return "" if declared == NULL else declared.replace(delimiters.repetition, "~")


def first_line(data: bytes) -> bytes:
    """The first segment's bytes."""
    end = data.find(b"\r")  # nothing is copied but the segment: a message may be of megabytes
    head = data[:end] if end >= 0 else data
    return head.partition(b"\n")[0] if b"\n" in head else head


def _message(text: str, syntax: Syntax) -> Message:
    by_name: dict[str, list[Segment]] = {}
    segments: list[Segment] = []
    for line in _lines(text, syntax.field):
        name = line[:3]
        alike = by_name.setdefault(name, [])
        kind = HeaderSegment if name == "MSH" else Segment
        segment = kind(line, name, len(alike) + 1, len(segments) + 1, syntax)
        alike.append(segment)
        segments.append(segment)
    if len(by_name["MSH"]) > 1:
        raise Unreadable("a second message begins within the message", code="100", path="MSH[2]")
    return Message(segments, by_name, syntax)


def _lines(text: str, separator: str) -> list[str]:
    """The segments as text. A line that does not begin as a segment does continues the one before: senders put bare
    line breaks into the text of a result."""
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    begins = (separator, "")
    lines: list[str] = []
    continued: dict[int, list[str]] = {}
    for line in text.split("\r"):
        if line[3:4] in begins and _is_name(line[:3]):
            lines.append(line)
        elif line and not line.isspace():
            continued.setdefault(len(lines) - 1, []).append(line)
    for at, more in continued.items():  # joined once: line by line, a long text would be copied as often
        lines[at] = "\n".join((lines[at], *more))
    return lines


@lru_cache(maxsize=256)
def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))

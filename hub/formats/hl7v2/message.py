"""A message as its segments, fields, repetitions and components; split and decoded only where someone looks.

Paths are written ``PID-3[2].4``: segment, field, repetition, component, all from 1; ``OBX[2]-5`` is field 5 of the
second OBX of the message.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from hub.errors import Unreadable
from hub.formats.hl7v2.charset import BOM, decode
from hub.formats.hl7v2.delimiters import Delimiters, read_delimiters
from hub.formats.hl7v2.escapes import unescape

_NAME = re.compile("[A-Z][A-Z0-9]{2}")

NULL = '""'
"""The explicit null: the sender deletes the value."""


class Syntax:
    """How the text of one message is to be read: its delimiters one by one, and the codec of its hex escapes."""

    __slots__ = ("codec", "component", "delimiters", "escape", "repetition", "subcomponent", "within")

    def __init__(self, delimiters: Delimiters, codec: str) -> None:
        self.delimiters = delimiters
        self.component = delimiters.component
        self.repetition = delimiters.repetition
        self.escape = delimiters.escape
        self.subcomponent = delimiters.subcomponent
        self.within = self.component + self.repetition + self.subcomponent
        self.codec = codec

    def decoded(self, raw: str) -> str:
        """The text of one value; the explicit null is no text."""
        if self.escape and self.escape in raw:
            return unescape(raw, self.delimiters, self.codec)
        return "" if raw == NULL else raw


_LITERAL = Syntax(Delimiters(field="", component="\0", repetition="\0", escape="", subcomponent=""), "ascii")
"""MSH-1 and MSH-2 are made of delimiters and are never split or decoded."""

_NO_VALUE = frozenset(("", NULL))


class Repetition:
    """One repetition of a field: ``rep[4]`` is the text of component 4, ``""`` where there is none.

    Falsy when it holds no value: empty, only delimiters, or the explicit null.
    """

    __slots__ = ("_field", "_parts", "_syntax", "number", "raw")

    def __init__(self, raw: str, number: int, field: "Field", syntax: Syntax) -> None:
        self.raw = raw
        self.number = number
        self._field = field
        self._syntax = syntax
        self._parts: list[str] | None = None

    def __bool__(self) -> bool:
        return self.raw.strip(self._syntax.within) not in _NO_VALUE

    def __len__(self) -> int:
        """The number of components."""
        return len(self._parts or self._split()) - 1

    def __getitem__(self, component: int) -> str:
        """The text of a component's first subcomponent."""
        parts = self._parts or self._split()
        if component >= len(parts):
            return ""
        raw = parts[component]
        if raw.isalnum():
            return raw
        syntax = self._syntax
        if syntax.subcomponent and syntax.subcomponent in raw:
            raw = raw.partition(syntax.subcomponent)[0]
        return syntax.decoded(raw)

    def sub(self, component: int, subcomponent: int) -> str:
        """The text of one subcomponent."""
        texts = self.subcomponents(component)
        return texts[subcomponent - 1] if 1 <= subcomponent <= len(texts) else ""

    def subcomponents(self, component: int) -> list[str]:
        """The texts of all subcomponents; empty when the component is."""
        raw = self._raw(component)
        if not raw:
            return []
        parts = raw.split(self._syntax.subcomponent) if self._syntax.subcomponent else [raw]
        return [self._syntax.decoded(part) for part in parts]

    def whole(self, component: int) -> str:
        """The text of a component with its subcomponents, joined with ``&``."""
        return "&".join(self.subcomponents(component))

    @property
    def text(self) -> str:
        """The text of the whole repetition with its delimiters: values of type ST, TX and FT."""
        return self._syntax.decoded(self.raw)

    @property
    def is_null(self) -> bool:
        return self.raw == NULL

    @property
    def path(self) -> str:
        return self._field.path if self.number == 1 else f"{self._field.path}[{self.number}]"

    def _raw(self, component: int) -> str:
        parts = self._parts or self._split()
        return parts[component] if component < len(parts) else ""

    def _split(self) -> list[str]:
        """The raw components, counted from 1."""
        parts = self._parts = ["", *self.raw.split(self._syntax.component)]
        return parts


class Field:
    """One field; iterating gives its repetitions that hold a value. Falsy when the sender says nothing in it.

    The explicit null is a statement: it makes the field truthy and ``is_null``, and it has no repetitions.
    """

    __slots__ = ("_segment", "_syntax", "number", "raw")

    def __init__(self, raw: str, number: int, segment: "Segment", syntax: Syntax) -> None:
        self.raw = raw
        self.number = number
        self._segment = segment
        self._syntax = syntax

    def __bool__(self) -> bool:
        return bool(self.raw) and bool(self.raw.strip(self._syntax.within))

    def __iter__(self) -> Iterator[Repetition]:
        raw, syntax = self.raw, self._syntax
        if not raw:
            return iter(())
        if syntax.repetition not in raw:
            return iter((Repetition(raw, 1, self, syntax),) if raw.strip(syntax.within) not in _NO_VALUE else ())
        numbered = enumerate(raw.split(syntax.repetition), 1)
        return iter([r for number, one in numbered if (r := Repetition(one, number, self, syntax))])

    @property
    def first(self) -> Repetition:
        """The first repetition, empty when the field is."""
        return Repetition(self.raw.partition(self._syntax.repetition)[0], 1, self, self._syntax)

    @property
    def text(self) -> str:
        """The text of the first component of the first repetition."""
        raw = self.raw
        if not raw or raw.isalnum():
            return raw
        syntax = self._syntax
        for delimiter in syntax.within:
            if delimiter in raw:
                raw = raw.partition(delimiter)[0]
        return syntax.decoded(raw)

    @property
    def is_null(self) -> bool:
        return self.raw == NULL

    @property
    def path(self) -> str:
        return self._segment.path(self.number)


class Segment:
    """One segment; ``segment[3]`` is field 3, numbered as in the standard (also for MSH), and never fails.

    ``number`` counts the segments of this name from 1, ``line`` all segments of the message.
    """

    __slots__ = ("_fields", "_syntax", "line", "name", "number", "raw")

    def __init__(self, raw: str, name: str, number: int, line: int, syntax: Syntax) -> None:
        self.raw = raw
        self.name = name
        self.number = number
        self.line = line
        self._syntax = syntax
        self._fields: list[str] | None = None

    def __len__(self) -> int:
        """The number of fields."""
        return len(self._fields or self._split()) - 1

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, number: int) -> Field:
        fields = self._fields or self._split()
        raw = fields[number] if 0 < number < len(fields) else ""
        syntax = self._syntax if number > 2 or self.name != "MSH" else _LITERAL
        return Field(raw, number, self, syntax)

    def __iter__(self) -> Iterator[Field]:
        """All fields, from field 1."""
        return (self[number] for number in range(1, len(self) + 1))

    def path(self, field: int) -> str:
        """``PID-3``; ``OBX[2]-5`` for a segment that is not the first of its name."""
        return f"{self.name}-{field}" if self.number == 1 else f"{self.name}[{self.number}]-{field}"

    def _split(self) -> list[str]:
        """The raw fields, with the name at 0."""
        separator = self._syntax.delimiters.field
        fields = self._fields = self.raw.split(separator)
        if self.name == "MSH":
            fields.insert(1, separator)
        return fields


class Message:
    """A message whose segments are known; the rest is split on demand."""

    __slots__ = ("delimiters", "segments")

    def __init__(self, segments: tuple[Segment, ...], delimiters: Delimiters) -> None:
        self.segments = segments
        self.delimiters = delimiters

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next((s for s in self.segments if s.name == name), None)

    def all(self, name: str) -> list[Segment]:
        """All segments of that name, in order."""
        return [s for s in self.segments if s.name == name]

    @property
    def type(self) -> str:
        """MSH-9.1 (``ADT``)."""
        return self.segments[0][9].first[1]

    @property
    def trigger(self) -> str:
        """MSH-9.2 (``A01``); in old messages EVN-1 may be all that says it."""
        stated = self.segments[0][9].first[2]
        if stated:
            return stated
        event = self.first("EVN")
        return event[1].text if event else ""

    @property
    def structure(self) -> str:
        """MSH-9.3 (``ADT_A01``)."""
        return self.segments[0][9].first[3]

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return self.segments[0][10].first.text


def parse(data: bytes, default_charset: str = "ascii") -> Message:
    """One message from its bytes. ``default_charset`` is the feed's, for an empty MSH-18.

    Segments may end in CR, LF or CRLF, mixed; blank lines, a missing last terminator and a byte order mark are fine.
    Raises ``Unreadable`` when there is no usable header, when the bytes are not what MSH-18 says, and when there is
    a second MSH (two messages are never taken for one).
    """
    data = strip_start(data)
    if not data.startswith(b"MSH"):
        raise Unreadable("a message begins with an MSH segment", code="100", path="MSH")
    delimiters = read_delimiters(data)
    text, codec = decode(data, declared_charset(data, delimiters), default_charset)
    syntax = Syntax(delimiters, codec)
    return Message(_segments(text, syntax), delimiters)


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
    head = data.partition(b"\r")[0]
    return head.partition(b"\n")[0] if b"\n" in head else head


def _segments(text: str, syntax: Syntax) -> tuple[Segment, ...]:
    """All segments. A line that does not begin as a segment does continues the one before: senders put bare line
    breaks into the text of a result."""
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    begins = (syntax.delimiters.field, "")
    seen: dict[str, int] = {}
    segments: list[Segment] = []
    continued: dict[int, list[str]] = {}
    for line in text.split("\r"):
        name = line[:3]
        if line[3:4] in begins and _is_name(name):
            number = seen[name] = seen.get(name, 0) + 1
            segments.append(Segment(line, name, number, len(segments) + 1, syntax))
        elif line and not line.isspace():
            continued.setdefault(len(segments) - 1, []).append(line)
    for at, lines in continued.items():  # joined once: line by line, a long text would be copied as often
        segments[at].raw = "\n".join((segments[at].raw, *lines))
    if seen["MSH"] > 1:
        raise Unreadable("a second message begins within the message", code="100", path="MSH[2]")
    return tuple(segments)


@lru_cache(maxsize=256)
def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))

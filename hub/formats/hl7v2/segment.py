"""A segment as its fields, repetitions and components; split and decoded only where someone looks.

Paths are written ``PID-3[2].4``: segment, field, repetition, component, all from 1; ``OBX[2]-5`` is field 5 of the
second OBX of the message.
"""

from collections.abc import Iterator
from functools import lru_cache

from hub.formats.hl7v2.delimiters import STANDARD, Delimiters
from hub.formats.hl7v2.escapes import unescape

NULL = '""'
"""The explicit null: the sender deletes the value."""

_NO_VALUE = frozenset(("", NULL))


class Syntax:
    """How the text of one message is to be read: its delimiters one by one, and the codec of its hex escapes."""

    __slots__ = (
        *("codec", "component", "delimiters", "escape", "field", "nothing", "repetition", "subcomponent", "within"),
    )

    def __init__(self, delimiters: Delimiters, codec: str) -> None:
        self.delimiters = delimiters
        self.field = delimiters.field
        self.component = delimiters.component
        self.repetition = delimiters.repetition
        self.escape = delimiters.escape
        self.subcomponent = delimiters.subcomponent
        self.within = self.component + self.repetition + self.subcomponent
        self.nothing = self.within + " \t\r\n\xa0"
        self.codec = codec

    def decoded(self, raw: str) -> str:
        """The text of one value; the explicit null is no text."""
        if self.escape and self.escape in raw:
            return unescape(raw, self.delimiters, self.codec)
        return "" if raw == NULL else raw

    def said(self, raw: str) -> str:
        """The same, where blanks alone say nothing: they are the padding of an empty column."""
        text = self.decoded(raw)
        return "" if text.isspace() else text

    def says(self, raw: str) -> bool:
        """Whether there is more in it than delimiters, blanks and the explicit null, also once it is decoded."""
        own = raw.strip(self.nothing)
        return own not in _NO_VALUE and (self.escape not in own or bool(self.said(own)))

    def first(self, raw: str) -> str:
        """The text of the first subcomponent of a component."""
        if not raw or raw.isalnum():
            return raw
        if self.subcomponent and self.subcomponent in raw:
            raw = raw.partition(self.subcomponent)[0]
        return self.said(raw)

    def subcomponents(self, raw: str) -> list[str]:
        """The texts of all subcomponents of a component; none of an empty one."""
        if not raw:
            return []
        return [self.said(part) for part in (raw.split(self.subcomponent) if self.subcomponent else (raw,))]


@lru_cache(maxsize=64)
def syntax_of(delimiters: Delimiters, codec: str) -> Syntax:
    """The one Syntax of those delimiters and that codec: equal ones are the same object, which makes them a key."""
    return Syntax(delimiters, codec)


class Repetition:
    """One repetition of a field: ``rep[4]`` is the text of component 4, ``""`` where there is none.

    Falsy when it holds no value: empty, only delimiters, or the explicit null.
    """

    __slots__ = ("_field", "_parts", "number", "raw", "syntax")

    def __init__(self, raw: str, number: int, field: "Field", syntax: Syntax) -> None:
        self.raw = raw
        self.number = number
        self.syntax = syntax
        self._field = field
        self._parts: list[str] | None = None

    def __bool__(self) -> bool:
        return bool(self.raw) and self.syntax.says(self.raw)

    def __len__(self) -> int:
        """The number of components."""
        return len(self._parts or self._split())

    def __getitem__(self, component: int) -> str:
        """The text of a component's first subcomponent."""
        parts = self._parts or self._split()
        if component > len(parts):
            return ""
        return self.syntax.first(parts[component - 1])

    def texts(self, count: int) -> list[str]:
        """The texts of components 1 to ``count``, ``""`` where there is none, to be unpacked into names.

        Blanks around a value are the padding of systems with columns of a fixed width.
        """
        raw, syntax = self.raw, self.syntax
        texts = (raw + syntax.component * count).split(syntax.component, count)
        texts.pop()  # what is beyond
        if syntax.subcomponent in raw or syntax.escape in raw or NULL in raw:
            return [syntax.first(text).strip() if text else "" for text in texts]
        if " " in raw or not raw.isprintable():  # the space is the only blank that is printable
            return [text.strip() for text in texts]
        return texts

    def sub(self, component: int, subcomponent: int) -> str:
        """The text of one subcomponent."""
        texts = self.subcomponents(component)
        return texts[subcomponent - 1] if 1 <= subcomponent <= len(texts) else ""

    def subcomponents(self, component: int) -> list[str]:
        """The texts of all subcomponents; empty when the component is."""
        return self.syntax.subcomponents(self.part(component))

    def part(self, component: int) -> str:
        """A component as it is written."""
        parts = self._parts or self._split()
        return parts[component - 1] if component <= len(parts) else ""

    def whole(self, component: int) -> str:
        """The text of a component with its subcomponents, joined with ``&``."""
        return "&".join(self.subcomponents(component))

    def inner(self, component: int) -> "Repetition":
        """A component that is of a composite data type itself (the CWE in RPT.1): its subcomponents as components."""
        raw, syntax = self.part(component), self.syntax
        if syntax.subcomponent:
            raw = raw.replace(syntax.subcomponent, syntax.component)
        return self.like(raw)

    def like(self, raw: str) -> "Repetition":
        """A repetition of that text which stands where this one does."""
        return Repetition(raw, self.number, self._field, self.syntax)

    @property
    def first(self) -> "Repetition":
        """Itself, so that where the first repetition of a field is wanted one may be given too."""
        return self

    @property
    def text(self) -> str:
        """The text of the whole repetition with its delimiters: values of type ST, TX and FT."""
        return self.syntax.said(self.raw)

    @property
    def is_null(self) -> bool:
        return self.raw == NULL

    @property
    def path(self) -> str:
        return self._field.path if self.number == 1 else f"{self._field.path}[{self.number}]"

    def _split(self) -> list[str]:
        """The raw components."""
        parts = self._parts = self.raw.split(self.syntax.component)
        return parts


class Field:
    """One field; iterating gives its repetitions that hold a value. Falsy when the sender says nothing in it.

    The explicit null is a statement: it makes the field truthy and ``is_null``, and it has no repetitions.
    """

    __slots__ = ("_segment", "number", "raw")

    def __init__(self, raw: str, number: int, segment: "Segment") -> None:
        self.raw = raw
        self.number = number
        self._segment = segment

    def __bool__(self) -> bool:
        return self.is_null or self._segment.syntax.says(self.raw)

    def __iter__(self) -> Iterator[Repetition]:
        raw, syntax = self.raw, self._segment.syntax
        if syntax.repetition not in raw:
            return iter((Repetition(raw, 1, self, syntax),) if syntax.says(raw) else ())
        numbered = enumerate(raw.split(syntax.repetition), 1)
        return iter([r for number, one in numbered if (r := Repetition(one, number, self, syntax))])

    @property
    def first(self) -> Repetition:
        """The first repetition, empty when the field is."""
        syntax = self._segment.syntax
        return Repetition(self.raw.partition(syntax.repetition)[0], 1, self, syntax)

    @property
    def text(self) -> str:
        """The text of the first component of the first repetition."""
        raw = self.raw
        if raw.isalnum():
            return raw
        syntax = self._segment.syntax
        for delimiter in syntax.within:
            if delimiter in raw:
                raw = raw.partition(delimiter)[0]
        return syntax.said(raw)

    @property
    def is_null(self) -> bool:
        return self.raw == NULL

    @property
    def path(self) -> str:
        return self._segment.path(self.number)


class _Absent(Field):
    """The one field of all that are not there: most fields of most segments are not, and all are asked for."""

    __slots__ = ()

    text = ""
    path = ""

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[Repetition]:
        return iter(())

    @property
    def first(self) -> Repetition:
        return NOWHERE


class Segment:
    """One segment; ``segment[3]`` is field 3, numbered as in the standard, and never fails.

    ``number`` counts the segments of this name from 1, ``line`` all segments of the message; ``place`` is how paths
    begin; ``raws`` are the fields as they are written, with the name at 0.
    """

    __slots__ = ("line", "name", "number", "place", "raw", "raws", "syntax")

    def __init__(self, raw: str, name: str, number: int, line: int, syntax: Syntax) -> None:
        self.raw = raw
        self.name = name
        self.number = number
        self.line = line
        self.place = name if number == 1 else f"{name}[{number}]"
        self.syntax = syntax
        self.raws = raw.split(syntax.field)

    def __len__(self) -> int:
        """The number of fields, stated or not."""
        return len(self.raws) - 1

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, number: int) -> Field:
        fields = self.raws
        if number < len(fields) and (raw := fields[number]):
            return Field(raw, number, self)
        return ABSENT

    def __iter__(self) -> Iterator[Field]:
        """The fields in which the sender says something, in order."""
        return (Field(raw, number, self) for number, raw in enumerate(self.raws[1:], 1) if raw)

    def path(self, field: int) -> str:
        """``PID-3``; ``OBX[2]-5`` for a segment that is not the first of its name."""
        return f"{self.place}-{field}"

    def rewrite(self, number: int, raw: str) -> None:
        """Gives a field another text."""
        self.raws.extend([""] * (number + 1 - len(self.raws)))
        self.raws[number] = raw
        self.raw = self.syntax.field.join(self.raws)


def excerpt(raws: dict[int, str], syntax: Syntax) -> Segment:
    """A segment without a name that has these fields alone."""
    segment = Segment("", "", 1, 0, syntax)
    segment.raws = [raws.get(number, "") for number in range(max(raws) + 1)]
    return segment


class HeaderSegment(Segment):
    """The MSH: MSH-1 and MSH-2 are the delimiters themselves, which are never split or decoded."""

    __slots__ = ()

    def __init__(self, raw: str, name: str, number: int, line: int, syntax: Syntax) -> None:
        super().__init__(raw, name, number, line, syntax)
        self.raws.insert(1, syntax.field)

    def rewrite(self, number: int, raw: str) -> None:
        super().rewrite(number, raw)
        self.raw = self.syntax.field.join((self.name, *self.raws[2:]))

    def __getitem__(self, number: int) -> Field:
        return Segment.__getitem__(self, number) if number > 2 else Field(self.raws[number], number, _DELIMITERS)


STANDARD_SYNTAX = syntax_of(STANDARD, "ascii")
"""That of messages without anything peculiar."""

_DELIMITERS = Segment("", "MSH", 1, 1, Syntax(Delimiters("\0", "\0", "\0", "", ""), "ascii"))

ABSENT: Field = _Absent("", 0, Segment("", "", 1, 0, STANDARD_SYNTAX))
"""What ``segment[99]`` is where the sender has no such field, or leaves it empty. It has no path."""

NOWHERE = Repetition("", 1, ABSENT, STANDARD_SYNTAX)
"""The first repetition of a field that is absent."""

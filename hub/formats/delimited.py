"""Delimited text (RFC 4180 and its relatives): bytes in any pieces → rows of named fields, in constant memory.

Nothing is replaced or guessed: a row that cannot be read keeps its own bytes and says why, and the rows after it
go on. Only the head of a file, or an encoding that fails as a whole, refuses the file.
"""

import codecs
import csv
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hub.errors import Unreadable

LINE_LIMIT = 1024 * 1024
"""Bytes of one physical line; more is not a table."""

ROW_LINES = 100
"""Physical lines that one row may span; an unclosed quote costs no more than this."""

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a feed declares of its files.

    ``columns`` maps field names to the header of their column, several allowed headers separated by ``|``; a field in
    ``optional`` may be missing. Without ``columns`` every column is a field, named by its normalised header.
    ``charset`` is a Python codec name; a byte order mark wins over ``ascii`` and ``utf-8``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    charset: str = "utf-8"
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Row:
    """One row, and the ``line`` it starts on (from 1, the head is 1).

    With a ``problem`` there are no ``fields``, but the bytes as written (UTF-16 as UTF-8) and, unless the problem is
    that they cannot be decoded, their ``text``.
    """

    line: int
    fields: dict[str, str]
    problem: str = ""
    raw: bytes = b""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: its rows, to be read once, and what was noticed in its head."""

    rows: Iterator[Row]
    warnings: tuple[str, ...]


def read_table(pieces: Iterable[bytes], layout: Layout) -> Table:
    """Opens a table. ``pieces`` are the bytes of the file, cut anywhere.

    Raises ``Unreadable`` when the head does not fit the layout; reading the rows raises it when the file as a whole
    cannot be read on (a line without end, broken UTF-16).
    """
    stream, charset = _encoding(iter(pieces), layout.charset)
    lines = _Lines(_physical_lines(stream), charset)
    head = next(_records(lines, layout.delimiter), None)
    if head is None:
        raise Unreadable("the file is empty", path="line 1")
    if head.problem:
        raise Unreadable(f"the head cannot be read: {head.problem}", path="line 1")
    places, warnings = _places(head.cells, layout)
    return Table(_rows(lines, layout, len(head.cells), places), warnings)


def normal_header(text: str) -> str:
    """The name by which headers are compared: ``" Last  Name "`` and ``last_name`` are the same."""
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", text).casefold()).strip("_")


# --- bytes to lines --------------------------------------------------------------------------------------------


def _encoding(pieces: Iterator[bytes], declared: str) -> tuple[Iterator[bytes], str]:
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


def _physical_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
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


class _LineError(Exception):
    """The line at hand cannot belong to a row."""


class _Lines:
    """Decoded lines for the CSV reader, which keep the bytes of the row at hand and can be put back."""

    def __init__(self, lines: Iterator[bytes], charset: str) -> None:
        self._lines = lines
        self._charset = charset
        self._again: deque[bytes] = deque()
        self.number = 0
        self.taken: list[bytes] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) == ROW_LINES:
            raise _LineError(f"a quote is not closed within {ROW_LINES} lines")
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        self.taken.append(line)
        try:
            return line.decode(self._charset)
        except UnicodeDecodeError as error:
            raise _LineError(f"byte {error.start + 1} is not valid {self._charset.upper()}") from None

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


# --- lines to rows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]
    problem: str = ""


def _records(lines: _Lines, delimiter: str) -> Iterator[_Record]:
    """The rows of cells, without blank lines; ``lines.taken`` are the bytes of the one at hand."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_LineError, csv.Error) as error:
            problem = _problem(error, len(lines.taken))
            lines.keep_first()
            yield _Record(start, [], problem)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        else:
            if any(cells):
                yield _Record(start, cells)


def _problem(error: Exception, lines: int) -> str:
    if lines > 1 or "end of data" in str(error):
        return "a quote is not closed"
    return str(error) if isinstance(error, _LineError) else "a quoted cell goes on after its quote"


def _rows(lines: _Lines, layout: Layout, width: int, places: Mapping[str, int]) -> Iterator[Row]:
    for record in _records(lines, layout.delimiter):
        problem = record.problem
        if not problem and len(record.cells) != width:
            problem = f"{len(record.cells)} cells, the head has {width}"
        if problem:
            raw = b"".join(lines.taken)
            yield Row(record.line, {}, problem, raw, lines.text_of(raw))
        else:
            yield Row(record.line, {name: record.cells[place].strip() for name, place in places.items()})


def _places(head: list[str], layout: Layout) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each field stands, and warnings about columns that nothing asks for."""
    names = [normal_header(cell) for cell in head]
    wanted = layout.columns or {name: name for name in names if name}
    places = {}
    for name, headers in wanted.items():
        found = [i for i, n in enumerate(names) if n in {normal_header(h) for h in headers.split("|")}]
        if len(found) > 1:
            raise Unreadable(f"the column {headers!r} stands in the head {len(found)} times", path="line 1")
        if found:
            places[name] = found[0]
        elif name not in layout.optional:
            raise Unreadable(f"the column {headers!r} is missing", path="line 1")
    extra = [head[i].strip() for i in range(len(head)) if i not in places.values()]
    return places, tuple(f"the column {name!r} is not used" for name in extra)

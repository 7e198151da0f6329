"""Lines → rows of cells."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from hub.errors import Unreadable
from hub.formats.delimited.lines import LineError, Lines, physical_lines, without_mark


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written.

    ``charset`` is a Python codec name; a byte order mark wins over ``ascii`` and ``utf-8``. ``quote`` is empty where
    quotes are text. Without a ``header`` columns are named by their place, from 1. The first ``skip`` lines are no part
    of the table. The row whose first cell starts with ``trailer`` is the last one, and its cell number ``count`` (from
    1) says how many rows stand before it.
    """

    charset: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    skip: int = 0
    trailer: str = ""
    count: int = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is written, and the ``line`` it starts on (from 1).

    With a ``problem`` there are no ``cells``, but the bytes as written (UTF-16 as UTF-8) and, unless the problem is
    that they cannot be decoded, their ``text``.
    """

    line: int
    cells: list[str]
    problem: str = ""
    raw: bytes = b""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: the names of its columns, and its rows, to be read once."""

    head: tuple[str, ...]
    rows: Iterator[Row]


def read_table(pieces: Iterable[bytes], layout: Layout) -> Table:
    """Opens a table. ``pieces`` are the bytes of the file, cut anywhere.

    Raises ``Unreadable`` when there is no head that can be read; reading the rows raises it when the file as a whole
    cannot be read on (a line without end, broken UTF-16, a trailer that is missing or counts otherwise).
    """
    stream, charset = without_mark(iter(pieces), layout.charset)
    lines = Lines(physical_lines(stream), charset)
    lines.skip(layout.skip)
    records = _records(lines, layout)
    first = next(records, None)
    if first is None:
        raise Unreadable("the file is empty", path="line 1")
    if first.problem:
        raise Unreadable(f"the head cannot be read: {first.problem}", path=f"line {first.line}")
    rows = _rows(lines, records, len(first.cells))
    if layout.header:
        return Table(tuple(first.cells), _counted(rows, layout))
    return Table(tuple(map(str, range(1, len(first.cells) + 1))), _counted(chain([first], rows), layout))


def by_header(table: Table) -> Iterator[tuple[Row, dict[str, str]]]:
    """The rows with their cells by normalised header, without white space around them; nothing of a bad row.

    Raises ``Unreadable`` for a header that stands there twice.
    """
    names = [normal_header(cell) for cell in table.head]
    if doubled := next((name for name in names if name and names.count(name) > 1), ""):
        raise Unreadable(f"the column {doubled!r} stands in the head {names.count(doubled)} times", path="line 1")
    for row in table.rows:
        yield row, {name: cell.strip() for name, cell in zip(names, row.cells, strict=False) if name}


def normal_header(text: str) -> str:
    """The name by which headers are compared: ``" Last  Name "`` and ``last_name`` are the same."""
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", text).casefold()).strip("_")


def _reader(lines: Lines, layout: Layout) -> Any:
    if layout.quote:
        return csv.reader(lines, delimiter=layout.delimiter, quotechar=layout.quote, strict=True)
    return csv.reader(lines, delimiter=layout.delimiter, quoting=csv.QUOTE_NONE, strict=True)


def _records(lines: Lines, layout: Layout) -> Iterator[Row]:
    """The rows of cells, without blank lines; ``lines.taken`` are the bytes of the one at hand."""
    reader = _reader(lines, layout)
    while True:
        lines.begin()
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (LineError, csv.Error) as error:
            problem = _problem(error, len(lines.taken))
            lines.keep_first()
            yield Row(start, [], problem)
            reader = _reader(lines, layout)
        else:
            if any(cells):
                yield Row(start, cells)


def _problem(error: Exception, lines: int) -> str:
    if lines > 1 or "end of data" in str(error):
        return "a quote is not closed"
    return str(error) if isinstance(error, LineError) else "a quoted cell goes on after its quote"


def _rows(lines: Lines, records: Iterator[Row], width: int) -> Iterator[Row]:
    """The rows after the head; one that is not as wide is bad."""
    for record in records:
        if record.problem or len(record.cells) != width:
            yield _kept(lines, record, record.problem or f"{len(record.cells)} cells, the head has {width}")
        else:
            yield record


def _kept(lines: Lines, record: Row, problem: str) -> Row:
    """A bad row; the cells of one that can be split go along, for whoever looks for the trailer."""
    raw = b"".join(lines.taken)
    return Row(record.line, record.cells, problem, raw, lines.text_of(raw))


def _counted(rows: Iterator[Row], layout: Layout) -> Iterator[Row]:
    """The rows up to the trailer, which must be there and count them."""
    for seen, row in enumerate(rows):
        if layout.trailer and row.cells and row.cells[0].strip().startswith(layout.trailer):
            _check_trailer(row, layout, seen)
            if more := next(rows, None):
                raise Unreadable("a row stands after the trailer", code="trailer", path=f"row {more.line}")
            return
        yield Row(row.line, [], row.problem, row.raw, row.text) if row.problem else row
    if layout.trailer:
        raise Unreadable("the trailer is missing: the file is not whole", code="trailer")


def _check_trailer(row: Row, layout: Layout, seen: int) -> None:
    said = next(islice(row.cells, layout.count - 1, None), "").strip()
    if not said.isdecimal() or int(said) != seen:
        words = f"says {said} rows, there are {seen}" if said.isdecimal() else f"has no count in cell {layout.count}"
        raise Unreadable(f"the trailer {words}", code="trailer", path=f"row {row.line}")

"""Rows that could not be used, as a CSV file for whoever sent them: as they were written, with the reason of each."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row: its line in the file, why it is of no use, and its cells; or the one text of it that was not split."""

    file: str
    line: int
    reason: str
    head: tuple[str, ...]
    cells: tuple[str, ...]


def as_csv(rows: Iterable[BadRow]) -> Iterator[str]:
    """The lines of the file: under one head for all rows that have the same, ``file,line,reason`` before their own."""
    head: tuple[str, ...] | None = None
    for row in rows:
        if row.head != head:
            head = row.head
            yield csv_line(("file", "line", "reason", *head))
        yield csv_line((row.file, str(row.line), row.reason, *row.cells))


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what would begin one."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def csv_line(cells: Iterable[str]) -> str:
    """One line of a CSV file, in which no cell can act as a formula."""
    out = io.StringIO()
    csv.writer(out).writerow(map(harmless, cells))
    return out.getvalue()

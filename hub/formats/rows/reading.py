"""A file of a CSV feed → its messages: one for each row, or for rows that belong together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub.formats.delimited import Layout, Row, read_table
from hub.formats.rows.body import problem_body, rows_body
from hub.formats.rows.kinds import kind_of
from hub.formats.rows.mapping import Plan, plan_of
from hub.settings import Feed

TOGETHER_AT_MOST = 500
"""Rows of one message."""


@dataclass(frozen=True, slots=True)
class RowMessage:
    """One message of a file: the ``line`` of its first row and of its ``last`` one, its ``body``, and the sender's
    patient identifier (``id|authority``) as ``key``. ``bad`` is a row that cannot be read."""

    line: int
    last: int
    body: bytes
    key: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class RowMessages:
    """The messages of a file, to be read once, and the columns that nothing is made of."""

    messages: Iterator[RowMessage]
    unused: tuple[str, ...]


def layout_of(feed: Feed) -> Layout:
    """How the feed's files are written."""
    table = feed.table
    trailer, count = (table.trailer.starts, table.trailer.count) if table.trailer else ("", 0)
    return Layout(feed.charset, table.delimiter, table.quote, table.header, table.skip, trailer, count)


def row_messages(pieces: Iterable[bytes], feed: Feed, name: str) -> RowMessages:
    """The messages of a file called ``name``. Raises ``Unreadable`` for a file that is not what the feed says, at once
    or at the place where that shows."""
    table = read_table(pieces, layout_of(feed))
    plan = plan_of(table.head, feed)
    together = kind.together if (kind := kind_of(feed.type)) else ()
    grouped = _grouped(table.rows, plan, together) if together else ([row] for row in table.rows)
    return RowMessages((_message(rows, table.head, plan, name) for rows in grouped), plan.unused)


def _grouped(rows: Iterable[Row], plan: Plan, together: tuple[str, ...]) -> Iterator[list[Row]]:
    """Rows one after another that agree in these fields; a bad row is alone."""
    read = plan.reader(together)
    group: list[Row] = []
    shared: tuple[str, ...] = ()
    for row in rows:
        said = () if row.problem else read(row.cells)
        if group and (said != shared or not any(said) or len(group) == TOGETHER_AT_MOST):
            yield group
            group = []
        group.append(row)
        shared = said
    if group:
        yield group


def _message(rows: list[Row], head: tuple[str, ...], plan: Plan, name: str) -> RowMessage:
    first = rows[0]
    if first.problem:
        return RowMessage(first.line, first.line, problem_body(head, first, name), bad=True)
    number = plan.value("mrn", first.cells)
    key = f"{number}|{plan.value('mrn_authority', first.cells)}" if number else ""
    return RowMessage(first.line, rows[-1].line, rows_body(head, rows, name), key)

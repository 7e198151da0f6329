"""The files that came and what became of them, and the rows of them that are held."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from hub.errors import NotFound, Unreadable
from hub.formats.rows import read_body
from hub.formats.rows.export import BadRow, as_csv, csv_line
from hub.model import Format, MessageStatus, Stream
from hub.services.context import Hub
from hub.services.conversion.converted import PANEL
from hub.store import files
from hub.store.engine import reading
from hub.store.schema import messages

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file: ``version`` counts those of its name with other bytes, ``messages`` are those that were let through,
    ``bad`` of them rows that cannot be read, ``refused`` those that were not. Times are UTC texts."""

    id: str
    feed: str
    name: str
    version: int
    size: int
    sha256: str
    outcome: str
    reason: str
    messages: int
    bad: int
    refused: int
    started_at: str
    ended_at: str

    @property
    def label(self) -> str:
        """How its messages name it: ``census.csv``, or ``census.csv~2``."""
        return self.name if self.version == 1 else f"{self.name}~{self.version}"


def incoming(hub: Hub, *, feed: str = "", name: str = "", limit: int = 50) -> list[FileRow]:
    """The files of a feed, or of all, newest first."""
    with reading(hub.main) as connection:
        return [_row(found) for found in files.newest(connection, feed=feed, name=name, limit=limit)]


def incoming_file(hub: Hub, file_id: str) -> FileRow:
    """One file. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        found = files.by_id(connection, file_id)
    if found is None:
        raise NotFound(f"no file has the id {file_id}")
    return _row(found)


def bad_rows(hub: Hub, feed: str, label: str = "") -> Iterator[BadRow]:
    """The rows of a feed, or of one of its files, that are held or dead, in the order in which they came: what they
    were written as, and why they are of no use."""
    columns = messages.c
    wanted = _of(feed, label, select(columns.reason, columns.raw_partition, columns.raw_offset))
    with reading(hub.main) as connection:
        found = connection.execute(wanted.where(columns.status.in_((MessageStatus.HELD, MessageStatus.DEAD)))).all()
    for row in found:
        record = hub.streams.fetch(Stream.RAW, row.raw_partition, row.raw_offset)
        if record is not None:
            yield from _rows(record.value, row.reason)


def results_csv(hub: Hub, feed: str, label: str = "") -> Iterator[str]:
    """What became of each row of a feed, or of one of its files, as the lines of a CSV file. Of a panel's row the
    outcome is that of the practice's patient: matched, new, removed, ambiguous or invalid."""
    columns = messages.c
    wanted = _of(feed, label, select(columns.control_id, columns.type, columns.status, columns.code, columns.reason))
    with reading(hub.main) as connection:
        found = connection.execution_options(yield_per=AT_ONCE).execute(wanted)
        yield csv_line(("file", "line", "outcome", "reason"))
        for row in found:
            file, _, line = row.control_id.rpartition("#")
            outcome = _of_panel(row.code) if row.type == PANEL else row.status
            yield csv_line((file, line, outcome, row.reason))


def _of_panel(code: str) -> str:
    """The outcome of a panel's row; one that could not be read is invalid too."""
    return code if code in ("new", "matched", "removed", "ambiguous") else "invalid"


def _of(feed: str, label: str, query: Select[Any]) -> Select[Any]:
    """The rows of a feed, or of one of its files, in the order in which they came."""
    query = query.where(messages.c.feed == feed, messages.c.format == Format.CSV)
    if label:
        query = query.where(messages.c.control_id.startswith(f"{label}#", autoescape=True))
    return query.order_by(messages.c.raw_partition, messages.c.raw_offset)


def bad_rows_csv(hub: Hub, feed: str, label: str = "") -> Iterator[str]:
    """The same as the lines of a CSV file, in which no cell can act as a formula."""
    return as_csv(bad_rows(hub, feed, label))


def _row(found: Row[Any]) -> FileRow:
    return FileRow(**{column: getattr(found, column) for column in FileRow.__dataclass_fields__})


def _rows(body: bytes, reason: str) -> Iterator[BadRow]:
    try:
        said = read_body(body)
    except Unreadable:  # a body of an earlier version, which says nothing of its row
        return
    if said.problem:
        yield BadRow(said.file, said.line, said.problem, said.head, (said.text.rstrip("\r\n"),))
    for line, cells in said.rows:
        yield BadRow(said.file, line, reason, said.head, tuple(cells))

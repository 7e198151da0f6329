"""The files that came and what became of them, and the rows of them that are held."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from hub.errors import NotFound, Unreadable
from hub.formats.rows import read_body
from hub.formats.rows.export import BadRow, as_csv
from hub.model import Format, MessageStatus, Stream
from hub.services.context import Hub
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
    """The rows of a feed, or of one of its files, that are held or dead, by file and line: what they were written as,
    and why they are of no use."""
    held = select(messages.c.control_id, messages.c.reason, messages.c.raw_partition, messages.c.raw_offset)
    held = held.where(messages.c.feed == feed, messages.c.format == Format.CSV)
    held = held.where(messages.c.status.in_((MessageStatus.HELD, MessageStatus.DEAD)))
    if label:
        held = held.where(messages.c.control_id.startswith(f"{label}#", autoescape=True))
    with reading(hub.main) as connection:
        found = connection.execute(held).all()
    for row in sorted(found, key=lambda row: _place(row.control_id)):
        record = hub.streams.fetch(Stream.RAW, row.raw_partition, row.raw_offset)
        if record is not None:
            yield from _rows(record.value, row.reason)


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


def _place(control_id: str) -> tuple[str, int]:
    file, _, line = control_id.rpartition("#")
    return file, int(line) if line.isdecimal() else 0

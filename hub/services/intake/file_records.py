"""The record of the files that came: once taken in they are not taken again, and a restart resumes at a row."""

import uuid
from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from hub.model import FileOutcome, Stream
from hub.ports import FileProgress, FileSeen
from hub.services.context import Hub
from hub.store import files
from hub.store.engine import utc_text, writing

READ_AT_ONCE = 1000


class FileRecords:
    """The files of a hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def begin(self, file: FileSeen) -> FileProgress:
        """See ``ports.FileLog``."""
        positions = self._positions()
        with writing(self._hub.main) as transaction:
            known = files.under_way(transaction, file.feed, file.name, file.sha256)
            if known is None:
                return self._new(transaction, file, positions)
        return self._resumed(known)

    def mark(self, progress: FileProgress) -> None:
        """See ``ports.FileLog``. Nothing of the file is under way, so the ends of the log stand after all of it that is
        durable, and before all that is not."""
        positions = self._positions()
        with writing(self._hub.main) as transaction:
            files.change(transaction, progress.id, positions=positions, **_counts(progress))

    def end(self, progress: FileProgress, outcome: FileOutcome, reason: str = "") -> None:
        """See ``ports.FileLog``."""
        now = utc_text(self._hub.clock.now())
        with writing(self._hub.main) as transaction:
            ended = {"outcome": outcome.value, "reason": reason, "ended_at": now}
            files.change(transaction, progress.id, **ended, **_counts(progress))

    def _new(self, transaction: Connection, file: FileSeen, positions: bytes) -> FileProgress:
        before = files.taken_before(transaction, file.feed, file.sha256) if file.unique else None
        repeats = f"{before.name} of {before.started_at}" if before else ""
        progress = FileProgress(
            str(uuid.uuid4()), files.next_version(transaction, file.feed, file.name, file.sha256), repeats
        )
        now = utc_text(self._hub.clock.now())
        ended = {"outcome": FileOutcome.REPEATED.value, "reason": f"the same bytes as {repeats}", "ended_at": now}
        row = {
            "id": progress.id,
            "feed": file.feed,
            "name": file.name,
            "version": progress.version,
            "sha256": file.sha256,
            "size": file.size,
            "outcome": FileOutcome.UNDER_WAY.value,
            "positions": positions,
            "started_at": now,
        }
        files.record(transaction, row | ended if before else row)
        return progress

    def _resumed(self, known: Row[Any]) -> FileProgress:
        """What stands in the log after the last mark was handed over before the hub ended."""
        present = {head["sha256"] for head in self._since(orjson.loads(known.positions)) if head["feed"] == known.feed}
        return FileProgress(
            known.id, known.version, "", known.line, known.messages, known.bad, known.refused, frozenset(present)
        )

    def _since(self, positions: dict[str, int]) -> Iterator[dict[str, str]]:
        """The headers of all that came after these ends of the log."""
        streams = self._hub.streams
        for partition in streams.partitions(Stream.RAW):
            after = positions.get(str(partition), -1)
            while records := streams.read(Stream.RAW, partition, after, READ_AT_ONCE):
                yield from (record.headers for record in records)
                after = records[-1].offset

    def _positions(self) -> bytes:
        streams = self._hub.streams
        ends = {str(part): streams.end(Stream.RAW, part) for part in streams.partitions(Stream.RAW)}
        return orjson.dumps(ends)


def _counts(progress: FileProgress) -> dict[str, Any]:
    return {
        "line": progress.line,
        "messages": progress.messages,
        "bad": progress.bad,
        "refused": progress.refused,
    }

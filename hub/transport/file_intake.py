"""One file taken in to its end, however it came: recorded, checked, handed over, and resumed where it was left."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from hub.errors import HubError, Refused, TransientError
from hub.formats.rows import read_body, row_messages
from hub.formats.rows.export import BadRow, as_csv
from hub.model import FileOutcome, Format
from hub.ports import FileProgress, FileSeen, Intake
from hub.settings import Feed
from hub.transport.file_arrivals import FileArrival, Limits, accept_all, file_arrivals

AT_ONCE = 500
"""Arrivals of one file that are under way together."""

MARKED_AFTER = 5000
"""Arrivals between two marks; after a restart so many at most are looked up in the log."""

REASONS_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read more than once: ``pieces`` opens it anew and gives its bytes."""

    name: str
    pieces: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Taken:
    """The end of a file: its ``outcome``, the ``reason`` in words where not all of it was taken in, how many ``bad``
    rows it has, and the ids of its messages where they were asked for."""

    name: str
    outcome: FileOutcome
    reason: str = ""
    bad: int = 0
    ids: tuple[str, ...] = ()


async def take_in(
    source: Source,
    feed: Feed,
    origin: str,
    intake: Intake,
    *,
    limits: Limits = Limits(),
    stopped: Callable[[], bool] = lambda: False,
    want_ids: bool = False,
) -> Taken | None:
    """Takes in a file; nothing when it was ``stopped`` before its end.

    Of a file with a trailer nothing is let through before the trailer was found and counts right. Raises
    ``TransientError``, and ``OSError`` for one that cannot be read; the next attempt resumes.
    """
    digest, size = await asyncio.to_thread(_digest, source)
    unique = feed.format is not Format.DOCUMENT  # a document that comes twice is somebody's decision
    progress = await asyncio.to_thread(intake.files.begin, FileSeen(feed.name, source.name, digest, size, unique))
    if progress.repeats:
        return Taken(source.name, FileOutcome.REPEATED)
    handing = _HandingOver(source, feed, origin, intake, progress=progress, want_ids=want_ids)
    try:
        if not await handing.all(limits, stopped):
            return None
    except (TransientError, OSError):
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, HubError) else "it cannot be processed"
        taken = handing.ended(reason)
        await asyncio.to_thread(intake.files.end, handing.progress, taken.outcome, reason)
        if not isinstance(error, HubError):
            raise
        return taken
    taken = handing.ended("")
    await asyncio.to_thread(intake.files.end, handing.progress, taken.outcome, taken.reason)
    return taken


def unreadable_rows(source: Source, feed: Feed) -> Iterator[str]:
    """The rows of a CSV file that cannot be read, as the lines of a CSV file with the reason of each."""

    def rows() -> Iterator[BadRow]:
        for message in row_messages(source.pieces(), feed, source.name).messages:
            if message.bad:
                said = read_body(message.body)
                yield BadRow(said.file, said.line, said.problem, said.head, (said.text.rstrip("\r\n"),))

    return as_csv(rows())


class _HandingOver:
    """A file under way."""

    def __init__(
        self, source: Source, feed: Feed, origin: str, intake: Intake, *, progress: FileProgress, want_ids: bool
    ) -> None:
        self._source = source
        self._feed = feed
        self._origin = origin
        self._intake = intake
        self._want_ids = want_ids
        self.progress = progress
        self._unmarked = 0
        self.ids: list[str] = []
        self.refusals: list[str] = []

    async def all(self, limits: Limits, stopped: Callable[[], bool]) -> bool:
        """Hands over what is not durable yet, in order; false when it was stopped before the end."""
        if self._feed.format is Format.CSV and self._feed.table.trailer:
            await asyncio.to_thread(_read_through, self._source, self._feed)
        version = self.progress.version
        label = self._source.name if version == 1 else f"{self._source.name}~{version}"
        found = file_arrivals(self._source.pieces(), label, self._feed, self._origin, limits)
        fresh = (arrival for arrival in found if arrival.line > self.progress.line)
        while batch := await asyncio.to_thread(lambda: list(islice(fresh, AT_ONCE))):
            if stopped():
                return False
            await self._hand_over(batch)
        return True

    def ended(self, reason: str) -> Taken:
        """What became of the file, as far as it came."""
        progress = self.progress
        refused = f"{progress.refused} of {progress.messages + progress.refused} messages are refused"
        words = [reason] if reason else []
        words += [refused, *self.refusals] if progress.refused else []
        outcome = FileOutcome.TAKEN
        if words:
            outcome = FileOutcome.PARTLY if progress.messages else FileOutcome.REFUSED
        return Taken(self._source.name, outcome, "\n".join(words), progress.bad, tuple(self.ids))

    async def _hand_over(self, batch: Sequence[FileArrival]) -> None:
        missing = [one for one in batch if not self._stands(one)]
        outcomes = await accept_all([one.arrival for one in missing], self._intake)
        refused = 0
        for one, outcome in zip(missing, outcomes, strict=True):
            if isinstance(outcome, Refused):
                refused += 1
                self._note(one, outcome)
            elif self._want_ids:
                self.ids.append(outcome.message_id)
        progress = self.progress
        self.progress = replace(
            progress,
            line=batch[-1].line,
            messages=progress.messages + len(batch) - refused,
            bad=progress.bad + sum(one.bad for one in batch),
            refused=progress.refused + refused,
        )
        self._unmarked += len(batch)
        if self._unmarked >= MARKED_AFTER:
            await asyncio.to_thread(self._intake.files.mark, self.progress)
            self._unmarked = 0

    def _stands(self, one: FileArrival) -> bool:
        """Whether it was handed over before the hub ended."""
        present = self.progress.present
        return bool(present) and hashlib.sha256(one.arrival.body).hexdigest() in present

    def _note(self, one: FileArrival, refused: Refused) -> None:
        if len(self.refusals) < REASONS_AT_MOST:
            why = f"{refused.location}: {refused} (condition {refused.condition})"
            self.refusals.append(f"message {one.number}: {why}")


def _digest(source: Source) -> tuple[str, int]:
    """The SHA-256 of a file and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    for piece in source.pieces():
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _read_through(source: Source, feed: Feed) -> None:
    """Reads to the trailer. Raises ``Unreadable`` where the file is not whole."""
    for _ in row_messages(source.pieces(), feed, source.name).messages:
        pass

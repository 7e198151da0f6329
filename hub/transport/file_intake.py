"""One file taken in to its end, however it came: recorded, checked, handed over, and resumed where it was left."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from hub.errors import HubError, Refused, TransientError, Unreadable
from hub.formats.rows import read_body, row_messages
from hub.formats.rows.export import BadRow, as_csv
from hub.model import FileOutcome, Format
from hub.ports import FileProgress, FileSeen, Intake
from hub.settings import MIB, Feed
from hub.transport.archives import Caps, Source, is_archive, members
from hub.transport.file_arrivals import FileArrival, Limits, accept_all, file_arrivals

AT_ONCE, BYTES_AT_ONCE = 1000, 8 * MIB
"""Arrivals of one file that are under way together."""

MARKED_AFTER = 5000
"""Arrivals between two marks; after a restart so many at most are looked up in the log."""

REASONS_AT_MOST = 100

_LIMITS, _CAPS = Limits(), Caps()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """The end of a file: its ``outcome``, the ``reason`` in words where not all of it was taken in, how many ``bad``
    rows it has, and the ids of its messages where they were asked for."""

    name: str
    outcome: FileOutcome
    reason: str = ""
    bad: int = 0
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """How files are taken in: for which ``feed``, from where (``origin``), to whom, within which limits, until when.
    Who answers a request may ``want_ids``."""

    feed: Feed
    origin: str
    intake: Intake
    limits: Limits = _LIMITS
    caps: Caps = _CAPS
    stopped: Callable[[], bool] = lambda: False
    want_ids: bool = False


async def take_in(source: Source, way: Way) -> Taken | None:
    """Takes in a file, or all that an archive holds; nothing when it was stopped before its end.

    Of a file with a trailer nothing is let through before the trailer was found and counts right. Raises
    ``TransientError``, and ``OSError`` for one that cannot be read; the next attempt resumes.
    """
    packed = await asyncio.to_thread(is_archive, source, by_name=way.feed.format is Format.DOCUMENT)
    return await (_take_archive if packed else _take_file)(source, way)


async def _take_file(source: Source, way: Way) -> Taken | None:
    try:
        progress = await _begun(source, way)
    except Unreadable as error:  # a member that cannot be unpacked: its archive is recorded
        return Taken(source.name, FileOutcome.REFUSED, str(error))
    if progress.repeats:
        return Taken(source.name, FileOutcome.REPEATED)
    handing = _HandingOver(source, way, progress)
    try:
        whole = await handing.all()
        failure = None
    except (TransientError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever is in it, the file comes to an end
        whole, failure = True, error
    if not whole:
        return None
    taken = handing.ended(_words(failure))
    await asyncio.to_thread(way.intake.files.end, handing.progress, taken.outcome, taken.reason)
    if failure and not isinstance(failure, HubError):
        log.error("file failed", feed=way.feed.name, exc_info=failure)
    return taken


async def _take_archive(source: Source, way: Way) -> Taken | None:
    """Each member is a file of its own; the archive is recorded beside them."""
    progress = await _begun(source, way)
    if progress.repeats:
        return Taken(source.name, FileOutcome.REPEATED)
    ends: list[Taken] = []
    try:
        for member in await asyncio.to_thread(members, source, way.caps):
            if (end := await _take_file(member, way)) is None:
                return None
            ends.append(end)
    except Unreadable as error:
        ends.append(Taken(source.name, FileOutcome.REFUSED, str(error)))
    taken = _together(source.name, ends)
    await asyncio.to_thread(way.intake.files.end, progress, taken.outcome, taken.reason)
    return taken


def _together(name: str, ends: Sequence[Taken]) -> Taken:
    """The end of an archive, by those of its members."""
    outcomes = {end.outcome for end in ends}
    bad = outcomes & {FileOutcome.REFUSED, FileOutcome.PARTLY}
    outcome = (
        FileOutcome.REFUSED if outcomes == {FileOutcome.REFUSED} else FileOutcome.PARTLY if bad else FileOutcome.TAKEN
    )
    said = {end.name: end.reason.removeprefix(f"{end.name}: ") for end in ends if end.reason}
    words = [reason if member == name else f"{member}: {reason}" for member, reason in said.items()]
    ids = tuple(identity for end in ends for identity in end.ids)
    return Taken(name, outcome, "\n".join(words), sum(end.bad for end in ends), ids)


async def _begun(source: Source, way: Way) -> FileProgress:
    digest, size = await asyncio.to_thread(_digest, source)
    # A document that comes twice is somebody's decision; who answers a request again names the same messages again.
    unique = way.feed.format is not Format.DOCUMENT and not way.want_ids
    return await asyncio.to_thread(way.intake.files.begin, FileSeen(way.feed.name, source.name, digest, size, unique))


def _words(failure: Exception | None) -> str:
    """A failure as the reason of a file's end."""
    if failure is None:
        return ""
    return str(failure) if isinstance(failure, HubError) else "it cannot be processed"


def unreadable_rows(source: Source, way: Way) -> Iterator[str]:
    """The rows of a CSV file, or of those in an archive, that cannot be read, as the lines of a CSV file with the
    reason of each. Raises ``Unreadable`` at the place where a file cannot be read on."""
    packed = is_archive(source, by_name=False)

    def rows() -> Iterator[BadRow]:
        for file in members(source, way.caps) if packed else [source]:
            for message in row_messages(file.pieces(), way.feed, file.name).messages:
                if message.bad:
                    said = read_body(message.body)
                    yield BadRow(said.file, said.line, said.problem, said.head, (said.text.rstrip("\r\n"),))

    return as_csv(rows())


class _HandingOver:
    """A file under way."""

    def __init__(self, source: Source, way: Way, progress: FileProgress) -> None:
        self._source = source
        self._way = way
        self.progress = progress
        self._unmarked = 0
        self.ids: list[str] = []
        self.refusals: list[str] = []

    async def all(self) -> bool:
        """Hands over what is not durable yet, in order; false when it was stopped before the end."""
        way, source, version = self._way, self._source, self.progress.version
        if way.feed.format is Format.CSV and way.feed.table.trailer:
            await asyncio.to_thread(_read_through, source, way.feed)
        label = source.name if version == 1 else f"{source.name}~{version}"
        found = file_arrivals(source.pieces(), label, way.feed, way.origin, way.limits)
        fresh = (arrival for arrival in found if arrival.line > self.progress.line)
        ahead = _ahead(fresh)
        try:
            while batch := await ahead:
                if way.stopped():
                    return False
                ahead = _ahead(fresh)  # the next ones are read while these are made durable
                await self._hand_over(batch)
            return True
        finally:
            await asyncio.gather(ahead, return_exceptions=True)

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
        outcomes = await accept_all([one.arrival for one in missing], self._way.intake)
        refused = 0
        for one, outcome in zip(missing, outcomes, strict=True):
            if isinstance(outcome, Refused):
                refused += 1
                self._note(one, outcome)
            elif self._way.want_ids:
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
            await asyncio.to_thread(self._way.intake.files.mark, self.progress)
            self._unmarked = 0

    def _stands(self, one: FileArrival) -> bool:
        """Whether it was handed over before the hub ended."""
        present = self.progress.present
        return bool(present) and hashlib.sha256(one.arrival.body).hexdigest() in present

    def _note(self, one: FileArrival, refused: Refused) -> None:
        if len(self.refusals) < REASONS_AT_MOST:
            why = f"{refused.location}: {refused} (condition {refused.condition})"
            self.refusals.append(f"message {one.number}: {why}")


def _ahead(fresh: Iterator[FileArrival]) -> "asyncio.Future[list[FileArrival]]":
    """The next arrivals, read by another thread: so many, and so many bytes, as are under way together."""
    return asyncio.ensure_future(asyncio.to_thread(_next, fresh))


def _next(fresh: Iterator[FileArrival]) -> list[FileArrival]:
    batch, size = [], 0
    for one in fresh:
        batch.append(one)
        size += len(one.arrival.body)
        if len(batch) == AT_ONCE or size > BYTES_AT_ONCE:
            break
    return batch


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

"""Files from a watched folder: HL7 v2 (one message or a batch), CSV by the feed's columns, documents as they are."""

import asyncio
import base64
import contextlib
import mimetypes
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import structlog
from pydantic import Field

from hub.errors import ConfigurationError, HubError, Refused, TransientError, Unreadable
from hub.formats.delimited import Layout, Row, read_table
from hub.formats.hl7v2.batch import split_batch
from hub.model import Format
from hub.ports import Arrival, Intake
from hub.registry import Kind, plugin
from hub.settings import MIB, AdapterOptions, Feed, Settings
from hub.transport.drop_folder import DropFolder, pieces, printable

AT_ONCE = 200
"""Arrivals of one file that are under way together."""

REASONS_AT_MOST = 100

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)

log = structlog.get_logger()


class Options(AdapterOptions, frozen=True):
    """Options of a folder feed."""

    path: Path = Field(description="folder to watch; a relative one is below the hub's data folder")
    pattern: str = Field("*", description="shell pattern of the file names that are taken")
    seconds: float = Field(2.0, gt=0, description="time between two looks")
    limit: int = Field(256 * MIB, gt=0, description="bytes of an HL7 file or a document; CSV has no limit")
    delimiter: str = Field(",", min_length=1, max_length=1, description="what separates the cells of a CSV row")
    bad_rows: int = Field(1000, ge=0, description="rows of a CSV file that may be unreadable before it is refused")


@plugin(Kind.ADAPTER, "folder", Options)
class Folder:
    """Takes in files that are dropped into a folder.

    example: `adapter: {kind: folder, path: inbound/referrals, pattern: "*.csv"}`
    """

    def __init__(self, options: Options, feeds: tuple[Feed, ...], settings: Settings) -> None:
        self._options = options
        self._feed = feeds[0]
        self._folder = DropFolder(settings.data / options.path, options.pattern)
        self._ends: dict[Path, str] = {}

    @property
    def title(self) -> str:
        return f"files dropped into {self._folder.root}"

    async def serve(self, intake: Intake, ready: asyncio.Event, stop: asyncio.Event) -> None:
        """Looks into the folder until ``stop``; a file under way is then left for the next start, where it stands.

        Raises ``ConfigurationError`` where the folder cannot be made.
        """
        try:
            self._folder.prepare()
        except OSError as error:
            reason = f"{self._folder.root} cannot be made or written ({error.strerror})"
            raise ConfigurationError(f"feed {self._feed.name}", "adapter.path", reason) from None
        ready.set()
        while not stop.is_set():
            try:
                files = await asyncio.to_thread(self._folder.look)
                self._ends = {file: end for file, end in self._ends.items() if file in files}
                for file in files:
                    await self._take(file, intake, stop)
            except OSError as error:
                log.warning("folder not usable", feed=self._feed.name, error=error.strerror)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._options.seconds)

    async def _take(self, file: Path, intake: Intake, stop: asyncio.Event) -> None:
        """One file to its end; what is transient leaves it where it is, for the next look.

        A file that has been read but cannot be moved (the archive is full) is not read again: its end is remembered.
        """
        if file not in self._ends:
            try:
                if not await self._hand_over(file, intake, stop):
                    return
            except TransientError as error:
                log.warning("file waits", feed=self._feed.name, code=error.code)
                return
            except Exception as error:  # noqa: BLE001 - no file, whatever is in it, may stop the others
                self._ends[file] = self._reason(error)
            else:
                self._ends[file] = ""
        if reason := self._ends[file]:
            await asyncio.to_thread(self._folder.reject, file, reason)
        else:
            await asyncio.to_thread(self._folder.archive, file)
        del self._ends[file]

    async def _hand_over(self, file: Path, intake: Intake, stop: asyncio.Event) -> bool:
        """Hands over all that is in the file, in order; false when ``stop`` came first.

        Raises ``Unreadable``, when the rest is in, if anything in the file was refused.
        """
        arrivals = self._arrivals(file)
        refusals: list[str] = []
        done = 0
        while batch := await asyncio.to_thread(lambda: list(islice(arrivals, AT_ONCE))):
            if stop.is_set():
                return False
            refusals += await _accept(batch, intake, done)
            done += len(batch)
        if refusals:
            raise Unreadable(
                "\n".join((f"{len(refusals)} of {done} messages are refused", *refusals[:REASONS_AT_MOST]))
            )
        return True

    def _reason(self, error: Exception) -> str:
        """Why a file is set aside, in words for the note beside it."""
        if not isinstance(error, (HubError, OSError)):
            log.error("file failed", feed=self._feed.name, exc_info=error)
            return "it cannot be processed"
        log.warning("file refused", feed=self._feed.name, code=getattr(error, "code", "os-error"))
        return str(error) if isinstance(error, HubError) else f"it cannot be read: {error.strerror}"

    def _arrivals(self, file: Path) -> Iterator[Arrival]:
        readers = {Format.HL7V2: self._messages, Format.CSV: self._rows, Format.DOCUMENT: self._document}
        return readers[self._feed.format](file)

    def _arrival(self, body: bytes, **known: Any) -> Arrival:
        return Arrival(self._feed.name, self._feed.format, body, f"folder/{self._feed.name}", **known)

    def _messages(self, file: Path) -> Iterator[Arrival]:
        return map(self._arrival, split_batch(self._whole(file)))

    def _document(self, file: Path) -> Iterator[Arrival]:
        body = self._whole(file)
        yield self._arrival(body, type=media_type(file.name, body), control_id=printable(file.name))

    def _rows(self, file: Path) -> Iterator[Arrival]:
        feed = self._feed
        layout = Layout(feed.columns, frozenset(feed.optional), feed.charset, self._options.delimiter)
        table = read_table(pieces(file), layout)
        for warning in table.warnings:
            log.warning("unexpected column", feed=feed.name, warning=warning)
        name, bad = printable(file.name), 0
        for row in table.rows:
            bad += bool(row.problem)
            if bad > self._options.bad_rows:
                raise Unreadable(f"more than {self._options.bad_rows} rows cannot be read", path=f"row {row.line}")
            yield self._arrival(
                row_body(row, name), type=feed.type, control_id=f"{name}#{row.line}", key=self._key(row)
            )

    def _key(self, row: Row) -> str:
        """The sender's patient identifier, as in HL7 v2 feeds: ``id|authority``."""
        number = row.fields.get("mrn", "")
        known = {**self._feed.constants, **row.fields}
        return f"{number}|{known.get('mrn_authority', '')}" if number else ""

    def _whole(self, file: Path) -> bytes:
        size = file.lstat().st_size
        if not 0 < size <= self._options.limit:
            raise Unreadable(f"the file has {size} bytes; between 1 and {self._options.limit} are taken")
        return b"".join(pieces(file))


async def _accept(arrivals: Sequence[Arrival], intake: Intake, before: int) -> list[str]:
    """Hands over in order and waits until all are durable; returns what was refused. Raises ``TransientError``."""
    outcomes = await asyncio.gather(*map(intake.accept, arrivals), return_exceptions=True)
    refusals = []
    for number, outcome in enumerate(outcomes, before + 1):
        if isinstance(outcome, Refused):
            refusals.append(f"message {number}: {outcome.location}: {outcome} (condition {outcome.condition})")
        elif isinstance(outcome, BaseException):
            raise outcome
    return refusals


def row_body(row: Row, name: str) -> bytes:
    """A row as the body of a raw message: JSON with ``fields``, ``line`` and ``file``; one with a ``problem`` keeps
    what was written in ``text``, or in ``base64`` when the bytes are not in the file's charset."""
    body: dict[str, object] = {"fields": row.fields, "line": row.line, "file": name}
    if row.problem:
        body["problem"] = row.problem
        body |= {"text": row.text} if row.text else {"base64": base64.b64encode(row.raw).decode()}
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def media_type(name: str, body: bytes) -> str:
    """What a document is, by its first bytes, else by its name."""
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    return mimetypes.guess_type(name, strict=True)[0] or "application/octet-stream"

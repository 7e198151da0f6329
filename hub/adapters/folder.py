"""Files from a watched folder: HL7 v2 (one message or a batch), CSV by the feed's columns, documents as they are."""

import asyncio
import contextlib
from pathlib import Path

import structlog
from pydantic import Field

from hub.errors import ConfigurationError, TransientError, Unreadable
from hub.model import FileOutcome
from hub.ports import Intake
from hub.registry import Kind, plugin
from hub.settings import MIB, AdapterOptions, Feed, Settings
from hub.transport.archives import Caps, Source
from hub.transport.drop_folder import DropFolder, open_file, printable
from hub.transport.file_arrivals import Limits
from hub.transport.file_intake import Way, take_in, unreadable_rows

_WELL = (FileOutcome.TAKEN, FileOutcome.REPEATED)

log = structlog.get_logger()


class Options(AdapterOptions, frozen=True):
    """Options of a folder feed."""

    path: Path = Field(description="folder to watch; a relative one is below the hub's data folder")
    pattern: str = Field("*", description="shell pattern of the file names that are taken")
    manifests: str = Field(
        "", description="shell pattern of files that list others (sha256sum's form); then only what is listed is taken"
    )
    seconds: float = Field(2.0, gt=0, description="time between two looks")
    limit: int = Field(256 * MIB, gt=0, description="bytes of an HL7 file or a document; CSV has no limit")
    members: int = Field(1000, gt=0, description="files that a ZIP may hold")
    unpacked: int = Field(20 * 1024 * MIB, gt=0, description="bytes that an archive may hold")
    ratio: int = Field(200, gt=0, description="how many times its size an archive may hold")


@plugin(Kind.ADAPTER, "folder", Options)
class Folder:
    """Takes in files that are dropped into a folder.

    example: `adapter: {kind: folder, path: inbound/referrals, pattern: "*.csv"}`
    """

    def __init__(self, options: Options, feeds: tuple[Feed, ...], settings: Settings) -> None:
        self._options = options
        self._feed = feeds[0]
        self._folder = DropFolder(settings.data / options.path, options.pattern, options.manifests)
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
                end = await self._end(file, intake, stop)
            except TransientError as error:
                log.warning("file waits", feed=self._feed.name, code=error.code)
                return
            except Exception as error:  # noqa: BLE001 - no file, whatever is in it, may stop the others
                self._ends[file] = self._reason(error)
            else:
                if end is None:
                    return
                self._ends[file] = end
        if reason := self._ends[file]:
            await asyncio.to_thread(self._folder.reject, file, reason)
        else:
            await asyncio.to_thread(self._folder.archive, file)
        del self._ends[file]

    def _way(self, intake: Intake, stop: asyncio.Event) -> Way:
        options = self._options
        caps = Caps(options.members, options.unpacked, options.ratio)
        return Way(self._feed, f"folder/{self._feed.name}", intake, Limits(options.limit), caps, stop.is_set)

    async def _end(self, file: Path, intake: Intake, stop: asyncio.Event) -> str | None:
        """Why a file is set aside, empty when it was taken in; nothing when it is not at its end.

        Raises ``TransientError``.
        """
        source = Source(printable(file.name), lambda: open_file(file))
        way = self._way(intake, stop)
        taken = await take_in(source, way)
        if taken is None:
            return None
        if taken.bad:
            with contextlib.suppress(Unreadable):  # the place where the file stopped
                await asyncio.to_thread(self._folder.set_aside, file, unreadable_rows(source, way))
        if taken.outcome not in _WELL:
            log.warning("file refused", feed=self._feed.name, outcome=taken.outcome)
        return "" if taken.outcome in _WELL else taken.reason

    def _reason(self, error: Exception) -> str:
        """Why a file is set aside that failed, in words for the note beside it."""
        if isinstance(error, OSError):
            return f"it cannot be read: {error.strerror}"
        log.error("file failed", feed=self._feed.name, exc_info=error)
        return "it cannot be processed"

"""The small interfaces that plug-ins and drivers fill."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from hub.errors import HubError
from hub.model import Delivery, FileOutcome, Format, Record, Stage, Stream

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Clock(Protocol):
    """The only source of the present; aware UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of a connection: its address, and the names on the certificate that it proved to own."""

    address: str
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes that came in, before anything is known of them. ``type`` is declared for formats that cannot say it;
    ``peer`` is None for what did not come over a connection."""

    feed: str
    format: Format
    body: bytes
    origin: str
    type: str = ""
    control_id: str = ""
    key: str = ""
    peer: Peer | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub's word on an arrival: ``message_id`` is set when it is durable; ``reply`` is what the sender gets, and
    ``later`` what it gets beside that when the message has been processed (an application acknowledgement)."""

    message_id: str
    reply: bytes = b""
    later: "asyncio.Future[bytes] | None" = None


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file that has come: its ``name`` as printable text and its ``size`` in bytes. Where files are ``unique``, one
    with bytes that were taken in before has come to its end at once."""

    feed: str
    name: str
    sha256: str
    size: int
    unique: bool = True


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a file has been taken in: everything up to ``line``, and beyond it the bodies whose SHA-256 is among
    those ``present``; the counts are those of what is known to be durable. ``version`` counts files of that name with
    other bytes; ``repeats`` names the file with the same bytes that was taken in before, where there is one."""

    id: str
    version: int = 1
    repeats: str = ""
    line: int = 0
    messages: int = 0
    bad: int = 0
    refused: int = 0
    present: frozenset[str] = frozenset()


class FileLog(Protocol):
    """The record of files that came, whatever brought them. All methods raise ``errors.TransientError``."""

    def begin(self, file: FileSeen) -> FileProgress:
        """Records that a file has come, or finds the record of one that was under way when the hub ended."""
        ...

    def mark(self, progress: FileProgress) -> None:
        """Everything up to ``progress.line`` is durable or refused, and nothing else is under way."""
        ...

    def end(self, progress: FileProgress, outcome: FileOutcome, reason: str = "") -> None:
        """The file has come to its end."""
        ...


class Keys(Protocol):
    """What the senders of a feed name their requests and resources by, durably, each with what was said of it. All fail
    with ``errors.TransientError`` while that cannot be stored or read."""

    async def claim(self, feed: str, keys: Mapping[str, str]) -> Mapping[str, str]:
        """Takes the keys that are new; returns what is said of the others. Of two who claim a key at one moment, one
        is told of the other."""
        ...

    async def known(self, feed: str, keys: Collection[str]) -> Mapping[str, str]:
        """What is said of those of the keys that are known."""
        ...

    async def put(self, feed: str, keys: Mapping[str, str]) -> None:
        """Says this of the keys from now on, whatever was said before."""
        ...

    async def release(self, feed: str, keys: Collection[str]) -> None:
        """Forgets keys: nothing came of what was claimed."""
        ...


class Intake(Protocol):
    """What adapters hand arrivals to."""

    @property
    def files(self) -> FileLog:
        """Where the files are recorded that arrivals come from."""
        ...

    @property
    def keys(self) -> Keys: ...

    def accept(self, arrival: Arrival) -> "asyncio.Future[Receipt]":
        """Done when the arrival is durable; fails with ``errors.Refused`` when it is not accepted and with
        ``errors.TransientError`` when it cannot be stored for now. Called on the event loop, in the order of arrival.
        """
        ...

    async def accept_declared(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Returns when all of these rows, whose adapter says what they are, are durable: all of them or, when it fails
        with ``errors.TransientError``, none."""
        ...

    def refuse(self, arrival: Arrival, error: HubError) -> bytes:
        """What the sender of an arrival is told that was not accepted; empty when its format has no answer."""
        ...


class Adapter(Protocol):
    """How bytes come in. ``serve`` runs until ``stop`` is set and then lets what is under way finish;
    it sets ``ready`` once it takes arrivals."""

    @property
    def title(self) -> str:
        """What it does and where, for a person (``HL7 v2 over MLLP on 127.0.0.1:2575``); right once it is ready."""
        ...

    async def serve(self, intake: Intake, ready: asyncio.Event, stop: asyncio.Event) -> None: ...


class Channel(Protocol):
    """How notices go out. At least once: ``delivery.id`` is the idempotency key. One sender at a time has it."""

    needs: ClassVar[frozenset[str]] = frozenset()
    """The members of ``Delivery.origin`` that it works with."""

    def send(self, delivery: Delivery) -> str:
        """Hands over; returns the proof of receipt (a path, a response code). Raises ``EndpointUnavailable`` (may
        be tried again) or ``Undeliverable`` (may not; ``EndpointGone``: nor anything else)."""
        ...

    def close(self) -> None:
        """Ends what is kept open between two deliveries."""


@runtime_checkable
class Gathering(Protocol):
    """A channel that tells everything that is due in one go."""

    def send_together(self, deliveries: Sequence[Delivery]) -> str:
        """Hands over all of them, at least one; as ``Channel.send``."""
        ...


@runtime_checkable
class Subscribed(Protocol):
    """A channel whose other side is greeted before the first notice, and told from time to time that there is none."""

    def signal(self, kind: str, numbered: int) -> str:
        """Sends a ``handshake`` or a ``heartbeat``; ``numbered`` is how many events there were so far. Raises as
        ``Channel.send``."""
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands on its page as it was read, upright: shares of the page's width and height, 0 to 1 from
    the top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Line:
    """Text that stands together on a page, and how sure its reader is of it (0 to 1)."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page that was read: its ``number`` (from 1), its lines from top to bottom, and what its barcodes say.

    ``turned`` are the degrees clockwise by which the picture was turned to be upright; ``engine`` names what read it.
    """

    number: int
    lines: tuple[Line, ...]
    engine: str = ""
    codes: tuple[str, ...] = ()
    turned: int = 0

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @classmethod
    def of(cls, number: int, *texts: str) -> "Page":
        """A page of lines under one another, each as wide as the page."""
        tall = 1 / max(len(texts), 60)
        lines = (Line(text, Box(0, at * tall, len(text) / 100, (at + 0.8) * tall)) for at, text in enumerate(texts))
        return cls(number, tuple(lines))


class Ocr(Protocol):
    """An engine that reads pages of documents of its ``media_types``.

    All methods raise ``errors.Unreadable`` for what is broken, needs a password, or takes more time, memory
    or pixels than a document should.
    """

    name: str
    media_types: frozenset[str]

    @property
    def available(self) -> bool:
        """Whether what it needs is installed here."""
        ...

    def count(self, body: bytes) -> int:
        """How many pages the document has."""
        ...

    def close(self) -> None:
        """Ends what waits for the next document."""
        ...

    def read(self, body: bytes, numbers: Sequence[int] = ()) -> tuple[Page, ...]:
        """The pages of those numbers; all of them where none is named."""
        ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """What hub.raw holds of one feed: how many records up to a reader's positions and behind them, and when the newest
    came (UTC text)."""

    feed: str
    read: int
    waiting: int
    newest: str


class Share(Protocol):
    """What one worker of a stage handles of the stream that the stage reads. All methods may raise
    ``errors.TransientError``, and ``errors.Superseded`` when another worker has a partition now; either way nothing is
    lost or doubled, and the same is to be tried again."""

    def partitions(self) -> Sequence[int]:
        """Those that are this worker's now. What a worker before it has left to be handed on has been handed on."""
        ...

    def read(self, partition: int, after: int, limit: int) -> list[Record]:
        """The next records behind that offset, as far as they are at hand."""
        ...

    def publish(
        self, transaction: "Connection", taken: Sequence[Record], outputs: Sequence[tuple[Stream, Record]]
    ) -> None:
        """Hands on what comes of the records that were ``taken``, in the transaction that moves the stage's position
        past them (promise P2). Others see it after ``settle``."""
        ...

    def settle(self, partition: int, position: int) -> None:
        """The transaction has been committed."""
        ...

    def close(self) -> None:
        """Others may have the partitions."""
        ...


class Streams(Protocol):
    """The durable log. Offsets rise within a partition; a reader asks for what comes after a position.

    ``append`` commits by itself (receiving). Stages read and hand on by a ``Share``; whoever else hands something on
    does it by ``publish`` within a transaction, and calls ``flush`` after the commit.
    ``positions`` are those of a reader of the stream, one for each partition.
    """

    def append(self, stream: Stream, records: Sequence[Record]) -> None: ...

    def publish(self, transaction: "Connection", stream: Stream, records: Sequence[Record]) -> None: ...

    def flush(self) -> None:
        """What was published and committed can be read; if that is not possible now, soon."""
        ...

    def join(self, stage: Stage, stream: Stream) -> Share:
        """A share of the work of a stage, beside those that others have."""
        ...

    def alone(self, stage: Stage, stream: Stream) -> Share:
        """All of the work of a stage, at once."""
        ...

    def partitions(self, stream: Stream) -> Sequence[int]: ...

    def read(self, stream: Stream, partition: int, after: int, limit: int) -> list[Record]: ...

    def fetch(self, stream: Stream, partition: int, offset: int) -> Record | None: ...

    def end(self, stream: Stream, partition: int) -> int:
        """No record has a higher offset; -1 where there is none."""
        ...

    def lag(self, stream: Stream, positions: Mapping[int, int]) -> dict[int, int]:
        """How many records of each partition come behind the positions, at least; 0 only where none is under way."""
        ...

    def arrived(self, connection: "Connection", positions: Mapping[int, int]) -> list[Arrived]:
        """What hub.raw holds of each feed, by name. The positions are those of the convert stage, as the connection
        sees them."""
        ...

    def waiting(self, positions: Mapping[int, int], limit: int, *, feed: str = "", wanted: str = "") -> list[Record]:
        """Records of hub.raw behind the positions, newest first: of the feed, and those whose message id or control id
        is ``wanted`` or whose message id begins so."""
        ...

    def close(self) -> None: ...

"""The small interfaces that plug-ins and drivers fill."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from hub.errors import HubError
from hub.model import Delivery, FileOutcome, Format, Record, Stream

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
class Subscribed(Protocol):
    """A channel whose other side is greeted before the first notice, and told from time to time that there is none."""

    def signal(self, kind: str, numbered: int) -> str:
        """Sends a ``handshake`` or a ``heartbeat``; ``numbered`` is how many events there were so far. Raises as
        ``Channel.send``."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page that was read: its ``number`` (from 1) and its lines of text, top to bottom."""

    number: int
    lines: tuple[str, ...]


class Ocr(Protocol):
    """An engine that reads pages. Raises ``errors.Unreadable``."""

    def read(self, body: bytes) -> tuple[Page, ...]: ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """What hub.raw holds of one feed: how many records up to a reader's positions and behind them, and when the newest
    came (UTC text)."""

    feed: str
    read: int
    waiting: int
    newest: str


class Streams(Protocol):
    """The durable log. Offsets rise within a partition; a reader asks for what comes after a position.

    ``append`` commits by itself (receiving); ``publish`` writes within a stage's transaction (promise P2).
    ``positions`` are those of a reader of hub.raw, one for each partition.
    """

    def append(self, stream: Stream, records: Sequence[Record]) -> None: ...

    def publish(self, transaction: "Connection", stream: Stream, records: Sequence[Record]) -> None: ...

    def partitions(self, stream: Stream) -> Sequence[int]: ...

    def read(self, stream: Stream, partition: int, after: int, limit: int) -> list[Record]: ...

    def fetch(self, stream: Stream, partition: int, offset: int) -> Record | None: ...

    def end(self, stream: Stream, partition: int) -> int:
        """The offset of the newest record, or -1."""
        ...

    def arrived(self, positions: Mapping[int, int]) -> list[Arrived]:
        """What hub.raw holds of each feed, by name."""
        ...

    def waiting(self, positions: Mapping[int, int], limit: int, *, feed: str = "", wanted: str = "") -> list[Record]:
        """Records of hub.raw behind the positions, newest first: of the feed, and those whose message id or control id
        is ``wanted`` or whose message id begins so."""
        ...

    def close(self) -> None: ...

"""What a file of a feed holds, as arrivals: messages, rows or one document; however the file came."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from hub.errors import Refused, Unreadable
from hub.fhir.posted.messages import messages_in_text
from hub.formats.bodies import media_type
from hub.formats.hl7v2.batch import split_batch
from hub.formats.rows import RowMessage, row_messages
from hub.model import Format
from hub.ports import Arrival, Intake, Receipt
from hub.settings import MIB, Feed

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one file: ``whole`` bytes of messages or a document; rows have no limit."""

    whole: int = 256 * MIB


@dataclass(frozen=True, slots=True)
class FileArrival:
    """An arrival with its place in its file: its ``number`` (from 1), and the ``line`` up to which it goes (of messages
    and documents the number). A ``bad`` one is a row that cannot be read."""

    arrival: Arrival
    number: int
    line: int
    bad: bool = False


def file_arrivals(
    pieces: Iterable[bytes], name: str, feed: Feed, origin: str, limits: Limits = Limits()
) -> Iterator[FileArrival]:
    """The arrivals of a file in their order; rows are read while they are asked for.

    Raises ``Unreadable`` for a file that is not what the feed says, at the place where that shows.
    """

    def arrival(body: bytes, **known: Any) -> Arrival:
        return Arrival(feed.name, feed.format, body, origin, **known)

    if feed.format is Format.CSV:
        for number, row in enumerate(_rows(pieces, name, feed), 1):
            made = arrival(row.body, type=feed.type, control_id=f"{name}#{row.line}", key=row.key)
            yield FileArrival(made, number, row.last, row.bad)
    elif feed.format is Format.HL7V2:
        for number, body in enumerate(split_batch(_whole(pieces, limits)), 1):
            yield FileArrival(arrival(body), number, number)
    elif feed.format is Format.FHIR:
        for number, one in enumerate(messages_in_text(_whole(pieces, limits), feed.name), 1):
            yield FileArrival(arrival(one.text, type=one.type, control_id=one.control_id, key=one.key), number, number)
    else:
        body = _whole(pieces, limits)
        yield FileArrival(arrival(body, type=media_type(name, body), control_id=name), 1, 1)


async def accept_all(arrivals: Sequence[Arrival], intake: Intake) -> Sequence[Receipt | Refused]:
    """Hands over in order and waits until all are durable or refused. Raises ``TransientError``."""
    if all(arrival.format is Format.CSV for arrival in arrivals):
        return await intake.accept_declared(arrivals)
    found: list[Receipt | Refused] = []
    for outcome in await asyncio.gather(*map(intake.accept, arrivals), return_exceptions=True):
        if not isinstance(outcome, (Receipt, Refused)):
            raise outcome
        found.append(outcome)
    return found


def _rows(pieces: Iterable[bytes], name: str, feed: Feed) -> Iterator[RowMessage]:
    found = row_messages(pieces, feed, name)
    for column in found.unused:
        log.warning("unexpected column", feed=feed.name, column=column)
    bad = 0
    for message in found.messages:
        bad += message.bad
        if bad > feed.table.bad_rows:
            raise Unreadable(f"more than {feed.table.bad_rows} rows cannot be read", path=f"row {message.line}")
        yield message


def _whole(pieces: Iterable[bytes], limits: Limits) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limits.whole:
            raise Unreadable(f"the file has more than {limits.whole} bytes")
    if not body:
        raise Unreadable("the file is empty")
    return bytes(body)

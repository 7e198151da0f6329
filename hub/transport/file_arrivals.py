"""What a file of a feed holds, as arrivals: messages, rows or one document; however the file came."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from hub.errors import Refused, Unreadable
from hub.fhir.posted.messages import messages_in_text
from hub.formats.bodies import media_type, row_body
from hub.formats.delimited import Layout, Row, read_table
from hub.formats.hl7v2.batch import split_batch
from hub.model import Format
from hub.ports import Arrival, Intake, Receipt
from hub.settings import MIB, Feed

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one file: ``whole`` bytes of messages or a document (rows have no limit), how many ``bad_rows`` it may have,
    and what separates the cells of a row."""

    whole: int = 256 * MIB
    bad_rows: int = 1000
    delimiter: str = ","


def arrivals_in(
    pieces: Iterable[bytes], name: str, feed: Feed, origin: str, limits: Limits = Limits()
) -> Iterator[Arrival]:
    """The arrivals of a file in their order; rows are read while they are asked for.

    Raises ``Unreadable`` for a file that is not what the feed says, at the place where that shows.
    """

    def arrival(body: bytes, **known: Any) -> Arrival:
        return Arrival(feed.name, feed.format, body, origin, **known)

    if feed.format is Format.CSV:
        for row in _rows(pieces, feed, limits):
            control_id = f"{name}#{row.line}"
            yield arrival(row_body(row, name), type=feed.type, control_id=control_id, key=_key(row, feed))
    elif feed.format is Format.HL7V2:
        yield from map(arrival, split_batch(_whole(pieces, limits)))
    elif feed.format is Format.FHIR:
        for one in messages_in_text(_whole(pieces, limits), feed.name):
            yield arrival(one.text, type=one.type, control_id=one.control_id, key=one.key)
    else:
        body = _whole(pieces, limits)
        yield arrival(body, type=media_type(name, body), control_id=name)


async def accept_all(arrivals: Sequence[Arrival], intake: Intake) -> list[Receipt | Refused]:
    """Hands over in order and waits until all are durable or refused. Raises ``TransientError``."""
    found: list[Receipt | Refused] = []
    for outcome in await asyncio.gather(*map(intake.accept, arrivals), return_exceptions=True):
        if not isinstance(outcome, (Receipt, Refused)):
            raise outcome
        found.append(outcome)
    return found


def _rows(pieces: Iterable[bytes], feed: Feed, limits: Limits) -> Iterator[Row]:
    table = read_table(pieces, Layout(feed.columns, frozenset(feed.optional), feed.charset, limits.delimiter))
    for warning in table.warnings:
        log.warning("unexpected column", feed=feed.name, warning=warning)
    bad = 0
    for row in table.rows:
        bad += bool(row.problem)
        if bad > limits.bad_rows:
            raise Unreadable(f"more than {limits.bad_rows} rows cannot be read", path=f"row {row.line}")
        yield row


def _key(row: Row, feed: Feed) -> str:
    """The sender's patient identifier, as in HL7 v2 feeds: ``id|authority``."""
    number = row.fields.get("mrn", "")
    known = {**feed.constants, **row.fields}
    return f"{number}|{known.get('mrn_authority', '')}" if number else ""


def _whole(pieces: Iterable[bytes], limits: Limits) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limits.whole:
            raise Unreadable(f"the file has more than {limits.whole} bytes")
    if not body:
        raise Unreadable("the file is empty")
    return bytes(body)

"""The first stage: what is checked before an arrival is accepted, and the durable commit before it is answered.

Of an HL7 v2 message only the header and the patient's identifier are read here. Everything else is the business of
conversion, which can hold a message for a person; a refusal here is for what the sender itself must put right.
"""

import asyncio
import hashlib
import itertools
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from hub.errors import HubError, Refused, Unreadable
from hub.formats.hl7v2.answer import answer, application_answer, wants_application_answer
from hub.formats.hl7v2.charset import codec_of
from hub.formats.hl7v2.header import Header, patient_key, read_header, salvage_header, text_of
from hub.model import Format, RawMessage, Stream, stable_id
from hub.ports import Arrival, Receipt
from hub.services.context import Hub
from hub.services.intake.committer import Committer
from hub.services.intake.feeds import chooser, inlets
from hub.services.intake.file_records import FileRecords
from hub.services.intake.message_types import check_type, needs_patient
from hub.services.intake.outcomes import Outcomes
from hub.services.records import raw_record
from hub.settings import Feed

log = structlog.get_logger()

LAST_SEGMENT = 512
"""Bytes at the end of a message in which a continuation pointer (DSC) is looked for."""

PROCESSING_IDS = ("", "P", "T", "D")
"""HL7 table 0103; an empty MSH-11 is taken for production."""


class Receiver:
    """The intake of a hub, for the adapters of one event loop. ``close`` writes what waits and ends the writer."""

    def __init__(self, hub: Hub) -> None:
        self._clock = hub.clock
        self._site = hub.site
        self._choosers: dict[str, Callable[[str], Feed | None]] = {}
        for inlet in inlets(hub.site, hub.settings):
            together = chooser(inlet.feeds)
            for feed in inlet.feeds:
                self._choosers[feed.name] = together if inlet.options.by_sender else chooser((feed,))
        self._append = partial(hub.streams.append, Stream.RAW)
        self._committer = Committer(self._append)
        self._outcomes = Outcomes(hub.main)
        self.files = FileRecords(hub)
        self._own_ids = map(f"{secrets.token_hex(5)}-{{}}".format, itertools.count(1))

    def accept(self, arrival: Arrival) -> "asyncio.Future[Receipt]":
        """Done when the arrival is durable; fails with ``Refused`` and ``TransientError``.

        ``arrival.feed`` is any feed of the adapter: an HL7 v2 message goes to the one that claims its sender.
        """
        try:
            message, receipt = self._examine(arrival)
        except Exception as error:  # noqa: BLE001 - the adapter hears of all of them in one way
            failed: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
            failed.set_exception(error)
            return failed
        return self._committer.commit(raw_record(message), receipt)

    async def accept_declared(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Returns when all of these rows or documents are durable, in one transaction; raises ``TransientError``."""
        return await asyncio.to_thread(self._store, arrivals)

    def refuse(self, arrival: Arrival, error: HubError) -> bytes:
        """The negative acknowledgement of an HL7 v2 message, as far as its header can be read."""
        log.warning("refused", feed=arrival.feed, origin=arrival.origin, code=error.code, **_place(error))
        if arrival.format is not Format.HL7V2:
            return b""
        header = salvage_header(arrival.body)
        return answer(header, control_id=next(self._own_ids), now=_dtm(self._clock.now()), error=error)

    def close(self) -> None:
        """Writes what waits, then ends the writer thread."""
        self._outcomes.close()
        self._committer.close()

    def _store(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        now = self._clock.now()
        messages = [_declared(arrival, now) for arrival in arrivals]
        self._append(list(map(raw_record, messages)))
        return [Receipt(message.id) for message in messages]

    def _examine(self, arrival: Arrival) -> tuple[RawMessage, Receipt]:
        """The message that the arrival is, and how it is answered once it is durable. Raises ``Refused``."""
        now = self._clock.now()
        if arrival.format is not Format.HL7V2:
            message = _declared(arrival, now)
            return message, Receipt(message.id)
        header = _read_header(arrival.body)
        sender = header.sender
        feed = self._feed_of(arrival, sender)
        kind = _check(arrival.body, header, feed)
        message = _hl7v2(arrival, header, (feed.name, sender), kind, now)
        reply = answer(header, control_id=next(self._own_ids), now=_dtm(now))
        return message, Receipt(message.id, reply, self._later(message.id, header))

    def _later(self, message_id: str, header: Header) -> "asyncio.Future[bytes] | None":
        if not wants_application_answer(header):
            return None

        def word(error: HubError | None) -> bytes:
            own, now = next(self._own_ids), _dtm(self._clock.now())
            return application_answer(header, control_id=own, now=now, error=error)

        return self._outcomes.expect(message_id, word)

    def _feed_of(self, arrival: Arrival, sender: str) -> Feed:
        choose = self._choosers.get(arrival.feed)
        feed = choose(sender) if choose else self._site.feed(arrival.feed)
        if feed is None:
            raise Refused("no feed here takes messages of this sender", condition="199", location="MSH-3", reject=True)
        if arrival.peer and not feed.admits(arrival.peer):
            reason = "this connection may not send for this sender"
            raise Refused(reason, condition="199", location="MSH-3", reject=True)
        return feed


def _place(error: HubError) -> dict[str, str]:
    return {"condition": error.condition, "location": error.location} if isinstance(error, Refused) else {}


def _dtm(moment: datetime) -> str:
    """A moment in UTC as HL7 v2 DTM, to the second."""
    text = moment.isoformat()
    return f"{text[:4]}{text[5:7]}{text[8:10]}{text[11:13]}{text[14:16]}{text[17:19]}+0000"


def _read_header(body: bytes) -> Header:
    try:
        return read_header(body)
    except Refused as error:
        if error.location != "MSH-9":
            raise
        raise Refused(str(error), condition="200", location="MSH-9", reject=True) from None


def _check(body: bytes, header: Header, feed: Feed) -> tuple[str, str]:
    """MSH-9.1 and 9.2. Raises ``Refused`` for what the sender must put right (HL7 v2 chapter 2, table 0357)."""
    kind, trigger = header.type, header.trigger
    if kind in ("ACK", "MCF"):
        raise Refused("an acknowledgement of nothing that was sent", condition="200", location="MSH-9", reject=True)
    check_type(kind, trigger)
    if header.processing_id not in PROCESSING_IDS:
        raise Refused("processing id not supported", condition="202", location="MSH-11", reject=True)
    if header.version and not header.version.startswith("2."):
        raise Refused("version not supported", condition="203", location="MSH-12", reject=True)
    if header.continuation or body.rfind(b"\rDSC" + header.delimiters.field.encode(), -LAST_SEGMENT) >= 0:
        raise Refused("fragments of a message are not put together", condition="199", location="MSH-14", reject=True)
    _check_charset(body, header, feed)
    return kind, trigger


def _check_charset(body: bytes, header: Header, feed: Feed) -> None:
    """What MSH-18 declares must be known and true; without a word there, conversion reads by the feed's default."""
    if not header.charset:
        return
    try:
        body.decode(codec_of(header.charset.replace(header.delimiters.repetition, "~"), feed.charset))
    except Unreadable as error:
        raise Refused(str(error), condition="103", location="MSH-18") from None
    except UnicodeDecodeError:
        raise Refused("the bytes are not in the declared character set", condition="102", location="MSH-18") from None


def _hl7v2(
    arrival: Arrival, header: Header, origin: tuple[str, str], kind: tuple[str, str], now: datetime
) -> RawMessage:
    feed, sender = origin
    control_id = text_of(header.control_id)
    digest = hashlib.sha256(arrival.body).hexdigest()
    identity = stable_id("message", feed, sender, control_id, digest)
    return RawMessage(
        id=identity,
        feed=feed,
        format=Format.HL7V2,
        type="^".join(kind),
        key=_patient_of(arrival.body, header, kind) or identity,
        sender=sender,
        control_id=control_id,
        sha256=digest,
        received_at=now,
        origin=arrival.origin,
        body=arrival.body,
    )


def _patient_of(body: bytes, header: Header, kind: tuple[str, str]) -> str:
    """The sender's patient identifier. Raises ``Refused`` where one is required and neither PID-3 nor PID-2 has any."""
    key = patient_key(body, header)
    if key or not needs_patient(*kind):
        return key
    separator = header.delimiters.field.encode()
    found = body.replace(b"\n", b"\r").partition(b"\rPID" + separator)
    if not found[1]:
        raise Refused("segment PID missing", condition="100", location="PID")
    repetitions = separator.join(found[2].partition(b"\r")[0].split(separator)[1:3])
    for mark in (separator, header.delimiters.repetition.encode()):
        repetitions = repetitions.replace(mark, b"\r")
    values = [text.partition(header.delimiters.component.encode())[0] for text in repetitions.split(b"\r")]
    if not any(value.strip(b'" ') for value in values):
        raise Refused("patient identifier missing", condition="101", location="PID-3")
    return ""


def _declared(arrival: Arrival, now: datetime) -> RawMessage:
    """A row or a document: its adapter says what it is."""
    digest = hashlib.sha256(arrival.body).hexdigest()
    identity = stable_id("message", arrival.feed, "", arrival.control_id, digest)
    return RawMessage(
        id=identity,
        feed=arrival.feed,
        format=arrival.format,
        type=arrival.type,
        key=arrival.key or identity,
        sender="",
        control_id=arrival.control_id,
        sha256=digest,
        received_at=now,
        origin=arrival.origin,
        body=arrival.body,
    )

"""The first stage: an arrival is accepted or refused, and durable before it is answered."""

import asyncio
import hashlib
import itertools
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from hub.errors import HubError, OutOfSequence, Refused
from hub.formats.hl7v2.acknowledgement import expecting
from hub.formats.hl7v2.answer import answer, application_answer, wants_application_answer
from hub.formats.hl7v2.header import Header, salvage_header
from hub.model import Format, RawMessage, Record, Stream, stable_id
from hub.ports import Arrival, Receipt
from hub.services.context import Hub
from hub.services.health.traffic import Traffic
from hub.services.intake.acceptance import Accepted, accepted, readable_header
from hub.services.intake.committer import Committer
from hub.services.intake.feeds import chooser, inlets
from hub.services.intake.file_records import FileRecords
from hub.services.intake.links import Links
from hub.services.intake.outcomes import Outcomes
from hub.services.intake.pressure import Pressure
from hub.services.intake.request_keys import RequestKeys
from hub.services.records import dtm, raw_record
from hub.settings import Feed

log = structlog.get_logger()


class Receiver:
    """The intake of a hub, for the adapters of one event loop. ``close`` writes what waits and ends the writer."""

    def __init__(self, hub: Hub) -> None:
        self._clock = hub.clock
        self._site = hub.site
        self._choosers: dict[str, Callable[[str], Feed | None]] = {}
        self._elsewhere: set[str] = set()
        """Feeds whose application acknowledgements go back over a connection of their own."""
        for inlet in inlets(hub.site, hub.settings):
            together = chooser(inlet.feeds)
            if inlet.options.return_address:
                self._elsewhere |= {feed.name for feed in inlet.feeds}
            for feed in inlet.feeds:
                self._choosers[feed.name] = together if inlet.options.by_sender else chooser((feed,))
        self._numbered = {feed.name for inlet in inlets(hub.site, hub.settings) for feed in _if_numbered(inlet.feeds)}
        """Feeds at whose place one has sequence numbers."""
        self.traffic = Traffic(hub.clock)
        self._append = partial(hub.streams.append, Stream.RAW)
        self._committer = Committer(self._append, self.traffic.settled)
        self._outcomes = Outcomes(hub.main)
        self.pressure = Pressure(hub)
        self.files = FileRecords(hub)
        self.keys = RequestKeys(hub.intake, hub.clock)
        self._links = Links(self.keys)
        self._own_ids = map(f"{secrets.token_hex(5)}-{{}}".format, itertools.count(1))

    def accept(self, arrival: Arrival) -> "asyncio.Future[Receipt]":
        """Done when the arrival is durable; fails with ``Refused`` and ``TransientError``.

        ``arrival.feed`` is any feed of the adapter: an HL7 v2 message goes to the one that claims its sender.
        """
        if arrival.feed in self._numbered:
            return asyncio.ensure_future(self._accept_in_sequence(arrival))
        try:
            self.pressure.check()
            message, receipt = self._examine(arrival)
        except Exception as error:  # noqa: BLE001 - the adapter hears of all of them in one way
            self.traffic.refused(arrival.feed, error)
            failed: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
            failed.set_exception(error)
            return failed
        return self._committer.commit(raw_record(message), receipt)

    async def _accept_in_sequence(self, arrival: Arrival) -> Receipt:
        """One message of a link after the other: the next one is looked at when this one is durable."""
        try:
            header = readable_header(arrival.body)
            feed = self._feed_of(arrival, header.sender)
        except Refused as error:
            self.traffic.refused(arrival.feed, error)
            raise
        if not feed.sequence or arrival.format is not Format.HL7V2:
            return await self._taken(arrival)
        async with self._links.turn(feed.name, header.sender) as link:
            try:
                number = link.judge(header.raw(13))
            except Refused as error:
                self.traffic.refused(feed.name, error)
                raise
            if number > 0:
                receipt = await self._taken(arrival)
            else:  # a word about the link itself, without a message
                receipt = Receipt("", answer(header, control_id=next(self._own_ids), now=dtm(self._clock.now())))
            return replace(receipt, reply=expecting(receipt.reply, await link.moved(number)))

    async def _taken(self, arrival: Arrival) -> Receipt:
        try:
            message, receipt = self._examine(arrival)
        except HubError as error:
            self.traffic.refused(arrival.feed, error)
            raise
        return await self._committer.commit(raw_record(message), receipt)

    async def accept_declared(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Returns when all of these rows or documents are durable, in one transaction; raises ``TransientError``."""
        self.pressure.check()
        records = await asyncio.to_thread(self._store, arrivals)
        for record in records:
            self.traffic.taken(record)
        return [Receipt(record.headers["id"]) for record in records]

    def refuse(self, arrival: Arrival, error: HubError) -> bytes:
        """The negative acknowledgement of an HL7 v2 message, as far as its header can be read."""
        self.traffic.refused(arrival.feed, error)
        log.warning("refused", feed=arrival.feed, origin=arrival.origin, code=error.code, **_place(error))
        if arrival.format is not Format.HL7V2:
            return b""
        header = salvage_header(arrival.body)
        reply = answer(header, control_id=next(self._own_ids), now=dtm(self._clock.now()), error=error)
        return expecting(reply, error.expected) if isinstance(error, OutOfSequence) else reply

    def close(self) -> None:
        """Writes what waits, then ends the writer thread."""
        self._outcomes.close()
        self._committer.close()

    def _store(self, arrivals: Sequence[Arrival]) -> list[Record]:
        now = self._clock.now()
        records = [raw_record(_declared(arrival, now)) for arrival in arrivals]
        self._append(records)
        return records

    def _examine(self, arrival: Arrival) -> tuple[RawMessage, Receipt]:
        """The message that the arrival is, and how it is answered once it is durable. Raises ``Refused``."""
        now = self._clock.now()
        if arrival.format is not Format.HL7V2:
            message = _declared(arrival, now)
            return message, Receipt(message.id)
        header = readable_header(arrival.body)
        sender = header.sender
        feed = self._feed_of(arrival, sender)
        message = _hl7v2(arrival, feed.name, sender, accepted(arrival.body, header, feed), now)
        reply = answer(header, control_id=next(self._own_ids), now=dtm(now))
        later = None if feed.name in self._elsewhere else self._later(message.id, header)
        return message, Receipt(message.id, reply, later)

    def _later(self, message_id: str, header: Header) -> "asyncio.Future[bytes] | None":
        if not wants_application_answer(header):
            return None

        def word(error: HubError | None) -> bytes:
            own, now = next(self._own_ids), dtm(self._clock.now())
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


def _if_numbered(feeds: tuple[Feed, ...]) -> tuple[Feed, ...]:
    return feeds if any(feed.sequence for feed in feeds) else ()


def _place(error: HubError) -> dict[str, str]:
    return {"condition": error.condition, "location": error.location} if isinstance(error, Refused) else {}


def _hl7v2(arrival: Arrival, feed: str, sender: str, known: Accepted, now: datetime) -> RawMessage:
    digest = hashlib.sha256(arrival.body).hexdigest()
    identity = stable_id("message", feed, sender, known.control_id, digest)
    return RawMessage(
        id=identity,
        feed=feed,
        format=Format.HL7V2,
        type="^".join(known.kind),
        key=known.patient or identity,
        sender=sender,
        control_id=known.control_id,
        sha256=digest,
        received_at=now,
        origin=arrival.origin,
        body=arrival.body,
    )


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

"""Application acknowledgements on a connection of their own (HL7 v2 chapter 2, enhanced mode).

Which of them are still to be said follows from what is durable: the raw log, the ends of its messages, and a position
in the log for each place that they go to. So a restart forgets none; it may say the last one twice.
"""

import asyncio
import itertools
import math
import secrets
from collections.abc import Collection

import structlog

from hub.errors import HubError
from hub.formats.hl7v2.answer import application_answer, wants_application_answer
from hub.formats.hl7v2.header import salvage_header
from hub.model import MessageStatus, Record, Stream
from hub.services.context import Hub
from hub.services.intake.outcomes import LOOK_SECONDS, error_of
from hub.services.records import dtm
from hub.settings import ReturnAddress
from hub.store import messages, positions
from hub.store.engine import Turn, reading, writing
from hub.transport.mllp_client import MllpClient, MllpLink
from hub.transport.tls import client_context

_PAGE = 100

log = structlog.get_logger()


class Replies:
    """Says the application acknowledgements of some feeds' messages, in the order in which these came."""

    def __init__(self, hub: Hub, feeds: Collection[str], address: ReturnAddress) -> None:
        self._hub = hub
        self._feeds = frozenset(feeds)
        self._address = address
        self._name = f"replies/{address.host}:{address.port}"
        self._own_ids = map(f"{secrets.token_hex(5)}-{{}}".format, itertools.count(1))

    def begin(self) -> None:
        """Before anything is taken in: a place that is new hears of what comes from now on."""
        with writing(self._hub.main, Turn.STAGE) as transaction:
            for partition in self._hub.streams.partitions(Stream.RAW):
                newest = self._hub.streams.end(Stream.RAW, partition)
                positions.begin(transaction, self._name, partition, newest)

    async def run(self) -> None:
        """Goes on until it is cancelled. While the other side is away nothing is left out: it is tried again."""
        async with asyncio.TaskGroup() as group:
            for partition in self._hub.streams.partitions(Stream.RAW):
                group.create_task(self._follow(partition))

    async def _follow(self, partition: int) -> None:
        async with MllpLink(self._client, patience=math.inf) as link:
            while True:
                try:
                    went_on = await self._page(link, partition)
                except HubError as error:  # the database is away, or another receiver has said it
                    log.warning("replies wait", to=self._name, code=error.code)
                    went_on = False
                if not went_on:
                    await asyncio.sleep(LOOK_SECONDS)

    async def _page(self, link: MllpLink, partition: int) -> bool:
        """Says what is to be said of the next records; whether there were any."""
        after, records = await asyncio.to_thread(self._next, partition)
        for record in records:
            if record.headers["feed"] in self._feeds and (reply := await self._word(record)):
                await self._say(link, reply)
                await asyncio.to_thread(self._advance, partition, after, record.offset)
                after = record.offset
        if records and after != records[-1].offset:
            await asyncio.to_thread(self._advance, partition, after, records[-1].offset)
        return bool(records)

    async def _word(self, record: Record) -> bytes:
        """The application acknowledgement of a message, once that has come to its end; empty where none is wanted."""
        header = salvage_header(record.value)
        if not wants_application_answer(header):
            return b""
        while (end := await asyncio.to_thread(self._end, record.headers["id"])) is None:
            await asyncio.sleep(LOOK_SECONDS)
        confirm = "AL" if self._address.confirmed else ""
        own, now = next(self._own_ids), dtm(self._hub.clock.now())
        return application_answer(header, control_id=own, now=now, error=error_of(end), confirm=confirm)

    async def _say(self, link: MllpLink, reply: bytes) -> None:
        if not self._address.confirmed:
            await link.tell(reply)
        elif not (answer := await link.deliver(reply)).accepted:
            log.warning("reply refused", to=self._name, code=answer.code)

    def _client(self) -> MllpClient:
        address = self._address
        tls = client_context(address.authorities, address.certificate) if address.authorities else None
        return MllpClient(address.host, address.port, tls=tls)

    # --- the database, on another thread ---

    def _next(self, partition: int) -> tuple[int, list[Record]]:
        after = positions.read(self._hub.main, self._name, partition)
        return after, self._hub.streams.read(Stream.RAW, partition, after, _PAGE)

    def _end(self, message_id: str) -> MessageStatus | None:
        with reading(self._hub.main) as connection:
            return messages.ends(connection, [message_id]).get(message_id)

    def _advance(self, partition: int, after: int, to: int) -> None:
        with writing(self._hub.main, Turn.STAGE) as transaction:
            positions.advance(transaction, self._name, partition, after, to)

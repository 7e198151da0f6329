"""Sending messages over MLLP: ``hub send``, ``hub simulate --to`` and the demo."""

import asyncio
import ssl
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hub.formats.hl7v2 import Acknowledgement, patient_key, salvage_header
from hub.transport.mllp_client import MllpClient, MllpLink, Unanswered

_AHEAD = 64
"""Messages that may wait for a connection."""


@dataclass(slots=True)
class SendReport:
    """How many messages were accepted (AA, CA), refused with an answer, and left without one; and the time it took."""

    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    seconds: float = 0.0

    @property
    def sent(self) -> int:
        return self.accepted + self.refused + self.unanswered

    @property
    def all_accepted(self) -> bool:
        return self.accepted == self.sent


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    tls: ssl.SSLContext | None
    answer_seconds: float
    retry_seconds: float

    def link(self) -> MllpLink:
        return MllpLink(self.client, patience=self.retry_seconds)

    def client(self) -> MllpClient:
        return MllpClient(self.host, self.port, tls=self.tls, answer_seconds=self.answer_seconds)


@dataclass(slots=True)
class _Tally:
    on_ack: Callable[[Acknowledgement], None]
    report: SendReport = field(default_factory=SendReport)

    def add(self, acknowledgement: Acknowledgement) -> None:
        if acknowledgement.accepted:
            self.report.accepted += 1
        elif acknowledgement.code:
            self.report.refused += 1
        else:
            self.report.unanswered += 1
        self.on_ack(acknowledgement)


_Queue = asyncio.Queue[bytes | None]


async def send(
    messages: Iterable[bytes],
    host: str,
    port: int,
    *,
    rate: float | None = None,
    connections: int = 1,
    on_ack: Callable[[Acknowledgement], None] = lambda _: None,
    tls: ssl.SSLContext | None = None,
    answer_seconds: float = 30.0,
    retry_seconds: float = 0.0,
) -> SendReport:
    """Sends each message and tells ``on_ack`` its answer (one without a ``code`` when none came).

    ``rate`` is messages per second, none for as fast as they are answered. With several ``connections`` all messages
    of a patient go over the same one, so their order holds. For ``retry_seconds`` a message without an answer is sent
    again, over a new connection. Raises ``EndpointUnavailable`` when nobody listens for so long.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    tally = _Tally(on_ack)
    queues = [_Queue(_AHEAD) for _ in range(connections)]
    target = _Target(host, port, tls, answer_seconds, retry_seconds)
    try:
        async with asyncio.TaskGroup() as group:
            for queue in queues:
                group.create_task(_work(queue, target, tally))
            await _hand_out(messages, queues, rate)
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    tally.report.seconds = clock() - started
    return tally.report


async def _hand_out(messages: Iterable[bytes], queues: list[_Queue], rate: float | None) -> None:
    clock = asyncio.get_running_loop().time
    started = clock()
    for number, body in enumerate(messages):
        if rate:
            await asyncio.sleep(max(0.0, started + number / rate - clock()))
        await queues[_lane(body, len(queues))].put(body)
    for queue in queues:
        await queue.put(None)


def _lane(body: bytes, lanes: int) -> int:
    return zlib.crc32(patient_key(body, salvage_header(body)).encode()) % lanes if lanes > 1 else 0


async def _work(queue: _Queue, target: _Target, tally: _Tally) -> None:
    """Sends what comes out of the queue; a connection that ends is opened again for the next message."""
    async with target.link() as link:
        while (body := await queue.get()) is not None:
            tally.add(await _sent(link, body))


async def _sent(link: MllpLink, body: bytes) -> Acknowledgement:
    try:
        return await link.deliver(body)
    except Unanswered as error:
        return Acknowledgement("", salvage_header(body).control_id, str(error))

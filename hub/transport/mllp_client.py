"""The sending side of MLLP: one connection, and a lasting link that connects again.

An acknowledgement is matched strictly on MSA-2: one that comes late is never taken for that of the next message.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import Self, TypeVar, cast

from hub.errors import EndpointUnavailable, Unreadable
from hub.formats.hl7v2 import Acknowledgement, read_acknowledgement, salvage_header
from hub.transport.mllp import Framer, FramingError, frame

ANSWER_LIMIT = 1024 * 1024
"""Bytes of an acknowledgement."""

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0
"""Seconds between attempts, each twice as long as the one before."""


class Unanswered(EndpointUnavailable):
    """The message was sent, and no acknowledgement of it came: the other side may have it or not."""

    code = "unanswered"


class MllpClient(asyncio.Protocol):
    """Sends messages over one connection, one in flight, and matches answers strictly on MSA-2.

    An answer that comes late is never taken for the next message's. Times are in seconds::

        async with MllpClient("127.0.0.1", 2575) as client:
            acknowledgement = await client.send(message)
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        connect_seconds: float = 10.0,
        answer_seconds: float = 30.0,
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._framer = Framer(ANSWER_LIMIT)
        self._turn = asyncio.Lock()
        self._ended = asyncio.Event()
        self._sent = asyncio.Event()
        self._sent.set()
        self._transport: asyncio.Transport | None = None
        self._asked = b""
        self._answer: asyncio.Future[Acknowledgement] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_seconds):
                await loop.create_connection(lambda: self, self._host, self._port, ssl=self._tls)
        except OSError as error:  # TimeoutError is one, without words
            raise EndpointUnavailable(f"{self._host}:{self._port}: {error.strerror or 'no answer in time'}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        await self._ended.wait()

    @property
    def connected(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Ends the connection; whoever waits for an answer gets ``Unanswered``."""
        if self._transport and self._transport.get_write_buffer_size():
            self._transport.abort()  # the other side does not read: closing would wait for it
        elif self._transport:
            self._transport.close()

    async def send(self, body: bytes) -> Acknowledgement:
        """Sends one message and returns its answer, accepting or not.

        Raises ``Unanswered`` when none comes in time or the connection ends; it is closed then, and whether the other
        side has the message is not known: send it again, unchanged.
        """
        async with self._turn:
            if self._transport is None or not self.connected:
                raise Unanswered("the connection is closed")
            self._asked = salvage_header(body).control_id
            self._answer = asyncio.get_running_loop().create_future()
            self._transport.write(frame(body))
            try:
                async with asyncio.timeout(self._answer_seconds):
                    return await self._answer
            except TimeoutError:
                self.close()
                raise Unanswered("no answer in time") from None
            except asyncio.CancelledError:
                self.close()  # its answer may still come, and is nobody's then
                raise
            finally:
                self._answer = None

    async def tell(self, body: bytes) -> None:
        """Sends one message that gets no answer; done when it is with the operating system, or fails as ``send``."""
        async with self._turn:
            if self._transport is None or not self.connected:
                raise Unanswered("the connection is closed")
            self._transport.write(frame(body))
            try:
                async with asyncio.timeout(self._answer_seconds):
                    await self._sent.wait()
            except TimeoutError:
                self.close()
                raise Unanswered("the other side does not read") from None
            if not self.connected:
                raise Unanswered("the connection ended")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without being derived from it
        self._transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        self._sent.clear()

    def resume_writing(self) -> None:
        self._sent.set()

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._framer.feed(data):
                self._receive(read_acknowledgement(body))
        except (FramingError, Unreadable) as error:
            self._fail(f"the answer is no acknowledgement: {error}")
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._ended.set()
        self._sent.set()
        self._fail("the connection ended before the answer")

    def _receive(self, acknowledgement: Acknowledgement) -> None:
        """An answer to something else than what was asked is late, and dropped."""
        if self._answer and not self._answer.done() and acknowledgement.control_id == self._asked:
            self._answer.set_result(acknowledgement)

    def _fail(self, reason: str) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(Unanswered(reason))


class MllpLink:
    """A lasting way to one receiver: connects when there is something to send and stays connected.

    Where that fails it tries again, after longer and longer pauses, until ``patience`` (seconds) has run out; with no
    patience it tries once. One message is in flight at a time, in the order in which they were handed over::

        async with MllpLink(lambda: MllpClient("127.0.0.1", 2575), patience=60) as link:
            acknowledgement = await link.deliver(message)
    """

    def __init__(self, client: Callable[[], MllpClient], *, patience: float = 0.0) -> None:
        self._new_client = client
        self._patience = patience
        self._client: MllpClient | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._drop()

    async def deliver(self, body: bytes) -> Acknowledgement:
        """The answer to the message, which is sent again, unchanged, until one comes.

        Raises ``EndpointUnavailable`` when patience has run out: ``Unanswered`` where the message was sent at least in
        the last attempt.
        """
        return await self._try(lambda client: client.send(body))

    async def tell(self, body: bytes) -> None:
        """Sends a message that gets no answer, until it is with the operating system. Raises as ``deliver``."""
        await self._try(lambda client: client.tell(body))

    async def _try(self, attempt: Callable[[MllpClient], Awaitable[T]]) -> T:
        clock = asyncio.get_running_loop().time
        end = clock() + self._patience
        async with self._turn:
            for pause in _pauses():
                try:
                    return await attempt(await self._connected())
                except EndpointUnavailable:
                    await self._drop()
                    if clock() + pause > end:
                        raise
                await asyncio.sleep(pause)
        raise AssertionError("pauses do not end")

    async def _connected(self) -> MllpClient:
        if self._client and not self._client.connected:
            await self._drop()
        if not self._client:
            self._client = await self._new_client().__aenter__()
        return self._client

    async def _drop(self) -> None:
        if self._client:
            client, self._client = self._client, None
            await client.__aexit__(None, None, None)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)

"""What became of messages, for senders who want to hear of it: application acknowledgements of enhanced mode."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import islice

from sqlalchemy import Engine

from hub.errors import HubError, Refused, TransientError
from hub.model import MessageStatus
from hub.store import messages
from hub.store.engine import reading

LOOK_SECONDS = 0.1

AT_ONCE = 500
"""So many messages are asked for in one query, the oldest first."""


_Word = Callable[[HubError | None], bytes]
_Expected = tuple["asyncio.Future[bytes]", _Word]


class Outcomes:
    """The ends of messages as conversion decides them. The database is asked only while somebody waits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[str, list[_Expected]] = {}
        self._looking: asyncio.Task[None] | None = None

    def expect(self, message_id: str, word: _Word) -> "asyncio.Future[bytes]":
        """Done with ``word`` of None once the message is converted, or of the error for which it was not. Whoever does
        not want it any more cancels it."""
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(message_id, []).append((future, word))
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return future

    def close(self) -> None:
        """Nobody hears any more."""
        if self._looking:
            self._looking.cancel()

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                ends = await asyncio.to_thread(self._ends, list(islice(self._waiting, AT_ONCE)))
            except TransientError:  # the database is away for now: it is asked again
                continue
            self._tell(ends)
            self._forget()
        self._looking = None

    def _ends(self, ids: list[str]) -> dict[str, MessageStatus]:
        with reading(self._engine) as connection:
            return messages.ends(connection, ids)

    def _tell(self, ends: Mapping[str, MessageStatus]) -> None:
        for message_id, status in ends.items():
            for future, word in self._waiting.pop(message_id):
                if not future.done():
                    future.set_result(word(error_of(status)))

    def _forget(self) -> None:
        """Those whom nobody wants any more."""
        for message_id in [i for i, expected in self._waiting.items() if all(f.done() for f, _ in expected)]:
            del self._waiting[message_id]


def error_of(status: MessageStatus) -> Refused | None:
    """What the sender of a message with that end is told."""
    if status in (MessageStatus.CONVERTED, MessageStatus.DUPLICATE):
        return None
    return Refused("the message is stored, but could not be processed; a person will look at it", condition="207")

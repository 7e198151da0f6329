"""The keys by which senders' requests and resources are known again, in the intake database."""

import asyncio
import secrets
from collections.abc import Collection, Mapping

from sqlalchemy import Engine

from hub.ports import Clock
from hub.store import request_keys
from hub.store.engine import Turn, reading, utc_text, writing


class RequestKeys:
    """``ports.Keys`` over a database; each call is one transaction, on a thread of its own."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def claim(self, feed: str, keys: Mapping[str, str]) -> Mapping[str, str]:
        """Takes the keys that are new; returns what is said of the others."""
        return await asyncio.to_thread(self._claim, feed, keys)

    async def known(self, feed: str, keys: Collection[str]) -> Mapping[str, str]:
        """What is said of those of the keys that are known."""
        return await asyncio.to_thread(self._known, feed, keys)

    async def put(self, feed: str, keys: Mapping[str, str]) -> None:
        """Says this of the keys from now on."""
        await asyncio.to_thread(self._put, feed, keys)

    async def release(self, feed: str, keys: Collection[str]) -> None:
        """Forgets keys."""
        await asyncio.to_thread(self._release, feed, keys)

    def _claim(self, feed: str, keys: Mapping[str, str]) -> Mapping[str, str]:
        with writing(self._engine, Turn.APPENDING) as transaction:
            return request_keys.claim(transaction, feed, keys, secrets.token_hex(8), utc_text(self._clock.now()))

    def _known(self, feed: str, keys: Collection[str]) -> Mapping[str, str]:
        with reading(self._engine) as connection:
            return request_keys.known(connection, feed, keys)

    def _put(self, feed: str, keys: Mapping[str, str]) -> None:
        with writing(self._engine) as transaction:
            request_keys.put(transaction, feed, keys, utc_text(self._clock.now()))

    def _release(self, feed: str, keys: Collection[str]) -> None:
        with writing(self._engine, Turn.APPENDING) as transaction:
            request_keys.release(transaction, feed, keys)

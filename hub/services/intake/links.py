"""The sequence number protocol (HL7 v2 chapter 2, "Sequence number protocol"), for feeds that agree on it.

The newest number of each link (feed and sender) is remembered durably before its message is acknowledged. Were it lost
in a crash between the message and the number, the sender would send the message again, and it is known by its contents.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.errors import OutOfSequence, Refused
from hub.ports import Keys

STARTS, RESYNCHRONIZES = 0, -1
"""What a sender says that begins (and asks which number is next), and one that begins to count anew."""


class Link:
    """One sender's messages; ``newest`` is the number of the last one, None before the first."""

    def __init__(self, keys: Keys, feed: str, sender: str, newest: int | None) -> None:
        self._keys = keys
        self._feed = feed
        self._name = f"sequence:{sender}"
        self._newest = newest

    def judge(self, sent: bytes) -> int:
        """The number (MSH-13), which is the next one, the newest once more, or a word about the link. Raises
        ``Refused``."""
        try:
            number = int(sent)
        except ValueError:
            condition = "102" if sent.strip() else "101"
            raise Refused("a sequence number is needed", condition=condition, location="MSH-13") from None
        if number < RESYNCHRONIZES:
            raise Refused("no sequence number is below -1", condition="102", location="MSH-13")
        if number > STARTS and self._newest is not None and number not in (self._newest, self._newest + 1):
            raise OutOfSequence("another sequence number is expected", self._newest + 1)
        return number

    async def moved(self, number: int) -> int:
        """Remembers where the link is now; what MSA-4 says of it. Raises ``TransientError``."""
        if number == STARTS:
            return RESYNCHRONIZES if self._newest is None else self._newest + 1
        if number != self._newest:
            newest = None if number == RESYNCHRONIZES else number
            await self._keys.put(self._feed, {self._name: "" if newest is None else str(newest)})
            self._newest = newest
        return number


class Links:
    """The links of a hub."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: dict[tuple[str, str], Link] = {}
        self._turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, feed: str, sender: str) -> AsyncIterator[Link]:
        """The link, for one message at a time, in the order in which they came. Raises ``TransientError``."""
        async with self._turns[feed, sender]:
            if (feed, sender) not in self._known:
                name = f"sequence:{sender}"
                said = (await self._keys.known(feed, [name])).get(name, "")
                self._known[feed, sender] = Link(self._keys, feed, sender, int(said) if said else None)
            yield self._known[feed, sender]

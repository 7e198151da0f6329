"""How much of each feed waits in hub.raw: the topic says how much there is, but not of whom.

What waits is read once by each process that asks, and remembered in two bytes a record.
"""

from array import array
from collections import Counter
from collections.abc import Mapping
from threading import Lock

from hub.model import Record, Stream
from hub.ports import Arrived
from hub.store.raw_counts import Read
from hub.streams.kafka.cluster import Cluster

PAGE = 500
NOBODY = 0
"""Stands for an offset that has no record."""


class Tail:
    """What is behind the convert stage, by feed."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._turn = Lock()
        self._names: list[str] = [""]
        self._numbers: dict[str, int] = {}
        self._newest: dict[str, str] = {}
        self._starts: dict[int, int] = {}
        self._feeds: dict[int, array[int]] = {}

    def arrived(self, positions: Mapping[int, int], read: Mapping[str, Read]) -> list[Arrived]:
        """What was read and what waits behind these positions."""
        with self._turn:
            waiting: Counter[str] = Counter()
            for partition, position in positions.items():
                self._follow(partition, position)
                counted = Counter(self._feeds[partition])
                waiting.update({self._names[number]: n for number, n in counted.items() if number != NOBODY})
            return [self._of(feed, read.get(feed, Read(0, "")), waiting[feed]) for feed in sorted({*read, *waiting})]

    def _of(self, feed: str, read: Read, waiting: int) -> Arrived:
        newest = max(read.newest, self._newest.get(feed, "") if waiting else "")
        return Arrived(feed, read.records, waiting, newest)

    def _follow(self, partition: int, position: int) -> None:
        """Forgets what has been read, and reads what has come."""
        start, feeds = self._starts.get(partition, 0), self._feeds.get(partition, array("H"))
        if not start <= position + 1 <= start + len(feeds):
            feeds = array("H")
        else:
            del feeds[: position + 1 - start]
        self._starts[partition], self._feeds[partition] = position + 1, feeds
        after = position + len(feeds)
        while page := self._cluster.browser.read(self._cluster.address.topic(Stream.RAW), partition, after, PAGE):
            for record in page:
                feeds.extend([NOBODY] * (record.offset - after - 1))
                feeds.append(self._number(record))
                after = record.offset

    def _number(self, record: Record) -> int:
        feed, time = record.headers["feed"], record.headers["time"]
        self._newest[feed] = max(self._newest.get(feed, ""), time)
        if feed not in self._numbers:
            self._numbers[feed] = len(self._names)
            self._names.append(feed)
        return self._numbers[feed]

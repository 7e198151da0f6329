"""``ports.Streams`` on Kafka: each stream a topic, and the outbox of what stages hand on in the main database."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

import structlog
from kafka import TopicPartition
from sqlalchemy import Connection, Engine

from hub.errors import Superseded, TransientError
from hub.model import Record, Stage, Stream
from hub.ports import Arrived
from hub.store import outbox, positions, postgres, raw_counts
from hub.store.engine import Turn, on_postgres, reading, writing
from hub.streams.kafka.address import parse
from hub.streams.kafka.browsing import Browser
from hub.streams.kafka.cluster import Cluster
from hub.streams.kafka.lanes import Lane
from hub.streams.kafka.producing import Appender
from hub.streams.kafka.shares import Member, Share
from hub.streams.kafka.tail import PAGE, Tail
from hub.streams.kafka.topics import prepared

log = structlog.get_logger()

OPERATOR = "operator"
"""The lane of what no stage hands on: acts of people, and replays."""

MARKS = 10
"""Behind the last record of a partition stand marks of transactions; of so few offsets the records are counted."""


class KafkaStreams:
    """The hub's topics on a cluster. ``hub.raw`` is written by the receivers alone, all others out of the outbox."""

    def __init__(self, url: str, main: Engine, batch: int) -> None:
        address = parse(url)
        self._main = main
        self._browser = Browser(address)
        self._under_way = Browser(address, committed=False)
        self._cluster = Cluster(address, prepared(address, main), main, self._browser, batch)
        self._appender = Appender(address)
        self._tail = Tail(self._cluster)
        self._operator = Lane(address, main, OPERATOR, TopicPartition(address.topic(Stream.RAW), 0))
        self._turn = Lock()

    def append(self, stream: Stream, records: Sequence[Record]) -> None:
        """See ``ports.Streams``."""
        self._appender.append(self._topic(stream), self._cluster.partitions[stream], records)

    def publish(self, transaction: Connection, stream: Stream, records: Sequence[Record]) -> None:
        """See ``ports.Streams``; the records appear with ``flush``."""
        if records:
            number = positions.count_up(transaction, OPERATOR)
            outbox.add(transaction, OPERATOR, 0, number, self._cluster.placed([(stream, r) for r in records]))

    def flush(self) -> None:
        """See ``ports.Streams``. Of several processes one hands on at a time."""
        try:
            if self._anything_from_operators():
                self._hand_on()
        except (TransientError, Superseded) as error:
            log.warning("outbox waits", code=error.code)

    def join(self, stage: Stage, stream: Stream) -> Member:
        """See ``ports.Streams``."""
        return Member(self._cluster, stage, stream)

    def alone(self, stage: Stage, stream: Stream) -> Share:
        """See ``ports.Streams``."""
        return Share(self._cluster, stage, stream)

    def partitions(self, stream: Stream) -> Sequence[int]:
        return range(self._cluster.partitions[stream])

    def read(self, stream: Stream, partition: int, after: int, limit: int) -> list[Record]:
        return self._browser.read(self._topic(stream), partition, after, limit)

    def fetch(self, stream: Stream, partition: int, offset: int) -> Record | None:
        return next((r for r in self.read(stream, partition, offset - 1, 1) if r.offset == offset), None)

    def end(self, stream: Stream, partition: int) -> int:
        return self._browser.end(self._topic(stream), partition)

    def lag(self, stream: Stream, positions: Mapping[int, int]) -> dict[int, int]:
        """See ``ports.Streams``."""
        with reading(self._main) as connection:  # first what is on its way: meanwhile it may arrive, and counts twice
            on_its_way = outbox.counts(connection, stream)
        return {at: on_its_way[at] + self._behind(stream, at, position) for at, position in positions.items()}

    def arrived(self, connection: Connection, positions: Mapping[int, int]) -> list[Arrived]:
        """See ``ports.Streams``."""
        return self._tail.arrived(positions, raw_counts.by_feed(connection))

    def waiting(self, positions: Mapping[int, int], limit: int, *, feed: str = "", wanted: str = "") -> list[Record]:
        """See ``ports.Streams``. It reads what waits, or only the end of it when any will do."""
        found: list[Record] = []
        for partition, position in positions.items():
            anything = not (feed or wanted)
            after = max(position, self.end(Stream.RAW, partition) - limit) if anything else position
            same = (r for r in self._from(Stream.RAW, partition, after) if _is_meant(r, feed, wanted))
            found += deque(same, maxlen=limit)
        return sorted(found, key=lambda record: (record.headers["time"], record.offset), reverse=True)[:limit]

    def close(self) -> None:
        self._appender.close()
        self._operator.close()
        self._browser.close()
        self._under_way.close()

    def _anything_from_operators(self) -> bool:
        with reading(self._main) as connection:
            return bool(outbox.of_lane(connection, OPERATOR, 0, 1))

    def _hand_on(self) -> None:
        with self._turn, writing(self._main, Turn.APPENDING) as transaction:
            if on_postgres(transaction):
                postgres.take(transaction, OPERATOR)
            self._operator.flush_within(transaction)

    def _topic(self, stream: Stream) -> str:
        return self._cluster.address.topic(stream)

    def _behind(self, stream: Stream, partition: int, position: int) -> int:
        """Counts what is in transactions under way, too, and a few of their marks as well when there is much."""
        newest = self._under_way.end(self._topic(stream), partition)
        offsets = newest - position
        if stream is Stream.RAW or not 0 < offsets <= MARKS or newest > self.end(stream, partition):
            return max(offsets, 0)
        return len(self.read(stream, partition, position, MARKS))

    def _from(self, stream: Stream, partition: int, after: int) -> Iterator[Record]:
        while page := self.read(stream, partition, after, PAGE):
            yield from page
            after = page[-1].offset


def _is_meant(record: Record, feed: str, wanted: str) -> bool:
    head = record.headers
    if feed and head["feed"] != feed:
        return False
    return not wanted or head["controlid"] == wanted or head["id"].startswith(wanted)

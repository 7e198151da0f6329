"""Reading topics by place, beside the consumer groups: what people look up, and what follows a stream."""

from threading import Lock
from time import monotonic

from kafka import KafkaConsumer, TopicPartition

from hub.errors import StreamUnavailable
from hub.model import Record
from hub.streams.kafka.address import Address
from hub.streams.kafka.clients import opened
from hub.streams.kafka.failures import named_errors
from hub.streams.kafka.records import all_read

PATIENCE_SECONDS = 8.0
POLL_MS = 250


class Browser:
    """One consumer without a group, for all threads of a process, one at a time. It sees committed records only, or
    those of transactions under way, too."""

    def __init__(self, address: Address, *, committed: bool = True) -> None:
        self._address = address
        self._isolation = "read_committed" if committed else "read_uncommitted"
        self._turn = Lock()
        self._consumer: KafkaConsumer | None = None
        self._at: TopicPartition | None = None

    def read(self, topic: str, partition: int, after: int, limit: int) -> list[Record]:
        """The next records behind that offset, at most so many. Raises ``StreamUnavailable``."""
        place = TopicPartition(topic, partition)
        with self._turn, named_errors(self._address):
            end = self._end(place)
            if after + 1 >= end:
                return []
            self._go_to(place, after + 1)
            return self._take(place, end, limit)

    def end(self, topic: str, partition: int) -> int:
        """No record that can be read has a higher offset; -1 where there is none."""
        with self._turn, named_errors(self._address):
            return self._end(TopicPartition(topic, partition)) - 1

    def close(self) -> None:
        with self._turn:
            if self._consumer is not None:
                self._consumer.close(autocommit=False, timeout_ms=1000)
                self._consumer = self._at = None

    def _end(self, place: TopicPartition) -> int:
        ends = self._opened().end_offsets([place], timeout_ms=PATIENCE_SECONDS * 1000)
        return int(ends[place])

    def _go_to(self, place: TopicPartition, offset: int) -> None:
        consumer = self._opened()
        if self._at != place:
            consumer.assign([place])
            self._at = place
        consumer.seek(place, offset)

    def _take(self, place: TopicPartition, end: int, limit: int) -> list[Record]:
        """Up to the limit, or to the end as it was: behind the last record there may be marks of transactions."""
        consumer = self._opened()
        found: list[Record] = []
        deadline = monotonic() + PATIENCE_SECONDS
        while len(found) < limit and consumer.position(place) < end:
            page = consumer.poll(timeout_ms=POLL_MS, max_records=limit - len(found)).get(place, [])
            found += all_read(page)
            if page:
                deadline = monotonic() + PATIENCE_SECONDS
            elif monotonic() > deadline:
                raise StreamUnavailable(f"Kafka at {', '.join(self._address.brokers)} does not hand over its records")
        return found

    def _opened(self) -> KafkaConsumer:
        if self._consumer is None:
            self._consumer = opened(
                KafkaConsumer,
                self._address,
                enable_auto_commit=False,
                isolation_level=self._isolation,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
            )
        return self._consumer

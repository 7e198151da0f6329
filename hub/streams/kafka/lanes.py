"""The outbox on its way to the topics, exactly once and in order.

What a batch hands on stands in the database with the batch's other effects. After the commit a transaction of Kafka
writes it to the topics and, in the same transaction, commits the offset of the stage's consumer group. So the committed
offset says what has been handed on: whoever takes a partition over first ends the transaction that the one before him
may have left (``init_transactions``, after which that one can end none any more), then reads the committed offset, and
hands on what stands in the outbox behind it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError
from sqlalchemy import Connection, Engine

from hub.errors import StreamUnavailable, Superseded
from hub.store import outbox
from hub.store.engine import Turn, reading, writing
from hub.store.outbox import Waiting
from hub.streams.kafka.address import Address
from hub.streams.kafka.clients import opened
from hub.streams.kafka.failures import explained
from hub.streams.kafka.producing import PATIENCE_MS, close, open_producer
from hub.streams.kafka.records import written

ROWS = 500
"""Of one transaction, beyond which it ends with a batch."""

_FENCED = (ProducerFencedError, InvalidProducerEpochError)


class Lane:
    """What one stage hands on from one partition of the topic that it reads."""

    def __init__(self, address: Address, main: Engine, stage: str, source: TopicPartition) -> None:
        self._address = address
        self._main = main
        self._stage = stage
        self._source = source
        self._producer: KafkaProducer | None = None
        self._handed_on = -1
        self.settled = False
        """Whether nothing is known to wait."""

    def flush(self) -> bool:
        """Hands on all that waits; whether that was anything. Raises ``Superseded`` when another worker has taken the
        partition over, and ``StreamUnavailable``; then nothing is lost or doubled, and it is to be tried again."""
        self.settled = False
        anything = False
        while rows := self._waiting():
            anything = True
            self._hand_on(rows)
            with writing(self._main, Turn.APPENDING) as transaction:
                self._remove(transaction, rows)
        self.settled = True
        return anything

    def flush_within(self, transaction: Connection) -> None:
        """The same in a transaction that keeps others from it."""
        while rows := self._rows(transaction):
            self._hand_on(rows)
            self._remove(transaction, rows)

    def close(self) -> None:
        """A transaction that is under way is left to whoever comes next."""
        if self._producer is not None:
            close(self._producer)
            self._producer = None

    def _waiting(self) -> list[Waiting]:
        with reading(self._main) as connection:
            return self._rows(connection)

    def _rows(self, connection: Connection) -> list[Waiting]:
        return outbox.of_lane(connection, self._stage, self._source.partition, ROWS)

    def _remove(self, transaction: Connection, rows: Sequence[Waiting]) -> None:
        outbox.remove(transaction, self._stage, self._source.partition, rows[-1].sequence)

    def _hand_on(self, rows: Sequence[Waiting]) -> None:
        with self._named_errors():
            producer = self._opened()
            if new := [row for row in rows if row.position > self._handed_on]:
                self._write(producer, new)
                self._handed_on = new[-1].position

    def _write(self, producer: KafkaProducer, new: Sequence[Waiting]) -> None:
        producer.begin_transaction()
        sent = [
            producer.send(self._address.topic(row.stream), partition=row.record.partition, **written(row.record))
            for row in new
        ]
        # Before the commit each record is known to be there: whether the client would commit a transaction that has
        # lost one to a timeout is not to be relied upon.
        for each in sent:
            each.get(PATIENCE_MS / 1000)
        group = self._address.group(self._stage)
        producer.send_offsets_to_transaction({self._source: _next(new[-1].position)}, group)
        producer.commit_transaction()

    def _opened(self) -> KafkaProducer:
        if self._producer is None:
            name = f"{self._address.group(self._stage)}.{self._source.partition}"
            self._producer = open_producer(
                self._address, transactional_id=name, transaction_timeout_ms=self._address.session_timeout_ms
            )
            self._producer.init_transactions()
            self._handed_on = self._committed() - 1
        return self._producer

    def _committed(self) -> int:
        """The offset that the stage's group has committed; no transaction is under way that could still change it."""
        name = self._address.group(self._stage)
        group = opened(KafkaConsumer, self._address, group_id=name, isolation_level="read_committed")
        try:
            return int(group.committed(self._source, timeout_ms=PATIENCE_MS) or 0)
        finally:
            group.close(autocommit=False, timeout_ms=0)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """After any failure it is open whether the transaction has ended: the next producer finds out."""
        try:
            yield
        except _FENCED as error:
            self.close()
            raise Superseded(f"{self._source.topic}/{self._source.partition}: taken over by another worker") from error
        except KafkaError as error:
            self.close()
            raise StreamUnavailable(explained(self._address, error)) from error


def _next(position: int) -> OffsetAndMetadata:
    """Kafka commits the offset of what comes next."""
    return OffsetAndMetadata(position + 1, "", -1)

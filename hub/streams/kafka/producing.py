"""Appending durably: a record counts as written when all copies that must have it do (``acks=all``, idempotent)."""

import contextlib
from collections.abc import Sequence
from threading import Lock
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from hub.errors import StreamUnavailable
from hub.model import Record
from hub.streams.kafka.address import Address
from hub.streams.kafka.clients import opened
from hub.streams.kafka.failures import explained
from hub.streams.kafka.records import check_length, partition_of, written

PATIENCE_MS = 8000
"""So long the log may take: then a sender hears that its message cannot be stored for now."""

BATCH_BYTES = 256 * 1024
CLOSING_SECONDS = 1.0


class Appender:
    """Appends for all threads of a process; a producer that failed is replaced by a new one."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._turn = Lock()
        self._producer: KafkaProducer | None = None

    def append(self, topic: str, partitions: int, records: Sequence[Record]) -> None:
        """Durable on return. Raises ``RecordTooLong``, of which nothing was written, and ``StreamUnavailable``, after
        which some of it may be."""
        for record in records:
            check_length(self._address, record)
        if not records:
            return
        try:
            producer = self._opened()
            sent = [
                producer.send(topic, partition=partition_of(record.key, partitions), **written(record))
                for record in records
            ]
            for each in sent:
                each.get(PATIENCE_MS / 1000)
        except KafkaError as error:
            self.close()
            raise StreamUnavailable(explained(self._address, error)) from error

    def close(self) -> None:
        """Gives up what is under way."""
        with self._turn:
            if self._producer is not None:
                close(self._producer)
                self._producer = None

    def _opened(self) -> KafkaProducer:
        with self._turn:
            if self._producer is None:
                self._producer = open_producer(self._address)
            return self._producer


def open_producer(address: Address, **more: Any) -> KafkaProducer:
    """A producer whose attempts end in bounded time. Raises ``KafkaError``."""
    bounded = {"delivery_timeout_ms": PATIENCE_MS, "request_timeout_ms": PATIENCE_MS // 2, "max_block_ms": PATIENCE_MS}
    return opened(
        KafkaProducer,
        address,
        **bounded,
        acks="all",
        compression_type=None if address.compression == "none" else address.compression,
        batch_size=BATCH_BYTES,
        max_request_size=address.record_bytes * 2,
        retry_backoff_ms=20,
        allow_auto_create_topics=False,
        **more,
    )


def close(producer: KafkaProducer) -> None:
    """Closes a producer with its thread and its sockets, whatever state it is in."""
    with contextlib.suppress(KafkaError):
        producer.close(timeout=CLOSING_SECONDS)

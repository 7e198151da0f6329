"""Records of the streams as records of Kafka: key and headers in UTF-8, the headers being CloudEvents attributes."""

from collections.abc import Sequence
from typing import Any

from kafka.partitioner.default import murmur2

from hub.errors import RecordTooLong
from hub.model import Record
from hub.streams.kafka.address import Address

_PER_HEADER = 16
_PREFIX = "ce_"
"""Of CloudEvents attributes (CloudEvents 1.0, Kafka protocol binding 1.0.2, section 3.2.3)."""
SPECVERSION = ("ce_specversion", b"1.0")


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key, as Kafka's own clients choose it."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


def check_length(address: Address, record: Record) -> None:
    """Raises ``RecordTooLong``."""
    length = len(record.value) + len(record.key) * 4 + sum(len(v) * 4 + _PER_HEADER for v in record.headers.values())
    if length > address.record_bytes:
        reason = f"the record has {length:,} bytes, more than {address.record_bytes:,} (record_mib)"
        raise RecordTooLong(reason)


def written(record: Record) -> dict[str, Any]:
    """How the client is told of a record."""
    headers = [(_PREFIX + name, value.encode()) for name, value in record.headers.items()]
    return {"key": record.key.encode(), "value": record.value, "headers": [SPECVERSION, *headers]}


def read(found: Any) -> Record:
    """The record that ``written`` wrote."""
    headers = {name.removeprefix(_PREFIX): value.decode() for name, value in found.headers}
    headers.pop("specversion", None)
    return Record((found.key or b"").decode(), found.value or b"", headers, found.partition, found.offset)


def all_read(found: Sequence[Any]) -> list[Record]:
    """The same of several."""
    return [read(record) for record in found]

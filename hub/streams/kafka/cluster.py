"""What everything here works with: the cluster's address, its topics, and the database that stages commit to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from hub.model import Record, Stream
from hub.streams.kafka.address import Address
from hub.streams.kafka.browsing import Browser
from hub.streams.kafka.records import check_length, partition_of


@dataclass(frozen=True, slots=True)
class Cluster:
    """``partitions`` is how many each stream has, ``batch`` how many records a worker asks for at once."""

    address: Address
    partitions: dict[Stream, int]
    main: Engine
    browser: Browser
    batch: int

    def placed(self, outputs: Sequence[tuple[Stream, Record]]) -> list[tuple[Stream, Record]]:
        """The records with the partitions that they go to. Raises ``RecordTooLong``."""
        for _, record in outputs:
            check_length(self.address, record)
        return [(s, replace(r, partition=partition_of(r.key, self.partitions[s]))) for s, r in outputs]

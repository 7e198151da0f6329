"""A worker's share of a topic: the partitions it handles for a stage, alone or as a member of the stage's group."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from sqlalchemy import Connection

from hub.model import Record, Stage, Stream
from hub.store import outbox, raw_counts
from hub.streams.kafka.clients import opened
from hub.streams.kafka.cluster import Cluster
from hub.streams.kafka.failures import named_errors
from hub.streams.kafka.lanes import Lane
from hub.streams.kafka.records import all_read

POLL_MS = 50
CLOSING_MS = 3000

Outputs: TypeAlias = Sequence[tuple[Stream, Record]]


class Share:
    """All partitions, for a process that works alone; two of these would supersede one another, without harm."""

    def __init__(self, cluster: Cluster, stage: Stage, stream: Stream) -> None:
        self._cluster = cluster
        self._stage = stage
        self._stream = stream
        self._topic = cluster.address.topic(stream)
        self._lanes: dict[int, Lane] = {}

    def partitions(self) -> Sequence[int]:
        """Those that are this worker's now; what was left to be handed on from them has been."""
        mine = self._mine()
        for partition in mine:
            if not self._lane(partition).settled:
                self._lane(partition).flush()
        return mine

    def read(self, partition: int, after: int, limit: int) -> list[Record]:
        """See ``ports.Share``."""
        return self._cluster.browser.read(self._topic, partition, after, limit)

    def publish(self, transaction: Connection, taken: Sequence[Record], outputs: Outputs) -> None:
        """See ``ports.Share``."""
        partition, position = taken[-1].partition, taken[-1].offset
        if self._stage is Stage.CONVERT:
            raw_counts.add(transaction, taken)
        outbox.add(transaction, self._stage, partition, position, self._cluster.placed(outputs))
        self._lane(partition).settled = False

    def settle(self, partition: int, position: int) -> None:
        """See ``ports.Share``."""
        self._lane(partition).flush()

    def close(self) -> None:
        """Gives the partitions up."""
        for partition in list(self._lanes):
            self._give_up(partition)

    def _mine(self) -> list[int]:
        return list(range(self._cluster.partitions[self._stream]))

    def _lane(self, partition: int) -> Lane:
        if partition not in self._lanes:
            place = TopicPartition(self._topic, partition)
            self._lanes[partition] = Lane(self._cluster.address, self._cluster.main, self._stage, place)
        return self._lanes[partition]

    def _give_up(self, partition: int) -> None:
        lane = self._lanes.pop(partition, None)
        if lane:
            lane.close()


class Member(Share):
    """The partitions that the stage's consumer group gives to this worker.

    The database says where to read on; what the group has committed only follows. A worker that has lost its
    partitions without knowing it does no harm: it can neither move the stage's position nor end a transaction.
    """

    def __init__(self, cluster: Cluster, stage: Stage, stream: Stream) -> None:
        super().__init__(cluster, stage, stream)
        self._fetched: dict[int, deque[Record]] = {}
        self._behind: dict[int, int] = {}
        """Of each partition the offset behind which everything that was polled is among what is fetched."""
        with named_errors(cluster.address):
            self._consumer = _open_consumer(cluster, stage)
            self._consumer.subscribe([self._topic], listener=_Listener(self))

    def read(self, partition: int, after: int, limit: int) -> list[Record]:
        """What has been polled; where the position is not where this worker left it, nothing until the next time."""
        if self._behind.get(partition) != after:
            self._read_on(partition, after)
            return []
        fetched = self._fetched[partition]
        taken = [fetched.popleft() for _ in range(min(limit, len(fetched)))]
        if taken:
            self._behind[partition] = taken[-1].offset
        return taken

    def settle(self, partition: int, position: int) -> None:
        """Hands on, and lets the committed offset follow where nothing was to be handed on."""
        if not self._lane(partition).flush():
            place = TopicPartition(self._topic, partition)
            with named_errors(self._cluster.address):
                self._consumer.commit_async({place: OffsetAndMetadata(position + 1, "", -1)})

    def close(self) -> None:
        """Leaves the group, so that others take over at once."""
        super().close()
        with named_errors(self._cluster.address):
            self._consumer.close(autocommit=False, timeout_ms=CLOSING_MS)

    def lose(self, places: Iterable[TopicPartition]) -> None:
        """These are another worker's now."""
        for place in places:
            self._give_up(place.partition)
            self._fetched.pop(place.partition, None)
            self._behind.pop(place.partition, None)

    def _mine(self) -> list[int]:
        """Takes part in the group, and fetches what is there."""
        with named_errors(self._cluster.address):
            found: dict[TopicPartition, list[Any]] = self._consumer.poll(POLL_MS, max_records=self._cluster.batch)
            mine = sorted(place.partition for place in self._consumer.assignment())
        for place, records in found.items():
            if place.partition in self._behind:
                self._fetched[place.partition].extend(all_read(records))
        return mine

    def _read_on(self, partition: int, after: int) -> None:
        """Somebody else may have been here meanwhile, and left something to be handed on."""
        with named_errors(self._cluster.address):
            self._consumer.seek(TopicPartition(self._topic, partition), after + 1)
        self._fetched[partition] = deque()
        self._behind[partition] = after
        self._lane(partition).settled = False


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the member what is no longer its own; what is new it finds by itself."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._member.lose(revoked)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._member.lose(lost)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing to do: the position is asked for when a partition is read."""


def _open_consumer(cluster: Cluster, stage: Stage) -> KafkaConsumer:
    address = cluster.address
    return opened(
        KafkaConsumer,
        address,
        group_id=address.group(stage),
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        partition_assignment_strategy=[CooperativeStickyAssignor],
        session_timeout_ms=address.session_timeout_ms,
        heartbeat_interval_ms=min(3000, address.session_timeout_ms // 4),
        fetch_max_wait_ms=POLL_MS * 2,
    )

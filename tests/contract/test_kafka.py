"""What only Kafka has: partitions that change hands, an outbox, and a cluster that may say no."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.errors import ConfigurationError, RecordTooLong, StreamUnavailable, Superseded
from hub.model import READS, Record, Stage, Stream
from hub.ports import Share
from hub.settings import load_settings
from hub.store import outbox, positions
from hub.store.engine import Turn, reading, writing
from hub.streams.kafka.streams import KafkaStreams
from hub.wiring import open_hub
from tests import databases
from tests.broker import Topics
from tests.contract.test_streams import appeared, everything, record


@contextmanager
def streams_on(url: str, folder: Path) -> Iterator[tuple[KafkaStreams, Engine]]:
    with ExitStack() as stack:
        main = databases.main_engine(folder)
        stack.callback(main.dispose)
        streams = stack.enter_context(closing(KafkaStreams(url, main, 100)))
        yield streams, main


@pytest.fixture
def opened(kafka_topics: Topics, tmp_path: Path) -> Iterator[tuple[KafkaStreams, Engine]]:
    with streams_on(kafka_topics.url(str(tmp_path), partitions=1), tmp_path) as streams:
        yield streams


def commit(share: Share, main: Engine, stage: Stage, *outputs: Record) -> tuple[int, int]:
    """What waits for the stage is taken and committed; returns where it stands now. Nothing is handed on yet."""
    (partition,) = share.partitions()
    after = positions.read(main, stage, partition)
    taken = share.read(partition, after, 100)
    with writing(main, Turn.STAGE) as transaction:
        positions.advance(transaction, stage, partition, after, taken[-1].offset)
        share.publish(transaction, taken, [(Stream.EVENTS, output) for output in outputs])
    return partition, taken[-1].offset


def ids(streams: KafkaStreams, count: int) -> list[str]:
    return [r.headers["id"] for r in appeared(streams, Stream.EVENTS, count)]


def test_who_takes_over_hands_on_first(opened: tuple[KafkaStreams, Engine]) -> None:
    """What a worker committed and did not hand on any more is handed on by the next one before it reads anything."""
    streams, main = opened
    streams.append(Stream.FHIR, [record(1)])
    with closing(streams.alone(Stage.ROUTE, READS[Stage.ROUTE])) as dead:
        commit(dead, main, Stage.ROUTE, record(2), record(3))
    assert everything(streams, Stream.EVENTS) == []
    with closing(streams.alone(Stage.ROUTE, READS[Stage.ROUTE])) as heir:
        heir.partitions()
    assert ids(streams, 2) == ["m2", "m3"]


def test_what_was_handed_on_is_not_handed_on_again(opened: tuple[KafkaStreams, Engine]) -> None:
    """A worker that died after its records were on the topic, and before they were out of the outbox, doubles none."""
    streams, main = opened
    streams.append(Stream.FHIR, [record(1)])
    with closing(streams.alone(Stage.ROUTE, READS[Stage.ROUTE])) as dead:
        partition, position = commit(dead, main, Stage.ROUTE, record(2))
        with reading(main) as connection:
            (row,) = outbox.of_lane(connection, Stage.ROUTE, partition, 10)
        dead.settle(partition, position)
    with writing(main) as transaction:  # as if its last transaction had never been
        outbox.add(transaction, Stage.ROUTE, partition, row.position, [(row.stream, row.record)])
    with closing(streams.alone(Stage.ROUTE, READS[Stage.ROUTE])) as heir:
        heir.partitions()
        streams.append(Stream.FHIR, [record(3)])
        heir.settle(*commit(heir, main, Stage.ROUTE, record(4)))
    assert ids(streams, 2) == ["m2", "m4"]
    with reading(main) as connection:
        assert outbox.of_lane(connection, Stage.ROUTE, partition, 10) == []


def test_a_zombie_hands_on_nothing(opened: tuple[KafkaStreams, Engine]) -> None:
    """A worker that was overtaken between its commit and handing on is shut out; its records are there once."""
    streams, main = opened
    with closing(streams.alone(Stage.ROUTE, READS[Stage.ROUTE])) as zombie:
        streams.append(Stream.FHIR, [record(1)])
        zombie.settle(*commit(zombie, main, Stage.ROUTE, record(2)))
        streams.append(Stream.FHIR, [record(3)])
        place = commit(zombie, main, Stage.ROUTE, record(4))
        with closing(streams.alone(Stage.ROUTE, READS[Stage.ROUTE])) as heir:
            heir.partitions()
            streams.append(Stream.FHIR, [record(5)])
            unseen = commit(heir, main, Stage.ROUTE, record(6))
            with pytest.raises(Superseded):
                zombie.settle(*place)
            heir.settle(*unseen)
    assert ids(streams, 3) == ["m2", "m4", "m6"]


def test_members_share_the_partitions(kafka_topics: Topics, tmp_path: Path) -> None:
    """Two members of a stage's group have all partitions between them, each one's own; whoever leaves gives its up."""
    with streams_on(kafka_topics.url(str(tmp_path), partitions=4), tmp_path) as (streams, _), ExitStack() as stack:
        first = stack.enter_context(closing(streams.join(Stage.CONVERT, Stream.RAW)))
        second = streams.join(Stage.CONVERT, Stream.RAW)
        mine, others = set(first.partitions()), set(second.partitions())
        while not (mine and others and mine | others == set(range(4))):
            assert not mine & others
            mine, others = set(first.partitions()), set(second.partitions())
        second.close()
        while len(first.partitions()) < 4:
            pass


def test_a_record_that_is_too_long_is_refused_before_anything_is_written(
    opened: tuple[KafkaStreams, Engine],
) -> None:
    """One record beyond the limit fails by itself, in appending as in handing on; nothing of its batch is written."""
    streams, main = opened
    long = Record("k", b"x" * (21 * 1024 * 1024), record(1).headers)
    with pytest.raises(RecordTooLong):
        streams.append(Stream.RAW, [record(1), long])
    with pytest.raises(RecordTooLong), writing(main) as transaction:
        streams.publish(transaction, Stream.FHIR, [record(1), long])
    streams.flush()
    assert everything(streams, Stream.RAW) == everything(streams, Stream.FHIR) == []


def test_missing_topics_are_named_where_they_must_not_be_made(kafka_topics: Topics, tmp_path: Path) -> None:
    """With ``create=false`` the hub says which topics are missing."""
    url = f"{kafka_topics.url(str(tmp_path))}&create=false"
    with pytest.raises(ConfigurationError, match=r"create=false.*hub\.raw"), streams_on(url, tmp_path):
        pass


def test_a_database_goes_with_its_topics(kafka_topics: Topics, tmp_path: Path) -> None:
    """A database that has read topics is refused with other ones, and with the embedded log."""
    with streams_on(kafka_topics.url("these"), tmp_path):
        pass
    with pytest.raises(ConfigurationError, match="another topic"), streams_on(kafka_topics.url("others"), tmp_path):
        pass
    with pytest.raises(ConfigurationError, match="this database has read topics of Kafka"):
        open_hub(load_settings(data=tmp_path, config=tmp_path))


def test_a_database_that_has_read_its_own_log_is_refused(kafka_topics: Topics, tmp_path: Path) -> None:
    """Positions in the embedded log mean nothing to topics."""
    main = databases.main_engine(tmp_path)
    with writing(main) as transaction:
        positions.advance(transaction, Stage.CONVERT, 0, positions.START, 7)
    main.dispose()
    with pytest.raises(ConfigurationError, match="its own log"), streams_on(kafka_topics.url(str(tmp_path)), tmp_path):
        pass


def test_credentials_are_checked(kafka_topics: Topics, tmp_path: Path) -> None:
    """With the right password the guarded listener takes the hub; with a wrong one the hub says what may be wrong."""
    if not kafka_topics.guarded:
        pytest.skip("the given broker has no listener that asks for a password")
    url = f"kafka://hub:{{}}@{kafka_topics.guarded}/guarded.?security_protocol=SASL_PLAINTEXT&sasl_mechanism=PLAIN"
    with streams_on(url.format("secret"), tmp_path) as (streams, _):
        streams.append(Stream.RAW, [record(1)])
        assert len(everything(streams, Stream.RAW)) == 1
    with pytest.raises(StreamUnavailable, match="user or password are wrong"):
        streams_on(url.format("wrong"), tmp_path).__enter__()

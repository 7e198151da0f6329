"""What every driver of the streams does; a driver passes by being added to ``open_again``."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, select

from hub.model import READS, Record, Stage, Stream
from hub.ports import Arrived, Streams
from hub.store import positions
from hub.store.engine import Turn, reading, writing
from hub.streams.embedded import EmbeddedStreams
from hub.streams.kafka.streams import KafkaStreams
from tests import databases
from tests.broker import Topics
from tests.waiting import until

HEADERS = {
    "id": "m1",
    "source": "feed/any",
    "type": "raw.hl7v2",
    "time": "2026-03-02T18:00:00.000000Z",
    "feed": "any",
    "controlid": "C1",
}
EVERY_STREAM = pytest.mark.parametrize("stream", list(Stream))


pytestmark = pytest.mark.usefixtures("each_database")


Opened = tuple[Streams, Engine]
Open = Callable[[], AbstractContextManager[Opened]]


@contextmanager
def embedded(folder: Path) -> Iterator[Opened]:
    intake = databases.intake_engine(folder)
    main = databases.main_engine(folder)
    driver = EmbeddedStreams(intake, main)
    yield driver, main
    driver.close()
    intake.dispose()
    main.dispose()


@contextmanager
def kafka(folder: Path, url: str) -> Iterator[Opened]:
    main = databases.main_engine(folder)
    driver = KafkaStreams(url, main, 100)
    yield driver, main
    driver.close()
    main.dispose()


@pytest.fixture(params=["embedded", "kafka"])
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the streams of the test, as often as it is called."""
    if request.param == "embedded":
        return partial(embedded, tmp_path)
    topics: Topics = request.getfixturevalue("kafka_topics")
    return partial(kafka, tmp_path, topics.url(str(tmp_path)))


@pytest.fixture
def opened(open_again: Open) -> Iterator[Opened]:
    with open_again() as driver:
        yield driver


@pytest.fixture
def streams(opened: tuple[Streams, Engine]) -> Streams:
    return opened[0]


def record(number: int, key: str = "k") -> Record:
    return Record(key, f"value {number}".encode(), {**HEADERS, "id": f"m{number}"})


def arrival(identity: str, feed: str, time: str, control_id: str = "C") -> Record:
    """A record of hub.raw."""
    return Record(identity, b"", {**HEADERS, "id": identity, "feed": feed, "time": time, "controlid": control_id})


def take(opened: Opened, stage: Stage, partition: int, *outputs: tuple[Stream, Record]) -> int:
    """The stage takes what waits for it in the partition and hands the outputs on; returns how much that was."""
    streams, main = opened
    with closing(streams.alone(stage, READS[stage])) as share:
        assert partition in share.partitions()
        after = positions.read(main, stage, partition)
        taken = share.read(partition, after, 100)
        if taken:
            with writing(main, Turn.STAGE) as transaction:
                positions.advance(transaction, stage, partition, after, taken[-1].offset)
                share.publish(transaction, taken, outputs)
            share.settle(partition, taken[-1].offset)
    return len(taken)


def arrived(opened: Opened) -> list[Arrived]:
    streams, main = opened
    with reading(main) as connection:
        read = positions.everywhere(connection, Stage.CONVERT, streams.partitions(Stream.RAW))
        return streams.arrived(connection, read)


def appeared(streams: Streams, stream: Stream, count: int) -> list[Record]:
    """Everything on the stream, once it is so much: what is handed on appears soon after."""
    until(lambda: len(everything(streams, stream)) >= count, lambda: f"{len(everything(streams, stream))} of {count}")
    return everything(streams, stream)


def everything(streams: Streams, stream: Stream) -> list[Record]:
    return [r for partition in streams.partitions(stream) for r in streams.read(stream, partition, -1, 10_000)]


@EVERY_STREAM
def test_a_record_is_read_as_it_was_appended(streams: Streams, stream: Stream) -> None:
    """Key, bytes and headers come back as they were; the record has its place."""
    sent = Record("k1", b"\x00\xff bytes", {**HEADERS, "controlid": "Ä|^"})
    streams.append(stream, [sent])
    (found,) = everything(streams, stream)
    assert replace(found, partition=0, offset=-1) == sent
    assert found.offset >= 0


@EVERY_STREAM
def test_records_of_one_key_keep_their_order(streams: Streams, stream: Stream) -> None:
    """Within a key, records are read in the order in which they were appended, with rising offsets."""
    for start in range(0, 30, 10):
        streams.append(stream, [record(n, key=f"k{n % 3}") for n in range(start, start + 10)])
    found = everything(streams, stream)
    for key in ("k0", "k1", "k2"):
        of_key = [r for r in found if r.key == key]
        assert [int(r.headers["id"][1:]) for r in of_key] == sorted(int(r.headers["id"][1:]) for r in of_key)
        assert len({r.partition for r in of_key}) == 1
        assert [r.offset for r in of_key] == sorted({r.offset for r in of_key})


def test_a_reader_takes_what_comes_after_its_position(streams: Streams) -> None:
    """Read in pages, every record comes once, and nothing comes after the newest."""
    streams.append(Stream.RAW, [record(n) for n in range(25)])
    (partition,) = {r.partition for r in everything(streams, Stream.RAW)}
    seen: list[str] = []
    after = -1
    while page := streams.read(Stream.RAW, partition, after, 10):
        assert len(page) <= 10
        seen += [r.headers["id"] for r in page]
        after = page[-1].offset
    assert seen == [f"m{n}" for n in range(25)]
    assert after == streams.end(Stream.RAW, partition)


def test_a_record_is_fetched_by_its_place(streams: Streams) -> None:
    """A place that was read before gives the same record; a place that is empty gives none."""
    streams.append(Stream.RAW, [record(n) for n in range(3)])
    for found in everything(streams, Stream.RAW):
        assert streams.fetch(Stream.RAW, found.partition, found.offset) == found
    newest = everything(streams, Stream.RAW)[-1]
    assert streams.fetch(Stream.RAW, newest.partition, newest.offset + 1) is None


@EVERY_STREAM
def test_an_empty_stream_has_no_end(streams: Streams, stream: Stream) -> None:
    """Before the first record the end is -1 and there is nothing to read."""
    assert {streams.end(stream, partition) for partition in streams.partitions(stream)} == {-1}
    assert everything(streams, stream) == []


def test_streams_do_not_mix(streams: Streams) -> None:
    """A record is on the stream that it was appended to and on no other."""
    streams.append(Stream.EVENTS, [record(1)])
    assert [len(everything(streams, stream)) for stream in Stream] == [0, 0, 1, 0, 0]


def test_what_a_transaction_publishes_appears_with_it(opened: tuple[Streams, Engine]) -> None:
    """Published records can be read when the transaction has committed, in order, one stream after the other."""
    streams, main = opened
    with writing(main) as transaction:
        streams.publish(transaction, Stream.FHIR, [record(1), record(2)])
        streams.publish(transaction, Stream.EVENTS, [record(3)])
        assert everything(streams, Stream.FHIR) == []
    streams.flush()
    assert [r.headers["id"] for r in appeared(streams, Stream.FHIR, 2)] == ["m1", "m2"]
    assert [r.headers["id"] for r in appeared(streams, Stream.EVENTS, 1)] == ["m3"]


def test_what_a_failed_transaction_published_never_appears(opened: tuple[Streams, Engine]) -> None:
    """A transaction that is rolled back has published nothing."""
    streams, main = opened
    with writing(main) as transaction:
        streams.publish(transaction, Stream.FHIR, [record(1)])
        transaction.rollback()
    streams.flush()
    assert everything(streams, Stream.FHIR) == []


def test_nothing_is_no_record(opened: tuple[Streams, Engine]) -> None:
    """Appending and publishing no records is allowed and does nothing."""
    streams, main = opened
    streams.append(Stream.RAW, [])
    with writing(main) as transaction:
        streams.publish(transaction, Stream.EVENTS, [])
    streams.flush()
    assert everything(streams, Stream.RAW) == everything(streams, Stream.EVENTS) == []


def test_a_stream_outlives_its_driver(open_again: Open) -> None:
    """Opened again, the log holds what was appended, and goes on behind it."""
    for number in (1, 2):
        with open_again() as (streams, _):
            streams.append(Stream.RAW, [record(number)])
            assert len(everything(streams, Stream.RAW)) == number


def test_writers_at_the_same_time_lose_nothing(streams: Streams) -> None:
    """Records that several threads append at once are all there, each once."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: streams.append(Stream.RAW, [record(n), record(1000 + n)]), range(100)))
    found = [r.headers["id"] for r in everything(streams, Stream.RAW)]
    assert len(found) == len(set(found)) == 200


def test_a_reader_passes_nothing_that_is_not_committed_yet(opened: tuple[Streams, Engine]) -> None:
    """Of two transactions that publish at once the one that began first commits last: a reader that looks between
    their commits goes on behind what it saw, and still sees the other one's record."""
    streams, main = opened

    def publish(number: int) -> None:
        with writing(main, Turn.STAGE) as transaction:
            streams.publish(transaction, Stream.FHIR, [record(number)])
        streams.flush()

    with ThreadPoolExecutor(1) as pool:
        with writing(main, Turn.STAGE) as transaction:
            streams.publish(transaction, Stream.FHIR, [record(1)])
            second = pool.submit(publish, 2)
            wait([second], timeout=0.3)  # it either waits for the first, or would have ended by now
            seen = everything(streams, Stream.FHIR)
        second.result()
    streams.flush()
    after = max((r.offset for r in seen), default=-1)
    (partition,) = {r.partition for r in appeared(streams, Stream.FHIR, 2)}
    seen += streams.read(Stream.FHIR, partition, after, 10)
    assert [r.headers["id"] for r in seen] == ["m1", "m2"]


def test_a_reader_that_follows_many_writers_misses_nothing(opened: tuple[Streams, Engine]) -> None:
    """While eight threads append and publish in transactions of all lengths, a reader that always goes on behind what
    it saw last sees every record once, each writer's in order."""
    streams, main = opened
    writers, each = 8, 25

    def write(writer: int) -> None:
        dice = Random(writer)
        for number in range(each):
            records = [record(1000 * writer + number, key=f"k{writer}")]
            if dice.random() < 0.5:
                streams.append(Stream.EVENTS, records)
            else:
                with writing(main, Turn.STAGE) as transaction:
                    streams.publish(transaction, Stream.EVENTS, records)
                    for _ in range(dice.randrange(5)):
                        transaction.execute(select(1))
                streams.flush()

    seen: list[int] = []
    with ThreadPoolExecutor(writers) as pool:
        running = [pool.submit(write, writer) for writer in range(writers)]
        places = dict.fromkeys(streams.partitions(Stream.EVENTS), -1)
        ended = anything = False
        while anything or not ended or len(seen) < writers * each:
            ended, anything = all(future.done() for future in running), False
            for partition, after in places.items():
                page = streams.read(Stream.EVENTS, partition, after, 7)
                seen += [int(r.headers["id"][1:]) for r in page]
                places[partition] = page[-1].offset if page else after
                anything = anything or bool(page)
    assert [future.exception() for future in running] == [None] * writers
    assert sorted(seen) == [1000 * writer + number for writer in range(writers) for number in range(each)]
    for writer in range(writers):
        assert [n for n in seen if n // 1000 == writer] == sorted(n for n in seen if n // 1000 == writer)


def test_what_arrived_is_counted_by_feed(opened: Opened) -> None:
    """Of each feed it is known how much of hub.raw the convert stage has read, and when the newest record came."""
    streams, _ = opened
    times = ("2026-03-02T18:00:01.000000Z", "2026-03-02T18:00:02.000000Z", "2026-03-02T18:00:03.000000Z")
    nowhere = dict.fromkeys(streams.partitions(Stream.RAW), -1)
    assert arrived(opened) == []
    sent = zip(("m0", "m1", "m2"), "bab", times, strict=True)
    streams.append(Stream.RAW, [arrival(identity, feed, time) for identity, feed, time in sent])
    assert arrived(opened) == [Arrived("a", 0, 1, times[1]), Arrived("b", 0, 2, times[2])]
    (first,) = [r for r in everything(streams, Stream.RAW) if r.headers["id"] == "m0"]
    take(opened, Stage.CONVERT, first.partition)
    behind = arrived(opened)
    assert [of.read + of.waiting for of in behind] == [1, 2]
    assert behind[1].read >= 1
    for partition in nowhere:
        take(opened, Stage.CONVERT, partition)
    assert [(of.read, of.waiting) for of in arrived(opened)] == [(1, 0), (2, 0)]


def test_what_waits_is_found(streams: Streams) -> None:
    """Behind a reader's positions records are found by feed, message id, beginning of an id and control id, newest
    first."""
    times = [f"2026-03-02T18:00:0{n}.000000Z" for n in range(4)]
    for n, (identity, feed) in enumerate((("ab01", "a"), ("ab02", "b"), ("cd01", "a"), ("cd02", "b"))):
        streams.append(Stream.RAW, [arrival(identity, feed, times[n], control_id=f"C{n}")])
    nowhere = dict.fromkeys(streams.partitions(Stream.RAW), -1)

    def found(limit: int = 10, **by: str) -> list[str]:
        return [record.headers["id"] for record in streams.waiting(nowhere, limit, **by)]

    assert found() == ["cd02", "cd01", "ab02", "ab01"]
    assert found(limit=2) == ["cd02", "cd01"]
    assert found(feed="a") == ["cd01", "ab01"]
    assert found(wanted="ab") == ["ab02", "ab01"]
    assert found(wanted="cd01") == ["cd01"]
    assert found(wanted="C1") == ["ab02"]
    assert found(feed="a", wanted="C1") == []
    ends = {partition: streams.end(Stream.RAW, partition) for partition in nowhere}
    assert streams.waiting(ends, 10) == []


def test_what_a_stage_hands_on_comes_after_its_commit(opened: Opened) -> None:
    """A share's outputs are on their streams once it is settled, each with its order; what it took is taken."""
    streams, _ = opened
    streams.append(Stream.FHIR, [record(1)])
    (partition,) = {r.partition for r in everything(streams, Stream.FHIR)}
    handed_on = [(Stream.NOTIFICATIONS, record(3)), (Stream.EVENTS, record(2)), (Stream.NOTIFICATIONS, record(4))]
    assert take(opened, Stage.ROUTE, partition, *handed_on) == 1
    assert [r.headers["id"] for r in appeared(streams, Stream.NOTIFICATIONS, 2)] == ["m3", "m4"]
    assert [r.headers["id"] for r in appeared(streams, Stream.EVENTS, 1)] == ["m2"]
    assert take(opened, Stage.ROUTE, partition) == 0


def test_the_lag_is_what_waits_for_a_stage(opened: Opened) -> None:
    """The lag rises with what is appended and handed on, and is nothing when all of it has been taken."""
    streams, main = opened

    def lag(stage: Stage) -> int:
        with reading(main) as connection:
            read = positions.everywhere(connection, stage, streams.partitions(READS[stage]))
        return sum(streams.lag(READS[stage], read).values())

    assert [lag(stage) for stage in Stage] == [0, 0, 0]
    streams.append(Stream.RAW, [record(n, key=f"k{n}") for n in range(20)])
    assert lag(Stage.CONVERT) == 20
    for partition in streams.partitions(Stream.RAW):
        take(opened, Stage.CONVERT, partition, (Stream.FHIR, record(partition)))
    assert [lag(stage) for stage in Stage] == [0, len(streams.partitions(Stream.RAW)), 0]
    appeared(streams, Stream.FHIR, len(streams.partitions(Stream.RAW)))
    for partition in streams.partitions(Stream.FHIR):
        take(opened, Stage.ROUTE, partition)
    assert [lag(stage) for stage in Stage] == [0, 0, 0]

"""The promises on Kafka and PostgreSQL, with several workers of each stage: whatever is killed, frozen or gone for a
while, nothing is lost or doubled, and order holds per patient. An independent reader of the topics is the judge."""

import queue
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from sqlalchemy import select

from hub.model import Stream
from hub.services.context import Hub
from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from hub.simulator import SimulatedMessage, simulate
from hub.store import schema
from hub.store.engine import on_postgres, reading
from hub.streams.kafka.address import Address, parse
from tests import broker, databases, postgres, streams
from tests.crash.cluster import Role, Sender, cluster
from tests.crash.simulated_day import (
    DAY,
    LANES,
    SEED,
    booked,
    effects,
    lanes,
    open_site,
    the_rest,
    undisturbed_effects,
    wait_until_done,
)
from tests.ports import free_port
from tests.waiting import until

PATIENTS = 70
TWICE = ("convert", "route", "deliver")
PATIENCE_SECONDS = 120.0

pytestmark = [pytest.mark.crash, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def day() -> list[SimulatedMessage]:
    """A simulated day of visits and results. The steps of a referral come from several systems, of which the one
    that is ahead while a stage lags may be handled first: what that leads to is not the same each time."""
    return [m for m in simulate(SEED, PATIENTS, DAY) if m.kind.startswith(("ADT", "ORU"))]


@dataclass(frozen=True)
class Servers:
    """What the hub runs on, each to be killed and started again."""

    kafka: broker.Broker
    postgres: postgres.Server


@pytest.fixture(scope="module")
def servers(kafka_is_here: None, postgres_binaries: Path) -> Iterator[Servers]:
    """Servers of their own, which wait for their disks."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres.serving(postgres_binaries))
        stack.enter_context(databases.kept_on(postgres.Databases(database.admin)))
        running = stack.enter_context(broker.serving())
        stack.enter_context(streams.kept_on(broker.Topics(running.address)))
        yield Servers(running, database)


@dataclass(frozen=True)
class Survived:
    """The hub after the day, every control id that it acknowledged, and what an independent reader finds."""

    hub: Hub
    acknowledged: list[str]
    topics: dict[Stream, list[Any]]


@pytest.fixture(scope="module")
def survived(
    servers: Servers, config: Path, day: list[SimulatedMessage], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Survived]:
    """The day, during which everything is killed or frozen in turn."""
    port = free_port()
    acknowledged: queue.Queue[str] = queue.Queue(LANES)
    senders = [Sender(port, lane, acknowledged) for lane in lanes(day)]
    with closing(open_site(tmp_path_factory.mktemp("survived"), config)) as hub:
        with cluster(hub.settings.data, config, port, twice=TWICE) as roles:
            for sender in senders:
                sender.start()
            address = parse(hub.settings.streams_url)
            seen = strike_again_and_again(blows(servers, roles, address), acknowledged, len(day))
            seen += the_rest(senders, acknowledged)
            wait_until_done(hub)
        assert on_postgres(hub.main)
        drain(hub)  # the end of the block killed all roles once more
        yield Survived(hub, seen, {stream: read_all(address, stream) for stream in Stream})


def blows(servers: Servers, roles: dict[str, Role], address: Address) -> list[Callable[[], None]]:
    """Each role is killed, each server is killed, and workers are frozen until their group has given them up."""
    struck: list[Callable[[], None]] = [lambda name=name: kill(roles[name]) for name in roles]  # type: ignore[misc]
    struck += [lambda name=name: outlive(roles[name], address) for name in ("convert", "route-2")]  # type: ignore[misc]
    struck += [lambda: restart(servers.kafka), lambda: restart(servers.postgres)]
    Random(SEED).shuffle(struck)
    return struck


def kill(role: Role) -> None:
    role.kill()
    role.start()


def restart(server: broker.Broker | postgres.Server) -> None:
    server.kill()
    server.start()


def outlive(role: Role, address: Address) -> None:
    """Freezes a worker until the others have its partitions, and lets it go on as if nothing had been."""
    group = address.group(role.name.removesuffix("-2"))
    role.wait_until_ready()
    role.freeze()
    until(lambda: members(address, group) <= 1, lambda: f"{group} does not give up its frozen member")
    role.thaw()


def members(address: Address, group: str) -> int:
    with KafkaAdminClient(bootstrap_servers=list(address.brokers)) as admin:
        (found,) = admin.describe_groups([group]).values()
    return len(found["members"])


def strike_again_and_again(struck: list[Callable[[], None]], acknowledged: "queue.Queue[str]", total: int) -> list[str]:
    """Strikes after every few acknowledgements; the senders go on meanwhile."""
    dice = Random(SEED)
    most = total * 9 // 10 // len(struck)
    seen: list[str] = []
    for blow in struck:
        seen += [acknowledged.get(timeout=PATIENCE_SECONDS) for _ in range(dice.randint(most // 2, most))]
        blow()
    return seen


def read_all(address: Address, stream: Stream) -> list[Any]:
    """All committed records of a topic, as any other program reads them; in order within each partition."""
    consumer = KafkaConsumer(
        bootstrap_servers=list(address.brokers), isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        places = [TopicPartition(address.topic(stream), p) for p in range(address.partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[Any] = []
        while any(consumer.position(place) < ends[place] for place in places):
            found += [r for records in consumer.poll(timeout_ms=200).values() for r in records]
        return found
    finally:
        consumer.close()


def ids(records: list[Any]) -> list[str]:
    return [dict(record.headers)["ce_id"].decode() for record in records]


def in_order(records: list[Any], of: Callable[[Any], str]) -> dict[str, list[str]]:
    """The ids for each key, in their order and each where it is first."""
    found: dict[str, dict[str, None]] = {}
    for record, identity in zip(records, ids(records), strict=True):
        found.setdefault(of(record), {})[identity] = None
    return {key: list(each) for key, each in found.items()}


def test_what_was_acknowledged_is_there_once(day: list[SimulatedMessage], survived: Survived) -> None:
    """Every message of the day was acknowledged in the end, is on hub.raw, and is one message of the hub."""
    assert set(survived.acknowledged) == {message.control_id for message in day}
    assert booked(survived.hub) == Counter(set(survived.acknowledged))
    on_topic = {dict(r.headers)["ce_controlid"].decode() for r in survived.topics[Stream.RAW]}
    assert on_topic >= set(survived.acknowledged)


def test_every_record_has_its_one_end(survived: Survived) -> None:
    """The ledger balances, nothing waits and nothing is dead, and it has accepted what the topic has."""
    rows = ledger(survived.hub)
    assert all((row.balanced, row.waiting, row.dead) == (True, 0, 0) for row in rows)
    assert sum(row.accepted for row in rows) == len(survived.topics[Stream.RAW])
    assert survived.topics[Stream.DEAD] == []


def test_nothing_is_lost_or_doubled(
    survived: Survived, config: Path, day: list[SimulatedMessage], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Events, notices, visits, persons and files are those of the same day with the embedded log and nothing killed."""
    with databases.in_files(), streams.embedded():
        expected = undisturbed_effects(tmp_path_factory.mktemp("undisturbed"), config, day)
    found = effects(survived.hub)
    for what, undisturbed in expected.items():
        assert found[what] == undisturbed, what
    assert len(expected["notices"]) > 20


def test_topics_have_everything_once(survived: Survived) -> None:
    """A reader of committed records finds each bundle, event and notice of the database once."""
    with reading(survived.hub.main) as connection:
        tables = {
            Stream.FHIR: schema.messages,
            Stream.EVENTS: schema.events,
            Stream.NOTIFICATIONS: schema.notifications,
        }
        for stream, table in tables.items():
            expected = Counter(connection.execute(select(table.c.id)).scalars())
            assert Counter(ids(survived.topics[stream])) == expected, stream


def test_order_holds_for_each_patient(survived: Survived) -> None:
    """The bundles of each patient of a sender follow one another as his messages did."""
    raw = in_order(survived.topics[Stream.RAW], lambda r: r.key.decode())
    keys = {identity: key for key, each in raw.items() for identity in each}
    by_id = dict(zip(ids(survived.topics[Stream.FHIR]), survived.topics[Stream.FHIR], strict=True))
    place = {identity: (record.partition, record.offset) for identity, record in by_id.items()}
    persons = {identity: record.key for identity, record in by_id.items()}
    for key, each in raw.items():
        for before, after in pairwise(each):
            if persons[before] == persons[after]:
                assert place[before] < place[after], key
    assert len(set(keys.values())) > 30

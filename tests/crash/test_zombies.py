"""Promise P2 with two workers of each stage, frozen and thawed in the middle of their work."""

import queue
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from hub.model import Stage
from hub.services.context import Hub
from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from hub.simulator import SimulatedMessage, simulate
from hub.store import schema
from hub.store.engine import reading
from tests.crash.cluster import Role, Sender, cluster
from tests.crash.simulated_day import DAY, LANES, SEED, effects, lanes, open_site, undisturbed_effects, wait_until_done
from tests.ports import free_port

PATIENTS = 100
WORKERS = tuple(stage.value for stage in Stage)
PATIENCE_SECONDS = 120.0

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def day() -> list[SimulatedMessage]:
    """A simulated day."""
    return list(simulate(SEED, PATIENTS, DAY))


@pytest.fixture(scope="module")
def haunted(
    each_database: str, config: Path, day: list[SimulatedMessage], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    """The hub after the day, which two workers of each stage handled."""
    hub = open_site(tmp_path_factory.mktemp("haunted"), config)
    port = free_port()
    acknowledged: queue.Queue[str] = queue.Queue(LANES)
    senders = [Sender(port, lane, acknowledged) for lane in lanes(day)]
    with closing(hub):
        with cluster(hub.settings.data, config, port, twice=WORKERS) as roles:
            for sender in senders:
                sender.start()
            workers = [role for name, role in roles.items() if name != "receive"]
            freeze_again_and_again(workers, acknowledged, len(day))
            for sender in senders:
                sender.join()
            wait_until_done(hub)
        assert [sender.failure for sender in senders] == [None] * len(senders)
        drain(hub)
        yield hub


def freeze_again_and_again(workers: list[Role], acknowledged: "queue.Queue[str]", total: int) -> None:
    """Freezes a worker for as long as it takes to acknowledge a few messages, then the next one, until all are in."""
    dice = Random(SEED)
    while total > 0:
        few = min(dice.randint(3, 12), total)
        victim = dice.choice(workers)
        victim.freeze()
        for _ in range(few):
            acknowledged.get(timeout=PATIENCE_SECONDS)
        victim.thaw()
        total -= few


def test_nothing_is_lost_or_doubled(
    haunted: Hub, config: Path, day: list[SimulatedMessage], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Events, notices, visits, loops, persons and files are those of the same day with one worker for each stage."""
    expected = undisturbed_effects(tmp_path_factory.mktemp("undisturbed"), config, day)
    assert effects(haunted) == expected
    assert len(expected["notices"]) > 20


def test_the_ledger_balances(haunted: Hub) -> None:
    """Every message has its one end."""
    (row,) = ledger(haunted)
    assert (row.balanced, row.waiting, row.dead) == (True, 0, 0)


def test_no_stream_has_a_record_twice(haunted: Hub) -> None:
    """A worker that was overtaken while it was frozen publishes nothing of what it had begun."""
    for table in (schema.stream_fhir, schema.stream_events, schema.stream_notifications):
        assert set(Counter(_ids(haunted, table)).values()) == {1}, table.name
    with reading(haunted.main) as connection:
        attempts = connection.execute(select(func.max(schema.deliveries.c.attempts))).scalar()
    assert attempts == 1


def _ids(hub: Hub, table: Any) -> list[str]:
    with reading(hub.main) as connection:
        return [orjson.loads(head)["id"] for head in connection.execute(select(table.c.headers)).scalars()]

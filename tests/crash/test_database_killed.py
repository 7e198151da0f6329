"""Promises P1 and P2 when the database server is killed under a running hub: everything resumes by itself."""

import queue
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hub.services.context import Hub
from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from hub.simulator import SimulatedMessage, simulate
from hub.store.engine import on_postgres
from tests import databases
from tests.crash.cluster import Sender, cluster
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
from tests.postgres import Databases, Server, serving

PATIENTS, KILLS = 120, 5
PATIENCE_SECONDS = 120.0

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def day() -> list[SimulatedMessage]:
    """A simulated day."""
    return list(simulate(SEED, PATIENTS, DAY))


@pytest.fixture(scope="module")
def server(postgres_binaries: Path) -> Iterator[Server]:
    """A server of its own, which waits for its disk."""
    with serving(postgres_binaries) as running, databases.kept_on(Databases(running.admin)):
        yield running


@pytest.fixture(scope="module")
def survived(
    server: Server, config: Path, day: list[SimulatedMessage], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Hub, list[str]]]:
    """The hub after the day, whose database server was killed again and again; and every control id it acknowledged."""
    port = free_port()
    acknowledged: queue.Queue[str] = queue.Queue(LANES)
    senders = [Sender(port, lane, acknowledged) for lane in lanes(day)]
    with closing(open_site(tmp_path_factory.mktemp("survived"), config)) as hub:
        with cluster(hub.settings.data, config, port) as roles:
            for sender in senders:
                sender.start()
            seen = kill_again_and_again(server, acknowledged, len(day))
            seen += the_rest(senders, acknowledged)
            wait_until_done(hub)
            assert not [role.name for role in roles.values() if not role.is_running]
        assert on_postgres(hub.main)
        drain(hub)
        yield hub, seen


def kill_again_and_again(server: Server, acknowledged: "queue.Queue[str]", total: int) -> list[str]:
    """Kills the server after every few acknowledgements, and starts it again."""
    dice = Random(SEED)
    most = total // (KILLS + 1)
    seen: list[str] = []
    for _ in range(KILLS):
        seen += [acknowledged.get(timeout=PATIENCE_SECONDS) for _ in range(dice.randint(most // 2, most))]
        server.kill()
        server.start()
    return seen


def test_what_was_acknowledged_is_there_once(day: list[SimulatedMessage], survived: tuple[Hub, list[str]]) -> None:
    """Every message of the day was acknowledged in the end, and each is one message of the hub."""
    hub, acknowledged = survived
    assert set(acknowledged) == {message.control_id for message in day}
    assert booked(hub) == Counter(set(acknowledged))


def test_nothing_is_lost_or_doubled(
    survived: tuple[Hub, list[str]],
    config: Path,
    day: list[SimulatedMessage],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Events, notices, visits, loops, persons and files are those of the same day with a server that stays."""
    hub, _ = survived
    expected: dict[str, Any] = undisturbed_effects(tmp_path_factory.mktemp("undisturbed"), config, day)
    assert effects(hub) == expected
    assert len(expected["notices"]) > 20


def test_the_ledger_balances(survived: tuple[Hub, list[str]]) -> None:
    """Every message has its one end."""
    (row,) = ledger(survived[0])
    assert (row.balanced, row.waiting, row.dead) == (True, 0, 0)

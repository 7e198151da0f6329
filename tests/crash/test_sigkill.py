"""Promises P1 and P2 under SIGKILL: what was acknowledged is there once, what follows from it happens once."""

import queue
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from hub.services.context import Hub
from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from hub.simulator import SimulatedMessage, simulate
from hub.store import schema
from hub.store.engine import reading
from tests.crash.cluster import ROLES, Role, Sender, cluster
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

KILLS = {"sqlite": 40, "postgres": 16}
PATIENTS_PER_KILL = 10
PATIENCE_SECONDS = 120.0

pytestmark = [pytest.mark.crash, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def kills(each_database: str) -> int:
    """How often something is killed."""
    return KILLS[each_database]


@pytest.fixture(scope="module")
def day(kills: int) -> list[SimulatedMessage]:
    """A simulated day."""
    return list(simulate(SEED, PATIENTS_PER_KILL * kills, DAY))


@pytest.fixture(scope="module")
def undisturbed(config: Path, day: list[SimulatedMessage], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the same day leads to when nothing is killed."""
    return undisturbed_effects(tmp_path_factory.mktemp("undisturbed"), config, day)


@pytest.fixture(scope="module")
def killed(kills: int, config: Path, day: list[SimulatedMessage], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The hub after the day, whose roles were killed again and again; and every control id it acknowledged."""
    hub = open_site(tmp_path_factory.mktemp("killed"), config)
    port = free_port()
    acknowledged: queue.Queue[str] = queue.Queue(LANES)
    senders = [Sender(port, lane, acknowledged) for lane in lanes(day)]
    with cluster(hub.settings.data, config, port) as roles:
        for sender in senders:
            sender.start()
        ids = kill_again_and_again(roles, acknowledged, kills, len(day) * 9 // 10 // kills)
        ids += the_rest(senders, acknowledged)
        wait_until_done(hub)
    drain(hub)  # the end of the block killed all roles once more
    yield hub, ids
    hub.close()


def kill_again_and_again(
    roles: dict[str, Role], acknowledged: "queue.Queue[str]", kills: int, between: int
) -> list[str]:
    """Kills a role after every few acknowledgements, all roles equally often; returns what was acknowledged so far.

    The queue is short, so the senders wait for this loop: the load goes on until the last kill, and the killed role
    gets ready again while it goes on.
    """
    rng = Random(SEED)
    seen: list[str] = []
    for _ in range(kills // len(ROLES)):
        for victim in rng.sample(ROLES, len(ROLES)):
            roles[victim].wait_until_ready()
            seen += [acknowledged.get(timeout=PATIENCE_SECONDS) for _ in range(rng.randint(between // 2, between))]
            roles[victim].kill()
            roles[victim].start()
    return seen


def test_the_load_is_worth_killing(kills: int, day: list[SimulatedMessage], undisturbed: dict[str, Any]) -> None:
    """The day has enough messages, events and notices for all kills to hit something."""
    assert len(day) > 20 * kills
    assert len(undisturbed["notices"]) > 2 * kills
    assert undisturbed["loops"]


def test_acknowledged_messages_are_in_the_ledger_once(
    day: list[SimulatedMessage], killed: tuple[Hub, list[str]]
) -> None:
    """Every acknowledged control id is one message, and every message of the day was acknowledged."""
    hub, acknowledged = killed
    assert booked(hub) == Counter(set(acknowledged))
    assert set(acknowledged) == {message.control_id for message in day}


def test_the_ledger_balances(killed: tuple[Hub, list[str]]) -> None:
    """After all kills accepted = converted + duplicate + held + dead, nothing waits and nothing is dead."""
    hub, _ = killed
    rows = ledger(hub)
    assert rows
    assert all(row.balanced and row.waiting == 0 and row.dead == 0 for row in rows)


def test_no_effect_is_lost_or_doubled(killed: tuple[Hub, list[str]], undisturbed: dict[str, Any]) -> None:
    """Events, notices, visits, loops, persons and files are those of the same day without kills."""
    hub, _ = killed
    found = effects(hub)
    for what, expected in undisturbed.items():
        assert found[what] == expected, what


def test_each_notice_was_delivered_once_on_each_channel(killed: tuple[Hub, list[str]]) -> None:
    """Each notice has one delivery for each channel of its practice, and all of them have been delivered."""
    hub, _ = killed
    columns = schema.deliveries.c
    with reading(hub.main) as connection:
        notices = connection.execute(select(schema.notifications.c.id)).scalars().all()
        rows = connection.execute(select(columns.notification_id, columns.channel, columns.state)).all()
    ways = Counter((row.notification_id, row.channel) for row in rows)
    assert ways == Counter((notice, channel) for notice in notices for channel in ("inbox", "folder"))
    assert {row.state for row in rows} == {"delivered"}

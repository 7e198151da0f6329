from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from hub.model import Delivery, Stage, Stream
from hub.services import stages
from hub.services.context import Hub
from hub.services.delivery import queue
from hub.services.delivery.dispatch import Dispatcher
from hub.services.delivery.turn import HELD, serve
from hub.services.operations import browse
from hub.settings import PluginUse
from hub.store import endpoints
from hub.store.engine import reading, utc_text, writing
from tests.unit.services.hospital import HandClock, accept, adt, opened, site

pytestmark = pytest.mark.usefixtures("each_database")

SECONDS = 30


class Stuck:
    """An endpoint that takes nothing until it is let go."""

    needs = frozenset[str]()

    def __init__(self) -> None:
        self.reached, self.let_go, self.taken = Event(), Event(), 0

    def send(self, _: Delivery) -> str:
        self.reached.set()
        assert self.let_go.wait(SECONDS)
        self.taken += 1
        return "taken"

    def close(self) -> None:
        """Nothing is kept open."""


class Prompt(Stuck):
    """One that takes everything at once, and tells when it has ``wanted`` of it."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self.let_go.set()
        self.wanted, self.has_all = wanted, Event()

    def send(self, delivery: Delivery) -> str:
        receipt = super().send(delivery)
        if self.taken == self.wanted:
            self.has_all.set()
        return receipt


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def with_two(hub: Hub, stuck: Stuck, prompt: Prompt) -> Hub:
    ends = {"stuck": stuck, "prompt": prompt}
    return replace(hub, site=site(*(PluginUse(kind=k) for k in ends)), channel=lambda use, _: ends[use.kind])


def visits(count: int) -> list[bytes]:
    return [adt(f"M{n}", mrn=f"7{n:04}", name=f"Miller{n}^Ann", visit=f"V{n}") for n in range(count)]


def test_an_endpoint_that_hangs_keeps_nobody_waiting(hub: Hub) -> None:
    """While one endpoint takes forever with its first notice, another gets all of its own."""
    stuck, prompt = Stuck(), Prompt(5)
    hub = with_two(hub, stuck, prompt)
    accept(hub, *visits(5))
    for stage in (Stage.CONVERT, Stage.ROUTE):
        stages.run_batch(hub, stage)
    stop = Event()
    running = Thread(target=stages.run_forever, args=(hub, Stage.DELIVER, stop))
    running.start()
    try:
        assert stuck.reached.wait(SECONDS)
        assert prompt.has_all.wait(SECONDS)
        assert stuck.taken == 0
    finally:
        stuck.let_go.set()
        stop.set()
        running.join(SECONDS)


def test_an_endpoint_has_one_sender_at_a_time(hub: Hub) -> None:
    """While somebody sends there, another worker finds nothing to do at this endpoint."""
    stuck = Stuck()
    hub = with_two(hub, stuck, Prompt(1))
    accept(hub, *visits(1))
    for stage in (Stage.CONVERT, Stage.ROUTE):
        stages.run_batch(hub, stage)
    records = hub.streams.read(Stream.NOTIFICATIONS, 0, -1, 10)
    with writing(hub.main) as transaction:
        queue.enqueue(transaction, hub, records)
    first = Thread(target=serve, args=(hub, "panel-busy|stuck", "first"))
    first.start()
    assert stuck.reached.wait(SECONDS)
    assert serve(hub, "panel-busy|stuck", "second") == 0
    stuck.let_go.set()
    first.join(SECONDS)
    assert stuck.taken == 1
    (notice,) = browse.notifications(hub)
    assert {d.channel: d.state for d in notice.deliveries} == {"stuck": "delivered", "prompt": "queued"}


def test_who_sends_for_long_keeps_the_endpoint(hub: Hub) -> None:
    """A worker that is there keeps its endpoint, however long a request takes; one that says nothing is followed."""
    clock, stuck = HandClock(), Stuck()
    hub = replace(with_two(hub, stuck, Prompt(1)), clock=clock)
    accept(hub, *visits(1))
    for stage in (Stage.CONVERT, Stage.ROUTE):
        stages.run_batch(hub, stage)
    with writing(hub.main) as transaction:
        queue.enqueue(transaction, hub, hub.streams.read(Stream.NOTIFICATIONS, 0, -1, 10))
    with Dispatcher(hub) as dispatcher:
        dispatcher.turn()
        assert stuck.reached.wait(SECONDS)
        for _ in range(4):
            clock.moment += HELD / 2
            dispatcher.turn()
            assert serve(hub, "panel-busy|stuck", "second") == 0
        clock.moment += HELD
        with reading(hub.main) as connection:
            assert "panel-busy|stuck" in {e.id for e in endpoints.due(connection, utc_text(clock.now()), 10)}
        stuck.let_go.set()

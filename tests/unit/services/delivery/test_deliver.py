from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.errors import EndpointUnavailable, Undeliverable
from hub.model import Delivery, Stage, Stream
from hub.ports import Channel
from hub.services import stages
from hub.services.context import Hub
from hub.services.delivery.turn import RETRY_SECONDS
from hub.services.operations import browse
from hub.settings import PluginUse
from tests.unit.services.hospital import HandClock, accept, adt, opened, site

pytestmark = pytest.mark.usefixtures("each_database")


class Endpoint:
    """The other side of a channel: raises what it is given, in turn, and remembers what it took."""

    needs = frozenset[str]()

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.taken: list[Delivery] = []

    def send(self, delivery: Delivery) -> str:
        if self.troubles:
            raise self.troubles.pop(0)
        self.taken.append(delivery)
        return "taken"

    def close(self) -> None:
        """Nothing is kept open."""


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hub(tmp_path: Path, clock: HandClock) -> Iterator[Hub]:
    opened_hub = opened(tmp_path, clock=clock)
    yield opened_hub
    opened_hub.close()


def with_endpoint(hub: Hub, endpoint: Channel) -> Hub:
    """The hub with one channel more, called ``pager``."""
    two = site(PluginUse(kind="inbox"), PluginUse(kind="pager"))
    inbox = hub.channel
    return replace(hub, site=two, channel=lambda use, p: endpoint if use.kind == "pager" else inbox(use, p))


def states(hub: Hub) -> dict[str, str]:
    (notice,) = browse.notifications(hub)
    return {d.channel: d.state for d in notice.deliveries}


def test_a_notice_goes_out_by_every_channel_of_its_practice(hub: Hub) -> None:
    """One delivery per channel; the other side gets the notice, its id and the patient's demographics."""
    endpoint = Endpoint()
    hub = with_endpoint(hub, endpoint)
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert states(hub) == {"inbox": "delivered", "pager": "delivered"}
    (delivery,) = endpoint.taken
    assert delivery.notification.kind == "ed-arrival"
    assert (delivery.patient["name"], delivery.patient["birth_date"]) == ("Harold Andrews", "1955-09-14")


def test_a_notice_that_waited_for_a_merge_names_the_survivor(hub: Hub, clock: HandClock) -> None:
    """A notice that is sent after its patient was merged has the survivor's demographics and id."""
    endpoint = Endpoint(EndpointUnavailable("refused"))
    hub = with_endpoint(hub, endpoint)
    accept(hub, adt("M1", mrn="81230"))
    stages.drain(hub)
    accept(hub, adt("M2", "A40", at="202603021300", more="MRG|81230^^^MERCY^MR\r"))
    stages.drain(hub)
    clock.forward(seconds=RETRY_SECONDS[0])
    stages.drain(hub)
    (delivery,) = endpoint.taken
    (notice,) = browse.notifications(hub)
    assert delivery.patient["name"] == notice.patient == "Harold Andrews"
    assert delivery.notification.person_id == browse.show(hub, "M2").row.person_id


def test_an_endpoint_that_is_out_of_reach_is_tried_again_when_its_time_comes(hub: Hub, clock: HandClock) -> None:
    """After a failed attempt the delivery waits half a minute, then it is sent under the same id."""
    endpoint = Endpoint(EndpointUnavailable("refused"))
    hub = with_endpoint(hub, endpoint)
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert states(hub) == {"inbox": "delivered", "pager": "queued"}
    assert stages.drain(hub) == 0
    clock.forward(seconds=RETRY_SECONDS[0])
    assert stages.drain(hub) == 1
    assert states(hub) == {"inbox": "delivered", "pager": "delivered"}


def test_a_delivery_is_given_up_after_the_last_wait(hub: Hub, clock: HandClock) -> None:
    """When every attempt of the schedule has failed, the delivery has failed, with the reason."""
    hub = with_endpoint(hub, Endpoint(*(EndpointUnavailable("refused") for _ in range(20))))
    accept(hub, adt("M1"))
    stages.drain(hub)
    for seconds in RETRY_SECONDS:
        clock.forward(seconds=seconds)
        stages.drain(hub)
    (notice,) = browse.notifications(hub)
    pager = next(d for d in notice.deliveries if d.channel == "pager")
    assert (pager.state, pager.attempts) == ("failed", len(RETRY_SECONDS) + 1)
    assert pager.error == "endpoint-unavailable: refused; given up"


def test_a_refusal_is_final(hub: Hub) -> None:
    """What the other side refuses for good is not sent again."""
    hub = with_endpoint(hub, Endpoint(Undeliverable("no such practice")))
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert states(hub) == {"inbox": "delivered", "pager": "failed"}


def test_a_channel_that_breaks_does_not_stop_the_others(hub: Hub) -> None:
    """An error that nobody has thought of is tried again later; the other channels deliver."""
    hub = with_endpoint(hub, Endpoint(ZeroDivisionError("Andrews")))
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert states(hub) == {"inbox": "delivered", "pager": "queued"}
    (notice,) = browse.notifications(hub)
    assert [d.error for d in notice.deliveries] == ["", "endpoint-unavailable: ZeroDivisionError"]


def test_a_channel_that_is_gone_fails_its_deliveries(hub: Hub, clock: HandClock) -> None:
    """A delivery by a channel that the practice no longer has says so."""
    accept(hub, adt("M1"))
    stages.drain(with_endpoint(hub, Endpoint(EndpointUnavailable("refused"))))
    clock.forward(minutes=1)
    stages.drain(hub)
    assert states(hub) == {"inbox": "delivered", "pager": "failed"}


def test_the_same_notice_twice_is_delivered_once(hub: Hub) -> None:
    """A record that is read again queues nothing new."""
    endpoint = Endpoint()
    hub = with_endpoint(hub, endpoint)
    accept(hub, adt("M1"))
    stages.drain(hub)
    (record,) = hub.streams.read(Stream.NOTIFICATIONS, 0, -1, 10)
    hub.streams.append(Stream.NOTIFICATIONS, [record])
    assert stages.run_batch(hub, Stage.DELIVER) == 1
    assert len(endpoint.taken) == 1


def test_an_acknowledged_notice_says_by_whom(hub: Hub) -> None:
    """Somebody of the practice acknowledges in the inbox; a second time changes nothing."""
    accept(hub, adt("M1"))
    stages.drain(hub)
    (notice,) = browse.notifications(hub, practice="panel-busy")
    seen = browse.acknowledge(hub, notice.id[:8], "nurse")
    assert (seen.state, seen.deliveries[0].receipt) == ("acknowledged", "acknowledged by nurse")
    assert browse.acknowledge(hub, notice.id, "doctor").deliveries[0].receipt == "acknowledged by nurse"

"""The page of the feeds: what is wrong is seen, acknowledged and muted there."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from hub.services.context import Hub
from hub.services.health.alarms import alarms
from hub.services.health.watch import Watch
from tests.unit.services.health.watched import MONDAY, TUESDAY, feed, hear_weeks, opened, receiving
from tests.unit.services.hospital import HandClock
from tests.unit.web.conftest import console, part


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A feed that has been silent for an hour; the others of its hub run."""
    clock = HandClock(TUESDAY)
    with closing(opened(tmp_path, clock, feed())) as it:
        hear_weeks(it, "mercy", MONDAY, TUESDAY)
        clock.forward(hours=1)
        for role in ("receive", "convert", "route", "deliver"):
            receiving(it, role=role)
        Watch(it, "a").look()
        yield it


@pytest.fixture
def client(hub: Hub) -> Iterator[httpx.Client]:
    with console(hub) as it:
        yield it


def test_an_open_alarm_is_seen(client: httpx.Client) -> None:
    """On the overview, on the page of the feeds with what was expected, and on that of its feed."""
    assert "<b>1</b><span>open alarm</span>" in client.get("/").text
    page = client.get("/feeds").text
    assert "None for 62 min; expected: about 30 an hour at this time of the week." in page
    assert '<span class="tag bad">alarm</span>' in page
    assert "feed mercy: none for 62 min" in client.get("/feeds/mercy").text


def test_a_hub_that_is_ready(client: httpx.Client, hub: Hub) -> None:
    """With all roles alive and databases that can be written; when a role stops it is not, and the page says so."""
    assert client.get("/health/ready").json()["ready"] is True
    assert "not ready" not in client.get("/feeds").text
    hub.clock.forward(minutes=2)  # type: ignore[attr-defined]
    for role in ("receive", "convert", "deliver"):
        receiving(hub, role=role)
    assert client.get("/health/ready").json()["reasons"] == ["route does not run"]
    assert "<b>The hub is not ready.</b> route does not run." in client.get("/feeds").text


def test_an_alarm_is_acknowledged(client: httpx.Client, hub: Hub) -> None:
    """By the name that the browser remembers; the page then says who looks after it, and has no button."""
    (alarm,) = alarms(hub)
    client.post("/acting", data={"name": "Ana"})
    answer = client.post(f"/alarms/{alarm.id}/acknowledge")
    assert (answer.status_code, answer.headers["location"]) == (303, "/feeds")
    page = client.get("/feeds").text
    assert "Ana looks after it" in page
    assert f"/alarms/{alarm.id}/acknowledge" not in page


def test_an_alarm_is_muted(client: httpx.Client, hub: Hub) -> None:
    """For a time, by a script without leaving the page; and it counts again when it is unmuted."""
    (alarm,) = alarms(hub)
    shown = part(client, "POST", f"/alarms/{alarm.id}/mute", hours="24").text
    assert shown.startswith('<div id="live"')
    assert "muted until" in shown
    assert "open alarm" not in client.get("/").text
    assert "muted until" not in part(client, "POST", f"/alarms/{alarm.id}/mute", hours="0").text
    assert client.post(f"/alarms/{alarm.id}/mute", data={"hours": "-1"}).status_code == 400


def test_nothing_is_sent_when_nothing_moved(client: httpx.Client) -> None:
    """Whoever has seen the newest state gets no answer to swap in."""
    digest = client.get("/feeds").text.split("/feeds/live?seen=")[1].split('"')[0]
    assert client.get(f"/feeds/live?seen={digest}").status_code == 204

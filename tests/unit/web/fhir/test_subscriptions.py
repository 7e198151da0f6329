"""A practice's program over HTTP, the hub, and the practice's endpoint: all three are real."""

import hmac
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.fhir.backport import PROFILES
from hub.fhir.check import check
from hub.model import Json
from hub.services import stages
from hub.services.context import Hub
from hub.services.delivery.turn import RETRY_SECONDS
from hub.settings import Settings
from hub.web.fhir import practice_app
from hub.wiring import open_hub
from tests import databases
from tests.endpoint import Endpoint, listening
from tests.http_clients import http_client
from tests.unit.services.hospital import HandClock, accept, adt, site
from tests.web_server import serving

pytestmark = pytest.mark.usefixtures("each_database")

TOKEN, STRANGER = "the practice's token", "another practice's token"
KEY = "a key that both sides know"


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hub(tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("BUSY_KEY", KEY)
    settings = Settings(
        data=tmp_path / "var",
        config=tmp_path / "config",
        database_url=databases.url(tmp_path / "var"),
        private_endpoints="127.0.0.0/8",
        fhir_url="https://hub.example/fhir",
    )
    busy = site().practices[0]
    practices = (
        busy.model_copy(update={"tokens": (hashed(TOKEN),), "signing": "env:BUSY_KEY"}),
        busy.model_copy(update={"id": "other", "clinicians": (), "tokens": (hashed(STRANGER),)}),
    )
    opened = open_hub(settings, clock)
    opened = replace(opened, site=site().model_copy(update={"practices": practices}))
    yield opened
    opened.close()


@pytest.fixture
def api(hub: Hub) -> Iterator[httpx.Client]:
    with serving(practice_app(hub)) as url:
        headers = {"authorization": f"Bearer {TOKEN}"}
        with http_client(f"{url}/fhir", headers=headers) as client:
            yield client


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with listening() as found:
        yield found


def wanted(url: str, content: str = "full-resource", **more: Any) -> Json:
    """A Subscription to visits."""
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "to know",
        "criteria": "urn:carering:topic:encounter-transition",
        "channel": {
            "type": "rest-hook",
            "endpoint": url,
            "payload": "application/fhir+json",
            "header": ["X-Ours: yes"],
            "_payload": {"extension": [{"url": f"{PROFILES}backport-payload-content", "valueCode": content}]},
        },
        **more,
    }


def subscribed(api: httpx.Client, url: str, **more: Any) -> str:
    answer = api.post("/Subscription", json=wanted(url, **more))
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    assert answer.headers["location"].endswith(f"/Subscription/{made['id']}")
    assert made["status"] == "requested"
    return str(made["id"])


def parameter(bundle: Json, name: str) -> str:
    """A value of the status that comes first in a notification bundle."""
    found = next(p for p in bundle["entry"][0]["resource"]["parameter"] if p["name"] == name)
    return str(next(v for k, v in found.items() if k.startswith("value")))


def kinds(endpoint: Endpoint) -> list[str]:
    return [parameter(p.json, "type") for p in endpoint.posted]


def numbers(bundle: Json) -> list[str]:
    events = [p for p in bundle["entry"][0]["resource"]["parameter"] if p["name"] == "notification-event"]
    return [next(part["valueString"] for part in e["part"] if part["name"] == "event-number") for e in events]


def status(api: httpx.Client, subscription: str) -> Json:
    answer = api.get(f"/Subscription/{subscription}/$status").json()
    return {
        p["name"]: next(v for k, v in p.items() if k != "name") for p in answer["entry"][0]["resource"]["parameter"]
    }


def test_a_practice_subscribes_is_greeted_and_hears_once(hub: Hub, api: httpx.Client, endpoint: Endpoint) -> None:
    """A handshake makes the subscription active; then each notice comes once, as valid R4, with number, focus, text and
    the practice's own header."""
    subscription = subscribed(api, endpoint.url)
    stages.drain(hub)
    assert api.get(f"/Subscription/{subscription}").json()["status"] == "active"
    accept(hub, adt("M1"), adt("M2", "A08"), adt("M1"))
    stages.drain(hub)
    assert kinds(endpoint) == ["handshake", "event-notification"]
    told = endpoint.posted[1]
    assert (told.headers["X-Ours"], told.headers["Content-Type"]) == ("yes", "application/fhir+json")
    assert check(told.json) == []
    assert check(endpoint.posted[0].json) == []
    assert numbers(told.json) == ["1"]
    types = [e["resource"]["resourceType"] for e in told.json["entry"]]
    assert types[0] == "Parameters"
    assert {"Patient", "Encounter", "Communication"} <= set(types)
    words = next(e["resource"] for e in told.json["entry"] if e["resource"]["resourceType"] == "Communication")
    assert words["payload"][0]["contentString"].startswith("Emergency arrival")


def test_what_is_posted_is_signed(hub: Hub, api: httpx.Client, endpoint: Endpoint) -> None:
    """Who has the key can tell that a notification comes from the hub, and when."""
    subscribed(api, endpoint.url)
    stages.drain(hub)
    (greeting,) = endpoint.posted
    signed = f"{greeting.headers['X-Carering-Timestamp']}.".encode() + greeting.body
    assert greeting.headers["X-Carering-Signature"] == f"sha256={hmac.new(KEY.encode(), signed, sha256).hexdigest()}"


@pytest.mark.parametrize(("content", "entries"), [("empty", 1), ("id-only", 3)])
def test_a_notification_says_as_much_as_was_asked_for(
    hub: Hub, api: httpx.Client, endpoint: Endpoint, content: str, entries: int
) -> None:
    """Empty names nothing; id-only names what can then be read at the hub, by this practice alone."""
    subscribed(api, endpoint.url, content=content)
    accept(hub, adt("M1"))
    stages.drain(hub)
    bundle = endpoint.posted[1].json
    assert check(bundle) == []
    assert len(bundle["entry"]) == entries
    assert all("resource" not in entry for entry in bundle["entry"][1:])
    for entry in bundle["entry"][1:]:
        reference = entry["fullUrl"].removeprefix("https://hub.example/fhir")
        assert api.get(reference).json()["id"] == reference.rpartition("/")[2]
        assert api.get(reference, headers={"authorization": f"Bearer {STRANGER}"}).status_code == 404


def test_only_what_passes_every_filter_is_sent(hub: Hub, api: httpx.Client, endpoint: Endpoint) -> None:
    """Filters of one subscription are joined by and; events that do not pass are none of its events."""
    criteria = "urn:carering:topic:encounter-transition?kind=inpatient-admit,discharge"
    own = {"extension": [{"url": f"{PROFILES}backport-filter-criteria", "valueString": "Encounter.class=IMP"}]}
    subscription = subscribed(api, endpoint.url, criteria=criteria, _criteria=own)
    accept(hub, adt("M1"), adt("M2", "A01", mrn="4711", visit="V2", patient_class="I", name="Miller^Ann"))
    stages.drain(hub)
    assert kinds(endpoint) == ["handshake", "event-notification"]
    assert status(api, subscription)["events-since-subscription-start"] == "1"


def test_a_handshake_that_fails_is_an_error_until_the_client_begins_anew(
    hub: Hub, api: httpx.Client, endpoint: Endpoint
) -> None:
    """Events are counted meanwhile and not sent; PUT begins anew; what was missed is had by $events."""
    endpoint.statuses = [500]
    subscription = subscribed(api, endpoint.url)
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert (status(api, subscription)["status"], status(api, subscription)["events-since-subscription-start"]) == (
        "error",
        "1",
    )
    assert kinds(endpoint) == ["handshake"]
    again = {**wanted(endpoint.url), "id": subscription}
    assert api.put(f"/Subscription/{subscription}", json=again).status_code == 200
    accept(hub, adt("M2", "A03", at="202603021500"))
    stages.drain(hub)
    assert kinds(endpoint) == ["handshake", "handshake", "event-notification"]
    assert numbers(endpoint.posted[2].json) == ["2"]
    missed = api.get(f"/Subscription/{subscription}/$events", params={"eventsUntilNumber": 1}).json()
    assert (parameter(missed, "type"), numbers(missed)) == ("query-event", ["1"])
    assert check(missed) == []


def test_an_endpoint_that_is_down_gets_everything_in_order_when_it_is_back(
    hub: Hub, api: httpx.Client, endpoint: Endpoint, clock: HandClock
) -> None:
    """Nothing overtakes what could not be delivered; until the wait is over nobody knocks."""
    subscribed(api, endpoint.url)
    stages.drain(hub)
    endpoint.statuses = [503, 429]
    accept(hub, adt("M1"))
    stages.drain(hub)
    accept(hub, adt("M2", "A03", at="202603021500"))
    stages.drain(hub)
    assert len(endpoint.posted) == 2
    for seconds in RETRY_SECONDS[:2]:
        clock.forward(seconds=seconds)
        stages.drain(hub)
    assert [n for p in endpoint.posted for n in numbers(p.json)] == ["1", "1", "1", "2"]


def test_an_endpoint_that_stays_down_is_an_error_after_the_whole_schedule(
    hub: Hub, api: httpx.Client, endpoint: Endpoint, clock: HandClock
) -> None:
    """After the last wait the subscription is in error and says why."""
    subscription = subscribed(api, endpoint.url)
    stages.drain(hub)
    endpoint.otherwise = 503
    accept(hub, adt("M1"))
    stages.drain(hub)
    for seconds in RETRY_SECONDS:
        clock.forward(seconds=seconds)
        stages.drain(hub)
    assert len(endpoint.posted) == 2 + len(RETRY_SECONDS)
    found = api.get(f"/Subscription/{subscription}").json()
    assert (found["status"], found["error"]) == ("error", "endpoint-unavailable: HTTP 503")
    clock.forward(days=10)
    assert stages.drain(hub) == 0


@pytest.mark.parametrize(("answer", "becomes"), [(410, "off"), (404, "error"), (401, "error")])
def test_an_endpoint_that_says_no_is_not_asked_again(
    hub: Hub, api: httpx.Client, endpoint: Endpoint, answer: int, becomes: str
) -> None:
    """410 ends the subscription; other refusals are errors. What waits is not sent."""
    subscription = subscribed(api, endpoint.url)
    stages.drain(hub)
    endpoint.statuses = [answer]
    accept(hub, adt("M1"), adt("M2", "A03", at="202603021500"))
    stages.drain(hub)
    assert kinds(endpoint) == ["handshake", "event-notification"]
    assert status(api, subscription)["status"] == becomes


def test_a_silent_subscription_has_a_heartbeat(
    hub: Hub, api: httpx.Client, endpoint: Endpoint, clock: HandClock
) -> None:
    """When nothing happens for as long as the client has said, it hears that; the count does not rise."""
    beat = {"url": f"{PROFILES}backport-heartbeat-period", "valueUnsignedInt": 300}
    asked = wanted(endpoint.url)
    asked["channel"]["extension"] = [beat]
    assert api.post("/Subscription", json=asked).status_code == 201
    stages.drain(hub)
    for _ in range(2):
        clock.forward(seconds=300)
        stages.drain(hub)
    assert kinds(endpoint) == ["handshake", "heartbeat", "heartbeat"]
    assert parameter(endpoint.posted[-1].json, "events-since-subscription-start") == "0"
    assert check(endpoint.posted[-1].json) == []


def test_a_subscription_ends_when_it_said_so(hub: Hub, api: httpx.Client, endpoint: Endpoint, clock: HandClock) -> None:
    """After its end it is off, and nothing is sent."""
    subscription = subscribed(api, endpoint.url, end="2026-03-03T00:00:00Z")
    stages.drain(hub)
    clock.forward(days=1)
    accept(hub, adt("M1"))
    stages.drain(hub)
    assert kinds(endpoint) == ["handshake"]
    assert status(api, subscription)["status"] == "off"


def test_a_deleted_subscription_hears_nothing(hub: Hub, api: httpx.Client, endpoint: Endpoint) -> None:
    """What was still on its way to it stays where it is."""
    subscription = subscribed(api, endpoint.url)
    stages.drain(hub)
    accept(hub, adt("M1"))
    assert api.delete(f"/Subscription/{subscription}").status_code == 204
    stages.drain(hub)
    assert kinds(endpoint) == ["handshake"]
    assert api.get(f"/Subscription/{subscription}").status_code == 404


def test_events_are_sent_again_when_they_are_asked_for(hub: Hub, api: httpx.Client, endpoint: Endpoint) -> None:
    """$resend posts them under their numbers."""
    subscription = subscribed(api, endpoint.url)
    accept(hub, adt("M1"))
    stages.drain(hub)
    answer = api.post(f"/Subscription/{subscription}/$resend?eventsSinceNumber=1")
    assert answer.status_code == 202
    stages.drain(hub)
    assert [n for p in endpoint.posted for n in numbers(p.json)] == ["1", "1"]


UNSUPPORTED: list[tuple[str, Json, str]] = [
    ("topic", {"criteria": "urn:carering:topic:weather"}, "Subscription.criteria"),
    ("filter", {"criteria": "urn:carering:topic:encounter-transition?mood=good"}, "Subscription.criteria"),
    ("modifier", {"criteria": "urn:carering:topic:encounter-transition?kind:not=death"}, "Subscription.criteria"),
    ("end", {"end": "2030-01-01T00:00:00Z"}, "Subscription.end"),
]


@pytest.mark.parametrize(("change", "path"), [u[1:] for u in UNSUPPORTED], ids=[u[0] for u in UNSUPPORTED])
def test_what_is_not_supported_is_refused(api: httpx.Client, endpoint: Endpoint, change: Json, path: str) -> None:
    """422 with an OperationOutcome that says what, and where."""
    answer = api.post("/Subscription", json={**wanted(endpoint.url), **change})
    assert answer.status_code == 422
    assert path in {e for issue in answer.json()["issue"] for e in issue.get("expression", [])}


@pytest.mark.parametrize("change", [{"type": "email"}, {"payload": "text/plain"}, {"header": ["Host: elsewhere"]}])
def test_a_channel_that_is_not_supported_is_refused(api: httpx.Client, endpoint: Endpoint, change: Json) -> None:
    """Only rest-hook, JSON, and headers that are the client's to set."""
    asked = wanted(endpoint.url)
    asked["channel"] |= change
    assert api.post("/Subscription", json=asked).status_code == 422


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7/hook", "https://192.168.1.1/", "http://8.8.8.8/hook", "https://[::1]/"]
)
def test_nobody_is_posted_to_inside_or_in_the_clear(api: httpx.Client, url: str) -> None:
    """Private addresses that the site has not named, and plain HTTP to the internet, are refused."""
    answer = api.post("/Subscription", json=wanted(url))
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == ["Subscription.channel.endpoint"]


def test_a_practice_sees_its_own_and_nobody_without_a_token_sees_anything(
    hub: Hub, api: httpx.Client, endpoint: Endpoint
) -> None:
    """Another practice is told 404, a stranger 401; what there is to subscribe to stands in /metadata."""
    subscription = subscribed(api, endpoint.url)
    theirs = {"authorization": f"Bearer {STRANGER}"}
    assert api.get(f"/Subscription/{subscription}", headers=theirs).status_code == 404
    assert api.get("/Subscription", headers=theirs).json()["total"] == 0
    assert api.get("/Subscription").json()["total"] == 1
    assert api.get("/Subscription", headers={"authorization": "Bearer x"}).status_code == 401
    statement = api.get("/metadata", headers={"authorization": ""}).json()
    assert check(statement) == []
    assert "urn:carering:topic:result-posted" in str(statement)
    assert api.get("/Basic").json()["total"] == 4
    assert api.get("/Group/panel-busy").json()["quantity"] == 0

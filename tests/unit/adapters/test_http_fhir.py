"""FHIR over HTTP: real requests to a real server, and what is in the log afterwards."""

import gzip
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvloop
from fhir.resources.R4B import get_fhir_model_class

from hub.adapters.http import Http
from hub.errors import ConfigurationError, StoreBusy
from hub.fhir.check import check
from hub.model import Format, Json
from hub.services.context import Hub
from hub.services.intake.feeds import inlets
from hub.settings import Feed, PluginUse, Settings, Site
from tests.http_clients import async_http_client
from tests.intake import opened, receiving, stored
from tests.unit.fhir.posted.posting import bundle, order, patient, task, to

TOKEN = "a token of Busy's"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/fhir+json"}
FIXTURES = Path(__file__).parents[3] / "fixtures" / "messages"

Work = Callable[[Hub, httpx.AsyncClient], Awaitable[None]]


def feed(name: str = "busy", form: Format = Format.FHIR, token: str = TOKEN, **more: Any) -> Feed:
    options = {"port": 0, **more.pop("options", {})}
    hashed = sha256(token.encode()).hexdigest()
    return Feed(name=name, adapter=PluginUse(kind="http", **options), format=form, tokens=(hashed,), **more)


def with_hub(folder: Path, work: Work, *feeds: Feed) -> None:
    hub = opened(folder, *(feeds or (feed(),)))

    async def run() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            url = f"http://127.0.0.1:{adapter.port}/fhir/"
            async with async_http_client(url, headers=AUTHORIZED) as client:
                await work(hub, client)

    uvloop.run(run())
    hub.close()


def root(client: httpx.AsyncClient) -> str:
    return f"http://127.0.0.1:{client.base_url.port}"


def issues(answer: httpx.Response) -> list[tuple[str, str]]:
    """Code and place of each issue of an OperationOutcome."""
    assert answer.headers["content-type"] == "application/fhir+json"
    body = answer.json()
    get_fhir_model_class("OperationOutcome").model_validate(body)
    return [(issue["code"], next(iter(issue.get("expression", [])), "")) for issue in body["issue"]]


def test_a_resource_is_created_when_it_is_durable(tmp_path: Path) -> None:
    """201 with the address that it has from now on; the bytes are in the log, under its type and its patient."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        posted = order()
        answer = await client.post("ServiceRequest", json=posted)
        assert (answer.status_code, answer.headers["location"]) == (201, "/fhir/ServiceRequest/SR1")
        (message,) = stored(hub)
        assert (message.feed, message.format, message.type) == ("busy", Format.FHIR, "ServiceRequest")
        assert (message.key, message.origin) == ("urn:carering:feed:busy|Patient/p1", "http/127.0.0.1")
        assert orjson.loads(message.body) == posted
        assert message.id in answer.json()["issue"][0]["diagnostics"]

    with_hub(tmp_path, work)


def test_an_id_is_assigned_where_the_sender_gives_none(tmp_path: Path) -> None:
    """A resource without an id gets an address that follows from its first identifier: posted again, it is the same."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        named = {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}]}
        first = await client.post("Patient", json=named)
        again = await client.post("Patient", json={**named, "gender": "male"})
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.headers["location"] == again.headers["location"]
        nameless = [{"resourceType": "Patient", "gender": gender} for gender in ("male", "female", "male")]
        bare = [await client.post("Patient", json=body) for body in nameless]
        assert [answer.status_code for answer in bare] == [201, 201, 200]
        assert bare[0].headers["location"] == bare[2].headers["location"] != bare[1].headers["location"]
        assert len({m.id for m in stored(hub)}) == 4

    with_hub(tmp_path, work)


def test_a_put_is_a_new_version_of_the_same(tmp_path: Path) -> None:
    """PUT creates under the sender's id, then updates; a path and a resource that differ are refused."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        assert (await client.put("Task/T1", json=task())).status_code == 201
        assert (await client.put("Task/T1", json=task("completed"))).status_code == 200
        other = await client.put("Task/T2", json=task())
        assert (other.status_code, issues(other)) == (400, [("invalid", "Task.id")])
        assert len(stored(hub)) == 2

    with_hub(tmp_path, work)


def test_the_same_contents_after_others_are_no_resend(tmp_path: Path) -> None:
    """Accepted, completed and accepted again are three messages; each of them sent again is none."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        for body in (task(), task(), task("completed"), task("completed"), task(), task()):
            assert (await client.put("Task/T1", json=body)).is_success
        assert [m.control_id for m in stored(hub)] == ["", "", "Task/T1#2", "Task/T1#2", "Task/T1#3", "Task/T1#3"]
        assert len({m.id for m in stored(hub)}) == 3
        for body in (bundle("transaction", task(), order()), bundle("transaction", task("completed"), order())) * 2:
            assert (await client.post("", json=body)).is_success
        assert len({m.id for m in stored(hub)}) == 7

    with_hub(tmp_path, work)


@pytest.mark.parametrize(
    ("prefer", "shows"), [("", "OperationOutcome"), ("return=representation", "Task"), ("return=minimal", "")]
)
def test_the_sender_says_what_it_prefers(tmp_path: Path, prefer: str, shows: str) -> None:
    """The answer's body is an OperationOutcome, the resource with its id, or nothing."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post("Task", json=task(), headers={"Prefer": prefer})
        assert (answer.json()["resourceType"] if answer.content else "") == shows
        if shows == "Task":
            assert answer.json() == task()

    with_hub(tmp_path, work)


def test_a_transaction(tmp_path: Path) -> None:
    """A transaction is one message; its answer has the address of each entry, in their order."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        text = (FIXTURES / "fhir_transaction" / "referral_requested.json").read_bytes()
        answer = await client.post("", content=text)
        body = answer.json()
        get_fhir_model_class("Bundle").model_validate(body)
        assert (answer.status_code, body["type"]) == (200, "transaction-response")
        responses = [entry["response"] for entry in body["entry"]]
        assert {r["status"] for r in responses} == {"201 Created"}
        assert [r["location"].partition("/")[0] for r in responses] == [
            "Patient", "Practitioner", "PractitionerRole", "ServiceRequest", "Task",
        ]  # fmt: skip
        assert responses[3]["location"] == "ServiceRequest/SR-2207"
        assert [(m.type, m.body) for m in stored(hub)] == [("Bundle/transaction", text)]
        again = await client.post("", content=text)
        assert {entry["response"]["status"] for entry in again.json()["entry"]} == {"200 OK"}
        assert len({m.id for m in stored(hub)}) == 1

    with_hub(tmp_path, work)


def test_a_transaction_with_a_fault_is_not_stored(tmp_path: Path) -> None:
    """All or nothing: what is wrong is said by place, and the log is empty."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post("", json=bundle("transaction", patient(), order(status="aktiv")))
        assert (answer.status_code, issues(answer)) == (422, [("code-invalid", "Bundle.entry[1].resource.status")])
        assert stored(hub) == []

    with_hub(tmp_path, work)


def test_a_batch_takes_what_is_good(tmp_path: Path) -> None:
    """The entries of a batch are messages of their own: a bad one is answered with what is wrong, in its place."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        posted = bundle("batch", order(), order(id="SR2", status="aktiv"), patient(), patient(id="p2"))
        answer = await client.post("", json=posted)
        body = answer.json()
        get_fhir_model_class("Bundle").model_validate(body)
        said = [(e["response"]["status"][:3], e["response"].get("location")) for e in body["entry"]]
        assert said == [("201", "ServiceRequest/SR1"), ("422", None), ("201", "Patient/p1"), ("201", "Patient/p2")]
        (wrong,) = body["entry"][1]["response"]["outcome"]["issue"]
        assert wrong["expression"] == ["Bundle.entry[1].resource.status"]
        assert [m.type for m in stored(hub)] == ["Patient", "Patient", "ServiceRequest"]
        nothing = await client.post("", json=bundle("batch", order(status="aktiv")))
        assert nothing.status_code == 422

    with_hub(tmp_path, work)


MESSAGE = orjson.loads((FIXTURES / "fhir_message" / "with_its_own_header.json").read_bytes())


@pytest.mark.parametrize("path", ["", "$process-message", "Bundle"])
def test_a_message_is_answered_by_a_message(tmp_path: Path, path: str) -> None:
    """A message bundle is answered by one whose header says ok to the id of the first."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post(path, json=MESSAGE)
        body = answer.json()
        assert answer.status_code == 200
        assert check(body) == []
        header = body["entry"][0]["resource"]
        assert header["response"]["identifier"] == MESSAGE["entry"][0]["resource"]["id"]
        assert header["response"]["code"] == "ok"
        assert [(m.type, m.control_id) for m in stored(hub)] == [("Bundle/message", "M-7")]

    with_hub(tmp_path, work)


def test_process_message_takes_messages_alone(tmp_path: Path) -> None:
    """Another bundle is refused there, and so is a response that should go elsewhere; async is answered by 202."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        assert (await client.post("$process-message", json=bundle("collection", patient()))).status_code == 400
        elsewhere = {"response-url": "https://x.example"}
        assert (await client.post("$process-message", json=MESSAGE, params=elsewhere)).status_code == 400
        assert stored(hub) == []
        assert (await client.post("$process-message", json=MESSAGE, params={"async": "true"})).status_code == 202

    with_hub(tmp_path, work)


@pytest.mark.parametrize("kind", ["collection", "document"])
def test_other_bundles(tmp_path: Path, kind: str) -> None:
    """A collection or document is 201 when it is new and 200 when it comes again."""
    folder, name = {
        "collection": ("fhir_diagnostic_report", "with_observations"),
        "document": ("fhir_document", "composition_first"),
    }[kind]

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        text = (FIXTURES / folder / f"{name}.json").read_bytes()
        assert [(await client.post("", content=text)).status_code for _ in range(2)] == [201, 200]

    with_hub(tmp_path, work)


ENTRY = "Bundle.entry[0].request"


def conditions(name: str, value: str) -> bytes:
    """A transaction whose only entry is to be taken under a condition."""
    posted = bundle("transaction", order())
    posted["entry"][0]["request"][name] = value
    return orjson.dumps(posted)


def test_a_version_that_is_asked_for(tmp_path: Path) -> None:
    """The hub keeps no versions to compare: a PUT with If-Match is refused and not stored as if it had none."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.put("Task/T1", content=orjson.dumps(task(id="T1")), headers={"If-Match": 'W/"1"'})
        assert (answer.status_code, issues(answer)) == (400, [("not-supported", "")])
        assert stored(hub) == []

    with_hub(tmp_path, work)


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "found"),
    [
        ("POST", "Task", b"", 400, [("structure", "")]),
        ("POST", "Task", b"{", 400, [("structure", "")]),
        ("POST", "Task", b"[]", 400, [("structure", "")]),
        ("POST", "Task", b'{"resourceType":"Task","resourceType":"Task"}', 400, [("structure", "")]),
        ("POST", "Task", b"{}", 422, None),
        ("POST", "Task", b'{"resourceType":"Tasks"}', 422, None),
        ("POST", "Task", orjson.dumps(order()), 400, [("invalid", "resourceType")]),
        ("POST", "", orjson.dumps(order()), 400, [("invalid", "resourceType")]),
        ("POST", "", orjson.dumps(bundle("searchset", patient())), 422, [("invalid", "Bundle.type")]),
        ("POST", "", conditions("ifNoneExist", "identifier=a|1"), 422, [("invalid", f"{ENTRY}.ifNoneExist")]),
        ("POST", "", conditions("ifMatch", 'W/"1"'), 422, [("invalid", f"{ENTRY}.ifMatch")]),
        ("POST", "Practitioner", b"{}", 404, [("not-supported", "")]),
        ("POST", "Nothing", b"{}", 404, [("not-supported", "")]),
        ("POST", "Task/T1", b"{}", 405, [("not-supported", "")]),
        ("GET", "Task/T1", b"", 405, [("not-supported", "")]),
        ("DELETE", "Task/T1", b"", 405, [("not-supported", "")]),
        ("GET", "", b"", 405, [("not-supported", "")]),
        ("POST", "a/b/c/d", b"{}", 404, [("not-found", "")]),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, method: str, path: str, content: bytes, status: int, found: list[tuple[str, str]] | None
) -> None:
    """Every refusal is an OperationOutcome with the place, and leaves nothing in the log."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.request(method, path, content=content)
        assert answer.status_code == status
        assert found is None or issues(answer) == found
        assert stored(hub) == []

    with_hub(tmp_path, work)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/fhir+json; fhirVersion=4.0; charset=UTF-8", 201),
        ("application/json", 201),
        ("application/fhir+xml", 415),
        ("text/plain", 415),
        ("", 415),
        ("application/fhir+json; charset=latin-1", 415),
        ("application/fhir+json; fhirVersion=5.0", 415),
    ],
)
def test_the_media_type(tmp_path: Path, kind: str, status: int) -> None:
    """FHIR JSON of R4 in UTF-8 is taken, under its own name or JSON's; anything else is refused."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post("Task", content=orjson.dumps(task()), headers={"Content-Type": kind})
        assert answer.status_code == status
        assert len(stored(hub)) == (status == 201)

    with_hub(tmp_path, work)


def test_no_value_of_the_sender_is_in_an_answer(tmp_path: Path) -> None:
    """What is wrong is told by place alone."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        wrong = patient(gender="Andrews-Secret", birthDate="Secret", name=[{"family": ["Secret"]}])
        answer = await client.post("Patient", json=wrong)
        assert answer.status_code == 422
        assert len(issues(answer)) == 3
        assert "Secret" not in answer.text

    with_hub(tmp_path, work)


def test_whose_the_token_is(tmp_path: Path) -> None:
    """The token says which feed it is; none, an unknown one and that of another format's feed are refused."""
    others = (feed("love", token="love's"), feed("mercy", Format.HL7V2, token="mercy's"))

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        async def status(token: str, path: str = "/fhir/Task") -> int:
            headers = {"Authorization": f"Bearer {token}"} if token else {"Authorization": ""}
            answer = await client.post(root(client) + path, json=task(), headers=headers)
            assert answer.is_success or issues(answer)
            return answer.status_code

        assert [await status(token) for token in (TOKEN, "love's", "mercy's", "", "nobody's")] == [
            201,
            201,
            403,
            401,
            401,
        ]
        assert [m.feed for m in stored(hub)] == ["busy", "love"]
        assert await status("love's", "/feeds/love/fhir/Task") == 200
        assert await status("love's", "/feeds/busy/fhir/Task") == 401
        assert await status("mercy's", "/feeds/mercy/fhir/Task") == 404

    with_hub(tmp_path, work, feed(), *others)


def test_a_feed_is_a_base_too(tmp_path: Path) -> None:
    """``/feeds/<feed>`` takes bundles, ``/feeds/<feed>/fhir`` is a FHIR base as ``/fhir`` is."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        assert (
            await client.post(f"{root(client)}/feeds/busy", json=bundle("transaction", patient()))
        ).status_code == 200
        answer = await client.post(f"{root(client)}/feeds/busy/fhir/Task", json=task())
        assert answer.headers["location"] == "/feeds/busy/fhir/Task/T1"

    with_hub(tmp_path, work)


def test_addresses_that_may_send(tmp_path: Path) -> None:
    """A token is not enough from an address that is not the feed's."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        assert (await client.post("Task", json=task())).status_code == 403

    with_hub(tmp_path, work, feed(addresses=("192.0.2.0/24",)))


def test_an_idempotency_key(tmp_path: Path) -> None:
    """The key is the control id: with the same body it is the same message, with another it is refused."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": "K-1"}
        first = await client.post("Task", json=task(), headers=key)
        again = await client.post("Task", json=task(), headers=key)
        assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
        assert {(m.id, m.control_id) for m in stored(hub)} == {(stored(hub)[0].id, "K-1")}
        other = await client.post("Task", json=task("completed"), headers=key)
        assert (other.status_code, issues(other)) == (422, [("conflict", "")])
        assert len(stored(hub)) == 2
        long = await client.post("Task", json=task(), headers={"Idempotency-Key": "K" * 256})
        assert long.status_code == 400

    with_hub(tmp_path, work)


def test_a_key_of_which_nothing_came_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key whose request was refused or could not be stored may be used for other contents; a restart forgets none."""

    async def refused(hub: Hub, client: httpx.AsyncClient) -> None:
        def busy(*_: object) -> None:
            raise StoreBusy("locked")

        key = {"Idempotency-Key": "K-1"}
        with monkeypatch.context() as patch:
            patch.setattr("hub.streams.direct.DirectAppend.__call__", busy)
            answer = await client.post("Task", json=task("requested"), headers=key)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await client.post("Task", json=task("aktiv"), headers=key)).status_code == 422
        assert (await client.post("Task", json=task("accepted"), headers=key)).status_code == 201

    async def after_a_restart(hub: Hub, client: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": "K-1"}
        assert (await client.post("Task", json=task("requested"), headers=key)).status_code == 422
        assert (await client.post("Task", json=task("accepted"), headers=key)).status_code == 200

    with_hub(tmp_path, refused)
    with_hub(tmp_path, after_a_restart)


def test_if_none_exist(tmp_path: Path) -> None:
    """A conditional create stores once what has that identifier, whatever comes under it later."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        unless = {"If-None-Exist": "identifier=urn:oid:1.2.3|7"}
        named = patient(identifier=[{"system": "urn:oid:1.2.3", "value": "7"}])
        first = await client.post("Patient", json=named, headers=unless)
        again = await client.post("Patient", json={**named, "gender": "male"}, headers=unless)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.headers["location"] == again.headers["location"] == "/fhir/Patient/p1"
        assert len(stored(hub)) == 1
        other = await client.post("Patient", json=named, headers={"If-None-Exist": "name=Andrews"})
        assert (other.status_code, issues(other)) == (400, [("not-supported", "")])

    with_hub(tmp_path, work)


def test_a_packed_body(tmp_path: Path) -> None:
    """A body may be packed by gzip; what is packed otherwise, cut off or beyond the limit when unpacked is refused."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        packed = gzip.compress(orjson.dumps(task()))
        bomb = gzip.compress(b" " * 10_000_000)

        async def status(content: bytes, encoding: str = "gzip") -> int:
            return (await client.post("Task", content=content, headers={"Content-Encoding": encoding})).status_code

        assert [await status(packed[:-9]), await status(packed + b"x"), await status(b"no gzip")] == [400, 400, 400]
        assert [await status(bomb), await status(packed, "br")] == [413, 415]
        assert stored(hub) == []
        assert await status(packed) == 201
        assert stored(hub)[0].body == orjson.dumps(task())

    with_hub(tmp_path, work, feed(options={"limit": 100_000}))


def test_what_can_be_done_is_stated(tmp_path: Path) -> None:
    """The CapabilityStatement is valid R4 and is for everybody; it names what is taken, and nothing else is."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.get("metadata", headers={"Authorization": ""})
        statement: Json = answer.json()
        assert answer.status_code == 200
        assert check(statement) == []
        get_fhir_model_class("CapabilityStatement").model_validate(statement)
        named = {resource["type"] for resource in statement["rest"][0]["resource"]}
        assert {"ServiceRequest", "Task", "Appointment", "DocumentReference", "Patient"} <= named
        for kind in ("Practitioner", "Organization", "Binary"):
            assert kind not in named
            assert (await client.post(kind, json={"resourceType": kind})).status_code == 404

    with_hub(tmp_path, work)


def test_every_type_that_is_named_is_taken(tmp_path: Path) -> None:
    """A type that the CapabilityStatement names gets as far as its contents."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        statement = (await client.get("metadata")).json()
        for resource in statement["rest"][0]["resource"]:
            answer = await client.post(resource["type"], json={"resourceType": resource["type"]})
            assert answer.status_code in (201, 422), resource["type"]

    with_hub(tmp_path, work)


def test_a_reference_by_search(tmp_path: Path) -> None:
    """``Patient?identifier=…`` names a patient by his number."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post("ServiceRequest", json=order(subject=to("Patient?identifier=urn:oid:1.2.3|7")))
        assert answer.status_code == 201
        assert stored(hub)[0].key == "urn:oid:1.2.3|7"

    with_hub(tmp_path, work)


def test_a_token_of_two_feeds_is_refused(tmp_path: Path) -> None:
    """Two FHIR feeds of one place have tokens of their own, or the hub could not tell them apart."""
    site = Site(feeds=(feed(), feed("love")), rules=(), practices=())
    with pytest.raises(ConfigurationError, match="feed busy has the same one"):
        inlets(site, Settings(data=tmp_path))

"""HTTP intake: real requests to a real server."""

import asyncio
import gzip
import io
import ssl
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import uvloop

from hub.adapters.http import Http
from hub.errors import ConfigurationError, PermanentError, StoreBusy
from hub.formats.hl7v2.acknowledgement import read_acknowledgement
from hub.model import Format
from hub.services.context import Hub
from hub.services.intake.feeds import inlets
from hub.services.operations.tls_dev import make_dev_certificates
from hub.settings import Feed, PluginUse, Settings, Site
from hub.store import files
from hub.store.engine import reading
from hub.transport.http import serving
from tests.http_clients import async_http_client
from tests.intake import adt, opened, receiving, stored
from tests.waiting import until_true

TOKEN = "a token of Mercy's"
HASH = sha256(TOKEN.encode()).hexdigest()
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def feed(name: str, form: Format = Format.HL7V2, **more: object) -> Feed:
    options = {"port": 0, **more.pop("options", {})}  # type: ignore[dict-item]
    return Feed(name=name, adapter=PluginUse(kind="http", **options), format=form, **{"tokens": (HASH,), **more})  # type: ignore[arg-type]


MERCY = feed("mercy")
ROWS = feed("rows", Format.CSV, type="referral", columns={"mrn": "MRN", "last": "Last name"})
PAPERS = feed("papers", Format.DOCUMENT)


def with_hub(
    folder: Path, work: Callable[[Hub, httpx.AsyncClient], Awaitable[None]], *feeds: Feed, secure: object = None
) -> None:
    hub = opened(folder, *(feeds or (MERCY, ROWS, PAPERS)))

    async def run() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            url = f"http{'s' if secure else ''}://127.0.0.1:{adapter.port}/feeds/"
            async with async_http_client(url, headers=AUTHORIZED, verify=secure or True) as client:  # type: ignore[arg-type]
                await work(hub, client)

    uvloop.run(run())
    hub.close()


def test_a_message_is_answered_when_it_is_durable(tmp_path: Path) -> None:
    """HL7 over HTTP: 200 with the acknowledgement as the body, and the message is in the log."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post("mercy", content=adt("M1"), headers={"Content-Type": "application/hl7-v2"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/hl7-v2")
        assert read_acknowledgement(answer.content).code == "AA"
        assert [(m.feed, m.control_id, m.origin) for m in stored(hub)] == [("mercy", "M1", "http/127.0.0.1")]

    with_hub(tmp_path, work)


def test_what_is_refused_and_what_wants_no_answer(tmp_path: Path) -> None:
    """A refusal is 400 with its acknowledgement; who wants no answer gets 204; each of several has its own."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        refused = await client.post("mercy", content=adt("M1", f11="X"))
        assert (refused.status_code, read_acknowledgement(refused.content).code) == (400, "AR")
        silent = await client.post("mercy", content=adt("M2", f15="NE", f16="NE"))
        assert (silent.status_code, silent.content) == (204, b"")
        both = await client.post("mercy", content=adt("M3") + adt("M4"))
        assert (both.status_code, both.content.count(b"MSA|AA|")) == (200, 2)
        cut = await client.post("mercy", content=b"BHS|^~\\&\r" + adt("M5"))
        assert (cut.status_code, read_acknowledgement(cut.content).code) == (400, "AE")
        assert [m.control_id for m in stored(hub)] == ["M2", "M3", "M4"]

    with_hub(tmp_path, work)


@pytest.mark.parametrize("header", ["", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {HASH}"])
@pytest.mark.parametrize("name", ["mercy", "no-such-feed"])
def test_without_a_token_of_the_feed_nothing_is_taken(tmp_path: Path, header: str, name: str) -> None:
    """Who has no token of the feed hears 401, the same for feeds that are and that are not."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post(name, content=adt(), headers={"Authorization": header})
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (401, "security")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert stored(hub) == []

    with_hub(tmp_path, work)


def test_a_token_is_for_its_feed_alone(tmp_path: Path) -> None:
    """A token of one feed opens no other, and a message of a sender that is not the feed's is refused."""
    county = feed("county", tokens=(sha256(b"another").hexdigest(),), senders=("ADT|COUNTY",))
    mine = feed("mercy", senders=("ADT|MERCY",))

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        assert (await client.post("county", content=adt())).status_code == 401
        assert (await client.post("mercy", content=adt("M1", f4="COUNTY"))).status_code == 400
        assert (await client.post("mercy", content=adt("M2"))).status_code == 200
        assert [m.control_id for m in stored(hub)] == ["M2"]

    with_hub(tmp_path, work, county, mine)


def test_addresses_that_may_send(tmp_path: Path) -> None:
    """A token is not enough from an address that is not the feed's."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        assert (await client.post("mercy", content=adt())).status_code == 403

    with_hub(tmp_path, work, feed("mercy", addresses=("192.0.2.0/24",)))


CSV = b"MRN,Last name\n1,Andrews\n2,Brown\n"


@pytest.mark.parametrize("way", ["raw", "form"])
def test_rows_are_taken_in(tmp_path: Path, way: str) -> None:
    """A CSV file, as it is or in a form, becomes rows under its name; 200 names the messages."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        if way == "raw":
            answer = await client.post("rows", params={"name": "list.csv"}, content=CSV)
        else:
            answer = await client.post("rows", files={"file": ("list.csv", CSV, "text/csv")})
        assert answer.status_code == 200
        assert [m.control_id for m in stored(hub)] == ["list.csv#2", "list.csv#3"]
        assert answer.json() == {"stored": 2, "messages": [m.id for m in stored(hub)]}

    with_hub(tmp_path, work)


def test_a_document_is_taken_in(tmp_path: Path) -> None:
    """A document keeps its bytes; its name, or the request's idempotency key, is its control id."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        letter = b"%PDF-1.7 letter"
        assert (await client.post("papers", files={"f": ("letter.pdf", letter)})).status_code == 200
        await client.post("papers", content=letter, headers={"Idempotency-Key": "K-1"})
        await client.post("papers", content=letter, headers={"Idempotency-Key": "K-1"})
        found = stored(hub)
        assert [(m.control_id, m.type, m.body) for m in found] == [
            (control_id, "application/pdf", letter) for control_id in ("letter.pdf", "K-1", "K-1")
        ]
        assert found[1].id == found[2].id

    with_hub(tmp_path, work)


@pytest.mark.parametrize(
    ("name", "content", "status", "says"),
    [
        ("rows", b"Nobody,knows\n1,2\n", 422, "MRN"),
        ("papers", b"", 422, "the file is empty"),
        ("papers", b"x" * 3000, 413, "at most 2000 bytes"),
        ("mercy", b"x" * 3000, 413, "at most 2000 bytes"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, content: bytes, status: int, says: str) -> None:
    """A request that cannot be taken is answered with an OperationOutcome that says why, and leaves nothing."""
    feeds = [
        each.model_copy(update={"adapter": PluginUse(kind="http", port=0, limit=2000)})
        for each in (MERCY, ROWS, PAPERS)
    ]

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        answer = await client.post(name, content=content)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/fhir+json")
        assert says in answer.json()["issue"][0]["diagnostics"]
        assert stored(hub) == []

    with_hub(tmp_path, work, *feeds)


def test_a_form_that_is_none(tmp_path: Path) -> None:
    """A form without a file, or that is broken, is refused."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        broken = {"Content-Type": "multipart/form-data; boundary=x"}
        assert (await client.post("rows", content=b"no form", headers=broken)).status_code == 400
        assert (await client.post("rows", files={"text": (None, "no file")})).status_code == 400

        async def endless() -> AsyncIterator[bytes]:
            yield b"--x"

        assert (await client.post("rows", content=endless(), headers=broken)).status_code == 411

    with_hub(tmp_path, work)


def test_while_the_log_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be stored for now is answered 503, to be sent again."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        def busy(*_: object) -> None:
            raise StoreBusy("locked")

        monkeypatch.setattr("hub.streams.direct.DirectAppend.__call__", busy)
        for name in ("mercy", "papers"):
            answer = await client.post(name, content=adt())
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    with_hub(tmp_path, work)


def test_https_with_a_renewed_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS as with MLLP; a certificate that is renewed is used without a restart."""
    monkeypatch.setattr(serving, "RENEWAL_SECONDS", 0.01)
    start = datetime.now(UTC) - timedelta(minutes=1)
    old, new = (make_dev_certificates(tmp_path / name, ["127.0.0.1"], "c", start) for name in ("old", "new"))
    secure = feed("mercy", options={"tls": {"certificate": str(old.hub)}})

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        assert (await client.post("mercy", content=adt())).status_code == 200
        old.hub.write_bytes(b"half")
        old.hub.write_bytes(new.hub.read_bytes())
        trusting = ssl.create_default_context(cafile=new.authority)

        async def trusted() -> bool:
            try:
                async with async_http_client(client.base_url, headers=AUTHORIZED, verify=trusting) as other:
                    return (await other.post("mercy", content=adt())).status_code == 200
            except httpx.ConnectError:
                return False

        await until_true(trusted)  # the hub has looked again

    with_hub(tmp_path, work, secure, secure=ssl.create_default_context(cafile=old.authority))


def test_a_feed_without_tokens_is_refused(tmp_path: Path) -> None:
    """HTTP is never open to everybody: any page in a browser could send."""
    site = Site(feeds=(feed("mercy", tokens=()),), rules=(), practices=())
    with pytest.raises(ConfigurationError, match="at least one; see hub feed token"):
        inlets(site, Settings(data=tmp_path))


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """A port that is taken is named, with the setting."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        second = opened(tmp_path / "second", feed("mercy", options={"port": client.base_url.port}))
        with pytest.raises(ExceptionGroup) as caught:
            async with receiving(second):
                pass
        (error,) = caught.value.exceptions
        assert isinstance(error, PermanentError)
        assert "the port is taken; set HUB_HTTP_INTAKE_PORT" in str(error)
        second.close()

    with_hub(tmp_path, work)


@pytest.mark.parametrize(
    ("name", "first", "other"),
    [("mercy", adt("M1"), adt("M2")), ("rows", CSV, CSV + b"3,Clark\n"), ("papers", b"%PDF-1 a", b"%PDF-1 b")],
)
def test_an_idempotency_key_of_any_format(tmp_path: Path, name: str, first: bytes, other: bytes) -> None:
    """The same key with the same contents is the same messages and the same answer; with others nothing is stored."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": "K-1"}
        answers = [await client.post(name, content=first, headers=key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        before = stored(hub)
        assert len({m.id for m in before}) == len(before) / 2
        refused = await client.post(name, content=other, headers=key)
        assert (refused.status_code, refused.json()["issue"][0]["code"]) == (422, "conflict")
        assert stored(hub) == before
        assert (await client.post(name, content=other, headers={"Idempotency-Key": "K-2"})).status_code == 200

    with_hub(tmp_path, work)


def test_a_key_of_a_refused_request_is_free(tmp_path: Path) -> None:
    """What was refused may be put right and sent under the same key."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": "K-1"}
        assert (await client.post("mercy", content=adt("M1", f11="X"), headers=key)).status_code == 400
        assert (await client.post("mercy", content=adt("M1"), headers=key)).status_code == 200
        assert (await client.post("rows", content=b"Nobody,knows\n1,2\n", headers=key)).status_code == 422
        assert (await client.post("rows", content=CSV, headers=key)).status_code == 200
        assert [m.control_id for m in stored(hub)] == ["M1", "K-1#2", "K-1#3"]

    with_hub(tmp_path, work)


def test_an_upload_is_recorded_as_a_file_is(tmp_path: Path) -> None:
    """What came by HTTP stands among the files, with its outcome; an archive is unpacked."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner.csv", CSV)
        assert (await client.post("rows", params={"name": "a.zip"}, content=packed.getvalue())).json()["stored"] == 2
        assert (await client.post("rows", params={"name": "b.csv"}, content=b"Nobody,knows\n1,2\n")).status_code == 422
        with reading(hub.main) as connection:
            found = {row.name: (row.outcome, row.messages) for row in files.newest(connection)}
        assert found["a.zip/inner.csv"] == ("taken", 2)
        assert found["b.csv"] == ("refused", 0)

    with_hub(tmp_path, work)


def test_the_same_form_whatever_its_boundary(tmp_path: Path) -> None:
    """A form is the same request by its files, which keep their names apart under one key."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": "K-1"}
        files = [("f", ("a.pdf", b"%PDF-1 a")), ("f", ("b.pdf", b"%PDF-1 b"))]
        for _ in range(2):
            assert (await client.post("papers", files=files, headers=key)).status_code == 200
        assert [m.control_id for m in stored(hub)] == ["K-1/a.pdf", "K-1/b.pdf"] * 2
        assert (await client.post("papers", files=files[:1], headers=key)).status_code == 422

    with_hub(tmp_path, work)


def test_the_same_key_at_one_moment(tmp_path: Path) -> None:
    """Of twenty requests with one key and contents of their own that come at once, one is stored."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": "K-1"}
        asked = [client.post("papers", content=b"%PDF-1 " + bytes([65 + n]), headers=key) for n in range(20)]
        statuses = sorted([answer.status_code for answer in await asyncio.gather(*asked)])
        assert statuses == [200] + [422] * 19
        assert len(stored(hub)) == 1

    with_hub(tmp_path, work)


def test_a_packed_message(tmp_path: Path) -> None:
    """HL7 v2 may be packed by gzip as any body may."""

    async def work(hub: Hub, client: httpx.AsyncClient) -> None:
        packed = {"Content-Encoding": "gzip"}
        assert (await client.post("mercy", content=gzip.compress(adt("M1")), headers=packed)).status_code == 200
        assert [m.body for m in stored(hub)] == [adt("M1")]
        form = await client.post("papers", files={"f": ("a.pdf", b"%PDF-1")}, headers=packed)
        assert form.status_code == 415

    with_hub(tmp_path, work)

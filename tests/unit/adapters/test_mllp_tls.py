"""MLLP with TLS: real handshakes with certificates of a throw-away authority."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop

from hub.adapters import mllp
from hub.adapters.mllp import Mllp
from hub.errors import ConfigurationError, EndpointUnavailable
from hub.services.context import Hub
from hub.services.intake.feeds import inlets
from hub.services.operations.tls_dev import DevFiles, make_dev_certificates
from hub.settings import Feed, PluginUse, Settings, Site
from hub.transport.mllp_client import MllpClient
from tests.intake import adt, opened, receiving, stored
from tests.unit.adapters.test_mllp import ids
from tests.waiting import until_true

ENGINE = "engine.mercy.example"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DevFiles:
    """The certificates of a hub and of Mercy's engine."""
    return made(tmp_path_factory.mktemp("tls"))


def made(folder: Path, client: str = ENGINE) -> DevFiles:
    return make_dev_certificates(folder, ["localhost", "127.0.0.1"], client, datetime.now(UTC) - timedelta(minutes=1))


def feed(files: DevFiles, name: str = "any", *, mutual: bool = True, **more: object) -> Feed:
    tls = {"certificate": str(files.hub), "handshake_seconds": 0.2}
    if mutual:
        tls["clients"] = str(files.authority)
    return Feed(name=name, adapter=PluginUse(kind="mllp", tls=tls), **more)  # type: ignore[arg-type]


def with_hub(folder: Path, feeds: list[Feed], work: Callable[[Hub, int], Awaitable[None]]) -> None:
    """Runs ``work`` with a hub that listens, on either event loop: each has a TLS of its own."""
    for name, loop in (("asyncio", asyncio.new_event_loop), ("uvloop", uvloop.new_event_loop)):
        hub = opened(folder / name, *feeds)
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(_serving(hub, work))
        hub.close()


async def _serving(hub: Hub, work: Callable[[Hub, int], Awaitable[None]]) -> None:
    async with receiving(hub) as (adapter,):
        assert isinstance(adapter, Mllp)
        await work(hub, adapter.port)


def context(files: DevFiles, *, own: bool = True, best: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=files.authority)
    if own:
        made.load_cert_chain(files.client)
    if best:
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            made.minimum_version = made.maximum_version = best
    return made


@asynccontextmanager
async def client(port: int, tls: ssl.SSLContext | None):  # type: ignore[no-untyped-def]
    async with MllpClient("127.0.0.1", port, tls=tls, answer_seconds=5) as connected:
        yield connected


def test_a_client_with_a_certificate_is_answered(tmp_path: Path, files: DevFiles) -> None:
    """Who shows a certificate of the authority sends as over a bare connection, many frames in one write included."""

    async def work(hub: Hub, port: int) -> None:
        async with client(port, context(files)) as to:
            assert [(await to.send(adt(f"M{n}"))).code for n in range(20)] == ["AA"] * 20
            assert ids(hub) == [f"M{n}" for n in range(20)]

    with_hub(tmp_path, [feed(files)], work)


def test_without_certificates_of_clients_anybody_may_come(tmp_path: Path, files: DevFiles) -> None:
    """Where no authority of clients is named a client needs no certificate."""

    async def work(hub: Hub, port: int) -> None:
        async with client(port, context(files, own=False)) as to:
            assert (await to.send(adt())).code == "AA"

    with_hub(tmp_path, [feed(files, mutual=False)], work)


def strangers(files: DevFiles, folder: Path) -> Iterator[ssl.SSLContext | None]:
    """Nobody's client: without a certificate, with that of another authority, of TLS 1.1, without TLS at all."""
    other = context(files, own=False)
    other.load_cert_chain(made(folder).client)
    yield from (context(files, own=False), other, context(files, best=ssl.TLSVersion.TLSv1_1), None)


@pytest.mark.parametrize("who", range(4))
def test_strangers_are_not_let_in(tmp_path: Path, files: DevFiles, who: int) -> None:
    """Whoever cannot show what is asked for gets no answer and leaves nothing; the next good client is served."""
    stranger = list(strangers(files, tmp_path / "other"))[who]

    async def work(hub: Hub, port: int) -> None:
        with pytest.raises((EndpointUnavailable, OSError)):
            async with client(port, stranger) as to:
                await to.send(adt("bad"))
        async with client(port, context(files)) as to:
            assert (await to.send(adt("good"))).code == "AA"
        assert ids(hub) == ["good"]

    with_hub(tmp_path, [feed(files)], work)


def test_a_client_that_never_begins_is_cut_off(tmp_path: Path, files: DevFiles) -> None:
    """The handshake has a deadline."""

    async def work(hub: Hub, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()

    with_hub(tmp_path, [feed(files)], work)


def test_a_certificate_is_bound_to_a_feed(tmp_path: Path, files: DevFiles) -> None:
    """With one certificate nobody sends for the feed that another one is for; the refusal names the place."""
    feeds = [
        feed(files, "mercy", senders=("ADT|MERCY",), certificates=("Engine.Mercy.Example",)),
        feed(files, "county", senders=("ADT|COUNTY",), certificates=("engine.county.example",)),
    ]

    async def work(hub: Hub, port: int) -> None:
        async with client(port, context(files)) as to:
            assert (await to.send(adt("own"))).code == "AA"
            refused = await to.send(adt("foreign", f4="COUNTY"))
            assert (refused.code, refused.text.split(",")[0]) == ("AR", "199 Other HL7 error")
        assert [(m.feed, m.control_id) for m in stored(hub)] == [("mercy", "own")]

    with_hub(tmp_path, feeds, work)


def test_a_certificate_of_no_feed_is_not_let_in(tmp_path: Path, files: DevFiles) -> None:
    """Where every feed names its certificates another one, though of the right authority, ends the connection."""

    async def work(hub: Hub, port: int) -> None:
        with pytest.raises(EndpointUnavailable):
            async with client(port, context(files)) as to:
                await to.send(adt())

    with_hub(tmp_path, [feed(files, certificates=("someone.else",))], work)


def test_a_renewed_certificate_needs_no_restart(
    tmp_path: Path, files: DevFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the files change new connections get the new certificate, and those that stand go on; files that are not
    sound change nothing."""
    monkeypatch.setattr(mllp, "RENEWAL_SECONDS", 0.01)
    mine, next_ones = made(tmp_path / "old"), made(tmp_path / "new")
    before = mine.hub.read_bytes()

    async def work(hub: Hub, port: int) -> None:
        async with client(port, context(mine, own=False)) as first:
            assert (await first.send(adt("M1"))).code == "AA"
            mine.hub.write_bytes(b"half of a cert")
            mine.hub.write_bytes(next_ones.hub.read_bytes())
            await until_true(lambda: _taken(port, context(next_ones, own=False)))  # the hub has looked again
            assert (await first.send(adt("M2"))).code == "AA"
            assert not await _taken(port, context(mine, own=False))
            mine.hub.write_bytes(before)
        assert [known for known in ids(hub) if known != "probe"] == ["M1", "M2"]

    with_hub(tmp_path, [feed(mine, mutual=False)], work)


async def _taken(port: int, tls: ssl.SSLContext) -> bool:
    try:
        async with client(port, tls) as to:
            return (await to.send(adt("probe"))).code == "AA"
    except (EndpointUnavailable, OSError):
        return False


@pytest.mark.parametrize(
    ("certificate", "says"), [("nowhere.pem", "cannot be read"), ("empty.pem", "holds no usable PEM")]
)
def test_files_that_are_not_right_are_named(tmp_path: Path, certificate: str, says: str) -> None:
    """A certificate that is missing or broken is a mistake of the configuration, which names feed, key and file."""
    (tmp_path / "empty.pem").write_text("nothing")
    site = Site(feeds=(feed_with(certificate),), rules=(), practices=())
    with pytest.raises(ConfigurationError, match=f"{certificate} {says}") as caught:
        inlets(site, Settings(config=tmp_path, data=tmp_path))
    assert (caught.value.file, caught.value.key) == ("feed any", "adapter.tls")


def test_files_are_found_from_the_folder_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are relative to the configuration, whose own path may be relative to where one stands."""
    monkeypatch.chdir(tmp_path)
    made(tmp_path / "config" / "tls")
    hub = opened(Path(), feed_with("tls/hub.pem"))

    async def work() -> None:
        async with receiving(hub) as (adapter,):
            assert adapter.title.startswith("HL7 v2 over MLLP with TLS on")

    asyncio.run(work())
    hub.close()


def feed_with(certificate: str) -> Feed:
    return Feed(name="any", adapter=PluginUse(kind="mllp", tls={"certificate": certificate}))


def test_addresses_that_may_send(tmp_path: Path) -> None:
    """A feed with addresses takes nothing from elsewhere; an address that no feed takes is not let in."""
    near = Feed(name="near", adapter=PluginUse(kind="mllp"), senders=("ADT|MERCY",), addresses=("127.0.0.0/8",))
    far = Feed(name="far", adapter=PluginUse(kind="mllp"), senders=("ADT|COUNTY",), addresses=("192.0.2.0/24",))

    async def work(hub: Hub, port: int) -> None:
        async with client(port, None) as to:
            assert (await to.send(adt("M1"))).code == "AA"
            assert (await to.send(adt("M2", f4="COUNTY"))).code == "AR"

    async def nobody(hub: Hub, port: int) -> None:
        with pytest.raises(EndpointUnavailable):
            async with client(port, None) as to:
                await to.send(adt("M3", f4="COUNTY"))

    with_hub(tmp_path / "both", [near, far], work)
    with_hub(tmp_path / "far", [far], nobody)

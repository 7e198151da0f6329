"""TLS: whom the hub lets in, and that nobody whom it does not hurts the next."""

import contextlib
import datetime as dt
import re
import socket
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.services.operations.tls_dev import DAYS, DevFiles, make_dev_certificates
from hub.transport.mllp import frame
from hub.transport.tls import ServerTls
from tests.intake import adt
from tests.protocol.kit import Log, Site, connected, exchange, running

HANDSHAKE_SECONDS = 0.5
SERVED_WITHIN = 2.0


@dataclass(frozen=True)
class Secured:
    """A hub that wants certificates of its clients, and what is needed to come in."""

    site: Site
    log: Log
    files: DevFiles
    folder: Path

    def client(self, *, own: Path | None = None, anybody: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.files.authority)
        if not anybody:
            context.load_cert_chain(own or self.files.client)
        return context

    def rest(self, *pieces: bytes) -> bytes:
        """What a bare socket hears to the end of its connection."""
        with connected(self.site.port) as bare:
            heard = b""
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                for piece in pieces:
                    bare.sendall(piece)
                while data := bare.recv(65536):
                    heard += data
            return heard


def made(folder: Path, days_ago: int = 0) -> DevFiles:
    now = dt.datetime.now(dt.UTC) - dt.timedelta(days=days_ago, minutes=1)
    return make_dev_certificates(folder, ["localhost"], "engine.mercy.example", now)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A hub that is up for all of them."""
    folder = tmp_path_factory.mktemp("tls")
    files = made(folder / "files")
    tls = {
        "certificate": str(files.hub),
        "clients": str(files.authority),
        "handshake_seconds": HANDSHAKE_SECONDS,
    }
    with running(folder / "site", tls=tls) as site, Log(site) as log:
        yield Secured(site, log, files, folder)


@pytest.fixture(autouse=True)
def _the_next_is_served(secured: Secured) -> Iterator[None]:
    """After each case nothing of it is stored, and a good sender is acknowledged within two seconds."""
    yield
    assert "bad" not in secured.log.new()
    started = time.monotonic()
    assert exchange(secured.site.port, frame(adt("AFTER")), frames=1, tls=secured.client()).codes == ["AA AFTER"]
    assert time.monotonic() - started < SERVED_WITHIN
    assert secured.log.new() == ["AFTER"]


def refused(secured: Secured, context: ssl.SSLContext) -> None:
    """The client gets no answer: an alert, or the end."""
    with contextlib.suppress(OSError):  # ssl.SSLError is one
        heard = exchange(secured.site.port, frame(adt("bad")), to_the_end=True, tls=context)
        assert heard.frames == ()


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "engine.mercy.example")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    certificate = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    pem += key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    folder.mkdir(exist_ok=True)
    (folder / "self.pem").write_bytes(pem)
    return folder / "self.pem"


@pytest.mark.parametrize("best", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_newer(secured: Secured, best: ssl.TLSVersion) -> None:
    """Either version of TLS that is safe today is spoken."""
    context = secured.client()
    context.minimum_version = context.maximum_version = best
    heard = exchange(secured.site.port, frame(adt("M1")), frame(adt("M2")), frames=2, tls=context)
    assert heard.codes == ["AA M1", "AA M2"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_older_tls_is_refused(secured: Secured, version: ssl.TLSVersion) -> None:
    """TLS 1.0 and 1.1 are not spoken, not even with ciphers that this machine would allow for them."""
    context = secured.client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    refused(secured, context)


STRANGERS: dict[str, Callable[[Secured], ssl.SSLContext]] = {
    "without a certificate": lambda s: s.client(anybody=True),
    "of another authority": lambda s: s.client(own=made(s.folder / "other").client),
    "self-signed": lambda s: s.client(own=self_signed(s.folder)),
    "with the certificate of a server": lambda s: s.client(own=s.files.hub),
}


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("best", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_strangers(secured: Secured, who: str, best: ssl.TLSVersion, tmp_path: Path) -> None:
    """Who does not show a client's certificate of the authority gets no answer, in either version of TLS."""
    context = STRANGERS[who](Secured(secured.site, secured.log, secured.files, tmp_path))
    context.maximum_version = best
    refused(secured, context)


def test_an_expired_certificate(tmp_path: Path) -> None:
    """A certificate of the right authority whose time is over lets nobody in."""
    old = made(tmp_path / "old", days_ago=DAYS + 1)
    hub = made(tmp_path / "new")
    tls = {"certificate": str(hub.hub), "clients": str(old.authority)}
    context = ssl.create_default_context(cafile=hub.authority)
    context.load_cert_chain(old.client)
    with running(tmp_path / "site", tls=tls) as site, Log(site) as log:
        with contextlib.suppress(OSError):  # an alert or a reset
            assert exchange(site.port, frame(adt("bad")), to_the_end=True, tls=context).frames == ()
        assert log.new() == []


def test_plain_text_at_a_tls_port(secured: Secured) -> None:
    """A message in the clear is not taken, and its sender is cut off at once."""
    assert b"MSA" not in secured.rest(frame(adt("bad")))


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 64, b"\xff" * 2000, b"SSH-2.0-x\r\n"])
def test_other_protocols_at_a_tls_port(secured: Secured, first: bytes) -> None:
    """What is no handshake ends the connection."""
    assert b"MSA" not in secured.rest(first)


def test_a_handshake_that_never_begins(secured: Secured) -> None:
    """Who connects and says nothing is cut off when the time for a handshake is over."""
    assert secured.rest() == b""


def test_a_handshake_that_never_ends(secured: Secured) -> None:
    """Half of the first handshake message, and then nothing: cut off in the same time."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = secured.client().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        half.do_handshake()
    hello = outgoing.read()
    assert secured.rest(hello[: len(hello) // 2]) == b""


def test_a_crowd_that_never_begins(secured: Secured) -> None:
    """While fifty handshakes hang a good sender is served."""
    with contextlib.ExitStack() as crowd:
        for _ in range(50):
            crowd.enter_context(connected(secured.site.port))
        assert exchange(secured.site.port, frame(adt("M1")), frames=1, tls=secured.client()).codes == ["AA M1"]


@pytest.mark.parametrize("name", ["localhost", "some.other.example", None])
def test_any_server_name(secured: Secured, name: str | None) -> None:
    """By whatever name (SNI) the client calls the hub, it is the same hub; the client judges the certificate."""
    context = secured.client()
    context.check_hostname = False
    with connected(secured.site.port, context, name) as connection:
        connection.sendall(frame(adt("M1")))
        assert b"MSA|AA|M1" in connection.recv(65536)


def test_renegotiation_is_not_done(secured: Secured) -> None:
    """The hub's side of TLS 1.2 allows no renegotiation, by which a client could make it work."""
    assert ServerTls(certificate=secured.files.hub, key=None, clients=None).context().options & ssl.OP_NO_RENEGOTIATION


def test_a_frame_cut_by_the_end_of_tls(secured: Secured) -> None:
    """Half a frame and the end of the connection, in good order or not, leave nothing."""
    for orderly in (True, False):
        with connected(secured.site.port, secured.client()) as connection:
            connection.sendall(frame(adt("bad"))[:-1])
            if orderly:
                with contextlib.suppress(OSError):
                    connection.unwrap()  # type: ignore[attr-defined]


def test_many_messages_over_tls(secured: Secured) -> None:
    """Frames of any size in any TLS records are answered in order."""
    bodies = [adt(f"N{n}") + b"NTE|1||" + b"x" * (n * 997 % 40000) + b"\r" for n in range(60)]
    stream = b"".join(map(frame, bodies))
    pieces = [stream[n : n + 7919] for n in range(0, len(stream), 7919)]
    heard = exchange(secured.site.port, *pieces, frames=60, tls=secured.client())
    assert heard.codes == [f"AA N{n}" for n in range(60)]


@pytest.mark.parametrize("best", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("goodbye", ["of TLS", "of TCP", "of both"])
def test_half_closed_over_tls(secured: Secured, best: ssl.TLSVersion, goodbye: str) -> None:
    """Who closes its own direction after the last message, by TLS or by TCP or by both, still gets all answers and then
    the end of the connection."""
    context = secured.client()
    context.maximum_version = best
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with connected(secured.site.port) as bare:

        def step(action: Callable[[], object]) -> object:
            """Does it, with as much exchanged as it takes."""
            while True:
                try:
                    return action()
                except ssl.SSLWantReadError:
                    if outgoing.pending:
                        bare.sendall(outgoing.read())
                    incoming.write(data) if (data := bare.recv(65536)) else incoming.write_eof()

        step(tls.do_handshake)
        tls.write(b"".join(frame(adt(f"M{n}")) for n in range(20)))
        if goodbye != "of TCP":
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.unwrap()
        bare.sendall(outgoing.read())
        if goodbye != "of TLS":
            bare.shutdown(socket.SHUT_WR)
        heard = b""
        with contextlib.suppress(ssl.SSLError):
            while data := step(lambda: tls.read(65536)):
                heard += data  # type: ignore[operator]
    assert [f"MSA|AA|M{n}" for n in range(20)] == re.findall(r"MSA\|AA\|M\d+", heard.decode())

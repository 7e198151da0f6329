"""HTTP as senders really speak it, byte by byte over sockets of their own; after each case a good request is taken."""

import asyncio
import gzip
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
import uvloop

from hub.adapters.http import Http
from hub.model import Format
from hub.services.context import Hub
from hub.settings import Feed, PluginUse
from tests.intake import adt, opened, receiving, stored
from tests.unit.fhir.posted.posting import bundle, order, patient, task
from tests.waiting import PATIENCE_SECONDS, until_true

TOKEN = "a token"
LIMIT = 50_000
SECONDS = 0.3
CONNECTIONS = 60
POST = "POST /fhir/Task HTTP/1.1"
BODY = orjson.dumps(task())
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
GOOD = orjson.dumps(task(id="good"))


def feeds() -> tuple[Feed, ...]:
    made = []
    for name, form, token in (("busy", Format.FHIR, TOKEN), ("mercy", Format.HL7V2, "mercy's")):
        limits = {"limit": LIMIT, "seconds": SECONDS, "head_seconds": SECONDS, "connections": CONNECTIONS}
        use = PluginUse(kind="http", port=0, **limits)  # type: ignore[arg-type]
        made.append(Feed(name=name, adapter=use, format=form, tokens=(sha256(token.encode()).hexdigest(),)))
    return tuple(made)


def head(length: int | None, *more: str, line: str = POST, kind: str = "application/fhir+json") -> bytes:
    """The head of a request, with a token."""
    lines = [line, "Host: hub", f"Authorization: Bearer {TOKEN}", f"Content-Type: {kind}", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode()


def chunks(body: bytes, size: int) -> bytes:
    """The body in chunks."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """What is sent, piece by piece; what comes back (the statuses, in order) and how many messages are stored.
    ``ends`` says whether the sender closes its side and hears what comes until the hub closes its own."""

    name: str
    pieces: tuple[bytes, ...]
    statuses: tuple[int, ...]
    stored: int = 0
    ends: bool = False


FULL = head(len(BODY)) + BODY
PACKED = gzip.compress(BODY)
BATCH = orjson.dumps(bundle("batch", order(), patient()))
BOMB = gzip.compress(b"[" * 5_000_000)
DEEP = b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
CHUNKED = "Transfer-Encoding: chunked"
CASES = (
    Case("a whole request", (FULL,), (201,), 1),
    Case("byte by byte", tuple(bytes([byte]) for byte in FULL), (201,), 1),
    Case("head and body apart", (head(len(BODY)), BODY), (201,), 1),
    Case("chunks", (head(None, CHUNKED) + chunks(BODY, 7),), (201,), 1),
    Case("one chunk", (head(None, CHUNKED) + chunks(BODY, 10_000),), (201,), 1),
    Case("packed chunks", (head(None, CHUNKED, "Content-Encoding: gzip") + chunks(PACKED, 50),), (201,), 1),
    Case("chunks without an end", (head(None, CHUNKED) + chunks(BODY, 7)[:-5],), (), ends=True),
    Case("a chunk that is no number", (head(None, CHUNKED) + b"zz\r\nx\r\n0\r\n\r\n",), (400,)),
    Case("endless chunks", (head(None, CHUNKED) + chunks(b" " * (LIMIT + 1), 5_000),), (413,)),
    Case("a body cut off", (FULL[:-10],), (), ends=True),
    Case("no body at all", (head(0),), (400,)),
    Case("a length that is too long", (head(LIMIT + 1),), (413,)),
    Case("a length that is no number", (head(None, "Content-Length: many") + BODY,), (400,)),
    Case("two lengths", (head(len(BODY), "Content-Length: 3") + BODY,), (400,)),
    Case("a length and chunks", (head(len(BODY), CHUNKED) + chunks(BODY, 7),), (400,)),
    Case("a head that never comes", (), (408,)),
    Case("a head that stops", (FULL[:40],), (408,)),
    Case("a second head that never comes", (FULL + FULL[:9],), (201,), 1),
    Case("a body that never comes", (head(len(BODY)),), (408,)),
    Case("a body that stops", (head(len(BODY)) + BODY[:20],), (408,)),
    Case("two requests at once", (FULL + head(len(GOOD)) + GOOD,), (201, 201), 2),
    Case("the same request twice", (FULL + FULL,), (201, 200), 2),
    Case("a bad and a good one", (head(2) + b"{}" + FULL,), (422, 201), 1),
    Case("no HTTP", (b"\x0b" + adt() + b"\x1c\r",), (400,)),
    Case("TLS to a plain port", (bytes.fromhex("16030100050100000100"),), (400,), ends=True),
    Case("an unknown method", (b"BREW /fhir HTTP/1.1\r\nHost: hub\r\n\r\n",), (405,)),
    Case("no such path", (head(2, line="POST /nowhere HTTP/1.1") + b"{}",), (404,)),
    Case("a path that climbs", (head(2, line="POST /fhir/../feeds/busy HTTP/1.1") + b"{}",), (404,)),
    Case("an id that is none", (head(2, line="PUT /fhir/Task/%00%ff HTTP/1.1") + b"{}",), (422,)),
    Case("XML", (head(7, kind="application/fhir+xml") + b"<Task/>",), (415,)),
    Case("a header without end", (b"POST /fhir HTTP/1.1\r\nX: " + b"x" * 200_000,), (400,)),
    Case("expects to be asked", (head(len(BODY), "Expect: 100-continue"), BODY), (100, 201), 1),
    Case("closes after the request", (head(len(BODY), "Connection: close") + BODY,), (201,), 1),
    Case("HTTP/1.0", (head(len(BODY), line="POST /fhir/Task HTTP/1.0") + BODY,), (201,), 1),
    Case("a batch", (head(len(BATCH), line="POST /fhir HTTP/1.1") + BATCH,), (200,), 2),
    Case("a bomb", (head(len(BOMB), "Content-Encoding: gzip") + BOMB,), (413,)),
    Case("depth", (head(len(DEEP)) + DEEP,), (400,)),
    Case("HL7 v2 to FHIR", (head(len(adt()), kind="application/hl7-v2") + adt(),), (415,)),
)  # fmt: skip


@contextmanager
def running(folder: Path) -> Iterator[Hub]:
    hub = opened(folder, *feeds())
    try:
        yield hub
    finally:
        hub.close()


async def exchange(port: int, pieces: tuple[bytes, ...], statuses: int, *, ends: bool) -> list[int]:
    """Sends the pieces and hears so many statuses, or all until the hub closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = b""
    # A reset: the hub closed while more was on its way; what it had said before was heard.
    with closing(writer), suppress(ConnectionResetError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            if ends:
                writer.write_eof()
            while ends or len(STATUS.findall(heard)) < statuses:
                piece = await reader.read(65536)
                if not piece:
                    break
                heard += piece
    return list(map(int, STATUS.findall(heard)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_sent_is_answered(tmp_path: Path, case: Case) -> None:
    """Every request has its answers, nothing is stored in part, and the next sender's request is taken."""

    async def work(hub: Hub) -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            heard = await exchange(adapter.port, case.pieces, len(case.statuses), ends=case.ends)
            assert tuple(heard) == case.statuses
            assert len(stored(hub)) == case.stored
            last = orjson.dumps(task(id="last"))
            assert await exchange(adapter.port, (head(len(last)) + last,), 1, ends=False) == [201]

    with running(tmp_path) as hub:
        uvloop.run(work(hub))


def test_a_head_that_comes_byte_by_byte_has_a_deadline(tmp_path: Path) -> None:
    """Who sends a byte now and then does not hold a connection: it ends when the time for a head is over."""

    async def work(hub: Hub) -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            reader, writer = await asyncio.open_connection("127.0.0.1", adapter.port)
            heard = asyncio.create_task(reader.read())
            for byte in POST.encode() * 1000:
                if heard.done():
                    break
                writer.write(bytes([byte]))
                await asyncio.wait([heard], timeout=SECONDS / 20)
            assert heard.done()
            with suppress(ConnectionResetError):  # the last byte and the end have crossed
                assert b" 408 " in await heard
            writer.close()

    with running(tmp_path) as hub:
        uvloop.run(work(hub))


def test_one_address_has_its_share_of_connections(tmp_path: Path) -> None:
    """One connection more than an address may have is closed at once; when another one ends there is room again."""

    async def work(hub: Hub) -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            held = [await asyncio.open_connection("127.0.0.1", adapter.port) for _ in range(CONNECTIONS)]
            assert await exchange(adapter.port, (FULL,), 1, ends=False) == []
            held[0][1].close()
            await held[0][1].wait_closed()

            async def taken() -> bool:
                return await exchange(adapter.port, (FULL,), 1, ends=False) == [201]

            await until_true(taken)
            for _, writer in held:
                writer.close()

    with running(tmp_path) as hub:
        uvloop.run(work(hub))


def test_many_slow_senders_hinder_nobody(tmp_path: Path) -> None:
    """While fifty senders have begun and do not go on, another one's request is taken; they are told 408 in the end."""

    async def work(hub: Hub) -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            slow = [
                asyncio.create_task(exchange(adapter.port, (head(len(BODY)) + BODY[:5],), 1, ends=False))
                for _ in range(50)
            ]
            assert await exchange(adapter.port, (FULL,), 1, ends=False) == [201]
            assert await asyncio.gather(*slow) == [[408]] * 50

    with running(tmp_path) as hub:
        uvloop.run(work(hub))

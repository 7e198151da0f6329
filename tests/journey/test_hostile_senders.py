"""What strangers and broken systems send to the MLLP port: the hub answers or hangs up, keeps its word, and goes on."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hub.adapters.mllp import Mllp
from hub.errors import NotFound
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from hub.transport.mllp import frame
from tests.intake import Sender, adt, opened, receiving, sender

NAME, BORN, NUMBER = "Zqxandrews", "19430607", "99887766"
PID = f"PID|1||{NUMBER}^^^MERCY^MR||{NAME}^Harold||{BORN}|M"
SILENCE, CLOSED = "silence", "closed"
NOISE = random.Random(7).randbytes(300).replace(b"\x0b", b"").replace(b"\x1c", b"")


def bad(control_id: str, **changed: str) -> bytes:
    return adt(control_id, **{"pid": PID, **changed})


HOSTILE: tuple[tuple[str, bytes, str], ...] = (
    # what it is, what is written, how the hub answers: an acknowledgement code, silence, or by hanging up
    ("bytes of no protocol", NOISE, SILENCE),
    ("bytes of no protocol in a frame", frame(NOISE), "AE"),
    ("half a frame", b"\x0b" + bad("HALF")[:80], SILENCE),
    ("an empty frame", frame(b""), "AE"),
    ("an unknown type", frame(bad("TYPE", f9="XYZ^A01")), "AR"),
    ("an unknown event", frame(bad("EVENT", f9="ADT^A99")), "AR"),
    ("no type", frame(bad("NOTYPE", f9="")), "AR"),
    ("no control id", frame(bad("")), "AE"),
    ("no PID", frame(bad("NOPID", pid="")), "AE"),
    ("no identifier", frame(bad("NOID", pid=f"PID|1||||{NAME}^Harold||{BORN}|M")), "AE"),
    ("doubled delimiters", frame(bad("DELIM").replace(b"^~\\&", b"^^\\&", 1)), "AE"),
    ("bytes that are not in the declared set", frame(bad("UTF8", f18="UNICODE UTF-8") + b"NTE|1||\xff\r"), "AE"),
    ("an unknown character set", frame(bad("SET", f18="KLINGON")), "AE"),
    ("UTF-16", frame(bad("UTF16").decode().encode("utf-16")), "AE"),
    ("a batch that is cut off", frame(b"BHS|^~\\&|ADT\r" + bad("CUT")), "AE"),
    ("a batch of nothing", frame(b"BHS|^~\\&|ADT\rBTS|0\r"), "AE"),
    ("an acknowledgement", frame(bad("ACK", f9="ACK^A01^ACK") + b"MSA|AA|1\r"), SILENCE),
    ("more than a frame may hold", frame(bad("LONG") + b"NTE|1||" + b"x" * 70_000), "AR"),
    ("HTTP", b"GET /?patient=Zqxandrews HTTP/1.1\r\nHost: hub\r\n\r\n", CLOSED),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01", CLOSED),
)
REFUSED = ("HALF", "TYPE", "EVENT", "NOTYPE", "NOPID", "NOID", "DELIM", "UTF8", "SET", "UTF16", "CUT", "ACK", "LONG")
ACCEPTED: tuple[tuple[bytes, tuple[str, ...]], ...] = (
    (frame(bad("LF").replace(b"\r", b"\n")), ("LF",)),
    (frame(b"\xef\xbb\xbf" + bad("BOM")), ("BOM",)),
    (frame(bad("ONE") + bad("TWO")), ("ONE", "TWO")),
    (frame(bad("AGAIN")), ("AGAIN",)),
    (frame(bad("AGAIN")), ("AGAIN",)),
    (frame(bad("LATIN") + b"NTE|1||\xe9\r"), ("LATIN",)),
    (frame(bad("MERGE", f9="ADT^A40^ADT_A39")), ("MERGE",)),
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with closing(opened(tmp_path, mllp_frame_limit=65536)) as hub:
        yield hub


async def provoke(port: int, written: bytes, expected: str) -> bytes:
    """Writes it and holds the hub to its answer; returns what it said."""
    async with sender(port) as to:
        to.writer.write(written)
        if expected == CLOSED:
            return await to.rest()
        if expected == SILENCE:  # of what has arrived nothing is answered, however long one waits
            to.writer.write_eof()
            said = await to.rest()
            assert said == b""
            return said
        said = await to.answer_frame()
        assert f"MSA|{expected}|".encode() in said, said
        return said


async def good(to: Sender, number: int) -> None:
    """A good message on a connection that was there all the time."""
    answer = await to.send(adt(f"GOOD-{number}"))
    assert (answer.code, answer.control_id) == ("AA", f"GOOD-{number}".encode())


def play(hub: Hub) -> list[bytes]:
    """Plays it all, after each a good message; returns the answers to what was hostile."""

    async def run() -> list[bytes]:
        said: list[bytes] = []
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Mllp)
            async with sender(adapter.port) as steady:
                for number, (_, written, expected) in enumerate(HOSTILE):
                    said.append(await provoke(adapter.port, written, expected))
                    await good(steady, number)
                for written, control_ids in ACCEPTED:
                    steady.writer.write(written)
                    for control_id in control_ids:
                        answer = await steady.answer()
                        assert (answer.code, answer.control_id) == ("AA", control_id.encode())
        return said

    return asyncio.run(run())


def test_hostile_senders(hub: Hub) -> None:
    """After everything that can arrive a good message is acknowledged; what was refused is nowhere, what was accepted
    is there once, what cannot be understood is held with its place; names appear in no answer, log line or reason."""
    with capture_logs() as logs:
        said = play(hub)
        drain(hub)
    for control_id in REFUSED:
        with pytest.raises(NotFound):
            browse.show(hub, control_id)
    (row,) = ledger(hub)
    assert (row.accepted, row.converted, row.duplicate, row.held, row.dead) == (
        len(HOSTILE) + 8,
        len(HOSTILE) + 5,
        1,
        2,
        0,
    )
    assert row.balanced
    held = {m.control_id: m.reason for m in browse.search(hub, status="held")}
    assert held == {"LATIN": "MSH-18: byte 182 is not valid utf_8", "MERGE": "MRG: a merge without MRG"}
    for words in (logs, said, held):
        assert not any(secret in str(words) for secret in (NAME, NAME.upper(), BORN, NUMBER))
    assert {line["event"] for line in logs} == {"refused", "connection closed"}

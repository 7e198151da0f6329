import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import pytest

from hub.errors import HubError, Refused, StoreBusy
from hub.formats.hl7v2.acknowledgement import read_acknowledgement
from hub.model import Format, Record, Stream, stable_id
from hub.ports import Arrival
from hub.services.context import Hub
from hub.services.intake.receive import Receiver
from hub.settings import Feed, PluginUse
from hub.store import postgres, sqlite
from tests import databases
from tests.intake import adt, opened, stored

pytestmark = pytest.mark.usefixtures("each_database")

MLLP = PluginUse(kind="mllp")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    it = opened(tmp_path)
    yield it
    it.close()


def arrival(body: bytes, feed: str = "any") -> Arrival:
    return Arrival(feed, Format.HL7V2, body, "test")


def on_receiver(hub: Hub, work: Callable[[Receiver], Coroutine[None, None, None]]) -> None:
    receiver = Receiver(hub)
    try:
        asyncio.run(work(receiver))
    finally:
        receiver.close()


def refusal(hub: Hub, body: bytes) -> tuple[Refused, bytes]:
    """Why the message is refused, and what its sender is told."""
    found: list[tuple[Refused, bytes]] = []

    async def work(receiver: Receiver) -> None:
        try:
            await receiver.accept(arrival(body))
        except Refused as error:
            found.append((error, receiver.refuse(arrival(body), error)))

    on_receiver(hub, work)
    return found[0]


def test_an_accepted_message_is_durable_and_answered(hub: Hub) -> None:
    """The receipt comes when the message is in the log, with AA and the sender's control id."""

    async def work(receiver: Receiver) -> None:
        receipt = await receiver.accept(arrival(adt("M1")))
        (message,) = stored(hub)
        assert message.id == receipt.message_id
        assert (message.feed, message.type, message.key, message.sender) == (
            "any",
            "ADT^A04",
            "70045|MERCY",
            "ADT|MERCY",
        )
        assert message.body == adt("M1")
        answer = read_acknowledgement(receipt.reply)
        assert (answer.code, answer.control_id) == ("AA", b"M1")

    on_receiver(hub, work)


def test_a_resend_has_the_same_id(hub: Hub) -> None:
    """The same bytes of the same sender are the same message; other bytes under the same control id are not."""

    async def work(receiver: Receiver) -> None:
        first, again, other = [
            await receiver.accept(arrival(body)) for body in (adt("M1"), adt("M1"), adt("M1") + b"ZZZ|1\r")
        ]
        assert first.message_id == again.message_id != other.message_id
        assert len(stored(hub)) == 3

    on_receiver(hub, work)


@pytest.mark.parametrize(
    ("body", "code", "condition", "location"),
    [
        (adt(f10=""), "AE", "101", "MSH-10"),
        (adt(f9=""), "AR", "200", "MSH-9"),
        (adt(f9="FOO^A04"), "AR", "200", "MSH-9.1"),
        (adt(f9="ADT^A99"), "AR", "201", "MSH-9.2"),
        (adt(f11="X"), "AR", "202", "MSH-11"),
        (adt(f12="3.0"), "AR", "203", "MSH-12"),
        (adt(f14="1"), "AR", "199", "MSH-14"),
        (adt() + b"DSC|1\r", "AR", "199", "DSC-1"),
        (adt(f18="KLINGON"), "AE", "103", "MSH-18"),
        (adt(f18="UNICODE UTF-8") + b"NTE|1||\xff\r", "AE", "102", "MSH-18"),
        (adt(pid=""), "AE", "100", "PID"),
        (adt(pid="PID|1||||Andrews^Harold"), "AE", "101", "PID-3"),
        (adt(pid="PID|1||^^^MERCY^MR||Andrews^Harold"), "AE", "101", "PID-3"),
        (adt(pid='PID|1||""||Andrews^Harold'), "AE", "101", "PID-3"),
        (b"hello", "AE", "100", "MSH"),
        (b"", "AE", "100", "MSH"),
    ],
)
def test_what_the_sender_must_put_right(hub: Hub, body: bytes, code: str, condition: str, location: str) -> None:
    """A message that cannot be taken is refused with its condition and place, and is not stored."""
    error, reply = refusal(hub, body)
    assert (error.condition, error.location) == (condition, location)
    answer = read_acknowledgement(reply)
    assert answer.code == code
    assert condition.encode() in reply
    assert b"Andrews" not in reply
    assert stored(hub) == []


@pytest.mark.parametrize(
    "body",
    [
        adt(f9="ADT"),
        adt(f9="ZXX^Z01", pid=""),
        adt(f9="SIU^S23", pid=""),
        adt(f9="MFN^M02", pid=""),
        adt(f11="", f12=""),
        adt(f12="2.3^USA"),
        adt(f18="UNICODE UTF-8") + "NTE|1||Müller\r".encode(),
        adt(pid="PID|1|70045^^^MERCY||"),
        adt(pid="PID|1||^^^X~70045^^^MERCY||"),
        adt().replace(b"\r", b"\n"),
        b"\xef\xbb\xbf" + adt(),
        adt() + b"NTE|1||\xff\xfe\r",
    ],
)
def test_what_is_taken_as_it_is(hub: Hub, body: bytes) -> None:
    """What the standard allows, and what conversion can judge better, is not refused."""

    async def work(receiver: Receiver) -> None:
        assert read_acknowledgement((await receiver.accept(arrival(body))).reply).code == "AA"
        assert [message.body for message in stored(hub)] == [body]

    on_receiver(hub, work)


def test_an_acknowledgement_is_never_acknowledged(hub: Hub) -> None:
    """An ACK that arrives is refused without an answer."""
    error, reply = refusal(hub, adt(f9="ACK^A04", pid="MSA|AA|M1"))
    assert error.location == "MSH-9"
    assert reply == b""


def test_the_feed_is_the_one_that_claims_the_sender(tmp_path: Path) -> None:
    """Among the feeds of one port a message goes to the pair, then to the pattern, then to the feed for all others."""
    hub = opened(
        tmp_path,
        Feed(name="rest", adapter=MLLP),
        Feed(name="mercy", adapter=MLLP, senders=("*|MERCY",)),
        Feed(name="mercy-lab", adapter=MLLP, senders=("LAB|MERCY",)),
    )

    async def work(receiver: Receiver) -> None:
        for body in (adt("1", f3="LAB"), adt("2"), adt("3", f4="OTHER")):
            await receiver.accept(arrival(body, "rest"))
        assert [message.feed for message in stored(hub)] == ["mercy-lab", "mercy", "rest"]

    on_receiver(hub, work)
    hub.close()


def test_a_sender_that_no_feed_takes(tmp_path: Path) -> None:
    """When every feed of the port names its senders, a stranger is refused for good."""
    hub = opened(tmp_path, Feed(name="any", adapter=MLLP, senders=("LAB|MERCY",)))
    error, reply = refusal(hub, adt())
    assert (error.location, read_acknowledgement(reply).code) == ("MSH-3", "AR")
    hub.close()


@pytest.mark.parametrize(
    ("changed", "condition", "location"),
    [
        (b"EVN|A04|202603021240-0500\r", "100", "EVN"),
        (b"PV1|1|E\r", "100", "PV1"),
        (b"Andrews^Harold", "101", "PID-5"),
    ],
)
def test_what_a_feed_requires(tmp_path: Path, changed: bytes, condition: str, location: str) -> None:
    """A feed can ask for segments and fields by message type; other feeds, and other types, do without."""
    required = {"ADT": ("EVN", "PV1", "PID-5")}
    hub = opened(tmp_path, Feed(name="any", adapter=MLLP, required=required))
    error, reply = refusal(hub, adt().replace(changed, b""))
    assert (error.condition, error.location) == (condition, location)
    assert read_acknowledgement(reply).code == "AE"

    async def work(receiver: Receiver) -> None:
        for body in (adt(), adt(f9="ORU^R01").replace(changed, b"")):
            await receiver.accept(arrival(body))
        assert len(stored(hub)) == 2

    on_receiver(hub, work)
    hub.close()


def test_rows_and_documents_keep_what_their_adapter_says(hub: Hub) -> None:
    """Other formats are taken as they are: id, key and type come from the arrival."""

    async def work(receiver: Receiver) -> None:
        row = Arrival("fax", Format.DOCUMENT, b"%PDF-", "folder", "application/pdf", "note.pdf", "70045|")
        receipt = await receiver.accept(row)
        (message,) = stored(hub)
        assert (message.type, message.control_id, message.key) == ("application/pdf", "note.pdf", "70045|")
        assert message.id == receipt.message_id == stable_id("message", "fax", "", "note.pdf", message.sha256)
        assert receiver.refuse(row, HubError("no")) == b""

    on_receiver(hub, work)


def test_a_database_that_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else has the log for longer than is waited the sender is told to come again, and the next attempt
    succeeds."""
    for driver in (postgres, sqlite):
        monkeypatch.setattr(driver, "BUSY_SECONDS", 0.05)
    hub, elsewhere = opened(tmp_path), databases.intake_engine(tmp_path)

    async def work(receiver: Receiver) -> None:
        with elsewhere.connect() as other:
            hub.streams.publish(other, Stream.RAW, [Record("key", b"", {"id": "", "feed": "", "controlid": ""})])
            with pytest.raises(StoreBusy) as caught:
                await receiver.accept(arrival(adt()))
            reply = receiver.refuse(arrival(adt()), caught.value)
            assert read_acknowledgement(reply).code == "AE"
            assert b"207" in reply
        assert (await receiver.accept(arrival(adt()))).message_id
        assert len(stored(hub)) == 1

    on_receiver(hub, work)
    elsewhere.dispose()
    hub.close()

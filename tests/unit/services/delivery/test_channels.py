"""What comes out at a real endpoint of each channel: an HTTP server, an MLLP listener, a mail server."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread

import pytest

from hub.fhir.check import check
from hub.formats.hl7v2 import parse
from hub.model import Json
from hub.services import stages
from hub.services.context import Hub
from hub.services.operations import browse
from hub.settings import PluginUse, Practice
from hub.store import deliveries
from tests.endpoint import listening
from tests.mail_server import mail_server
from tests.mllp_server import ack, server
from tests.unit.services.hospital import accept, adt
from tests.unit.services.routed import opened

pytestmark = pytest.mark.usefixtures("each_database")

ARRIVAL, HOME, STILL_THERE, HOME_AGAIN = (
    adt("M1"),
    adt("M2", "A03", at="202603021500"),
    adt("M3", "A13", at="202603021600"),
    adt("M4", "A03", at="202603021700"),
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def hearing_by(hub: Hub, **use: object) -> Hub:
    """The hub whose practice hears by this channel alone."""
    busy, *others = hub.site.practices
    practice = Practice.model_validate({**busy.model_dump(), "channels": [PluginUse.model_validate(use)]})
    return replace(hub, site=hub.site.model_copy(update={"practices": (practice, *others)}))


def told(hub: Hub, *bodies: bytes) -> None:
    """One message after the other goes all the way."""
    for body in bodies:
        accept(hub, body)
        stages.drain(hub)


def sent(hub: Hub) -> list[tuple[str, str]]:
    """State and receipt or error of each delivery, oldest first."""
    return [(d.state, d.receipt or d.error) for n in reversed(browse.notifications(hub)) for d in n.deliveries]


def of(bundle: Json, kind: str) -> Json:
    found: Json = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)
    return found


# --- $process-message ------------------------------------------------------------------------------------------


def test_a_visit_by_process_message(hub: Hub) -> None:
    """Each notice is a valid message bundle of its own: the header first, its focus the encounter, one patient, the hub
    as sender and the hospital as author; a cancelled discharge leaves the encounter in progress and names the message
    that it takes back."""
    with listening() as endpoint:
        hub = hearing_by(hub, kind="process_message", endpoint=endpoint.url)
        told(hub, ARRIVAL, HOME, STILL_THERE, HOME_AGAIN)
        bundles = [p.json for p in endpoint.posted]
    headers = [b["entry"][0]["resource"] for b in bundles]
    assert [h["eventCoding"]["code"] for h in headers] == [
        *("notification-admit", "notification-discharge", "discharge-cancelled", "notification-discharge"),
    ]
    assert len({b["id"] for b in bundles} | {h["id"] for h in headers}) == 8
    for bundle, header in zip(bundles, headers, strict=True):
        assert check(bundle) == []
        assert not {"total", "search", "response"} & bundle.keys() | {"response"} & header.keys()
        assert header["focus"] == [{"reference": f"urn:uuid:{of(bundle, 'Encounter')['id']}"}]
        assert sum(e["resource"]["resourceType"] == "Patient" for e in bundle["entry"]) == 1
        agents = of(bundle, "Provenance")["agent"]
        assert [a["type"]["coding"][0]["code"] for a in agents] == ["author", "assembler"]
        assert agents[0]["who"] != agents[1]["who"]
    assert of(bundles[2], "Encounter")["status"] == "in-progress"
    entity = of(bundles[2], "Provenance")["entity"][0]
    assert (entity["role"], entity["what"]["identifier"]["value"]) == ("removal", f"urn:uuid:{headers[1]['id']}")
    assert "CANCELLED:" in headers[2]["text"]["div"]
    assert {b["identifier"]["value"] for b in bundles} == {"M1", "M2", "M3", "M4"}
    assert sent(hub) == [("delivered", "HTTP 200")] * 4


@pytest.mark.parametrize(
    ("answer", "state"), [(202, "delivered"), (204, "delivered"), (401, "failed"), (404, "failed"), (429, "queued")]
)
def test_what_the_other_side_answers_decides(hub: Hub, answer: int, state: str) -> None:
    """401 and 404 are final; 429 and 5xx come again later."""
    with listening() as endpoint:
        endpoint.otherwise = answer
        hub = hearing_by(hub, kind="process_message", endpoint=endpoint.url)
        told(hub, ARRIVAL)
    assert [s for s, _ in sent(hub)] == [state]


# --- MLLP ------------------------------------------------------------------------------------------------------


@dataclass
class Listener:
    """A practice's system: what it was sent, and how it answers."""

    code: str = "AA"
    port: int = 0
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def mllp_listener(code: str = "AA") -> Iterator[Listener]:
    listener, ready, loop = Listener(code), Event(), asyncio.new_event_loop()
    end = asyncio.Event()

    async def answer(body: bytes, writer: asyncio.StreamWriter) -> None:
        listener.bodies.append(body)
        writer.write(ack(body, listener.code))

    async def serve() -> None:
        async with server(answer) as port:
            listener.port = port
            ready.set()
            await end.wait()

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield listener
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(10)
        loop.close()


def test_a_visit_as_notes_over_mllp(hub: Hub) -> None:
    """Each notice is an MDM^T02 with patient, visit, title and text; what is taken back replaces the earlier note
    (T10) and says so."""
    with mllp_listener() as practice:
        hub = hearing_by(hub, kind="mllp", host="127.0.0.1", port=practice.port, application="EHR")
        told(hub, ARRIVAL, HOME, STILL_THERE)
        messages = [parse(body, "utf-8") for body in practice.bodies]
    kinds = [body.split(b"|")[8] for body in practice.bodies]
    assert kinds == [b"MDM^T02^MDM_T02", b"MDM^T02^MDM_T02", b"MDM^T10^MDM_T02"]
    assert [[s.name for s in m.segments][:4] for m in messages] == [["MSH", "EVN", "PID", "PD1"]] * 3
    assert b"|Andrews^Harold" in practice.bodies[0]
    assert b"Emergency arrival" in practice.bodies[0]
    assert b"CANCELLED:" in practice.bodies[2]
    assert sent(hub) == [("delivered", "AA")] * 3


def test_the_message_itself_is_passed_on_unchanged(hub: Hub) -> None:
    """A practice whose system reads ADT gets the message as it came."""
    with mllp_listener() as practice:
        hub = hearing_by(hub, kind="mllp", host="127.0.0.1", port=practice.port, send="message")
        told(hub, ARRIVAL)
        assert practice.bodies == [ARRIVAL]


@pytest.mark.parametrize(("code", "state"), [("AA", "delivered"), ("AE", "queued"), ("AR", "failed")])
def test_the_acknowledgement_decides(hub: Hub, code: str, state: str) -> None:
    """AE may be taken later, AR never."""
    with mllp_listener(code) as practice:
        hub = hearing_by(hub, kind="mllp", host="127.0.0.1", port=practice.port)
        told(hub, ARRIVAL)
    assert [s for s, _ in sent(hub)] == [state]


# --- e-mail ----------------------------------------------------------------------------------------------------


def test_a_mail_says_that_there_is_something_and_not_what(hub: Hub) -> None:
    """Urgency and a link: neither name nor hospital nor what happened."""
    with mail_server() as box:
        hub = hearing_by(
            hub,
            kind="email",
            host="127.0.0.1",
            port=box.port,
            security="none",
            sender="hub@carering.example",
            to=["front-desk@busy.example"],
            link="https://hub.example/",
        )
        told(hub, ARRIVAL)
        (mail,) = box.mails
    (notice,) = browse.notifications(hub)
    assert mail["Subject"] == "1 new medium-priority item"
    assert f"https://hub.example/notices/{notice.id}" in mail.get_content()
    written = mail.as_string()
    assert not [word for word in ("Andrews", "Harold", "MERCY", "Emergency", "70045", "1955") if word in written]
    assert mail["Message-ID"] == f"<{deliveries_of(hub, notice.id)}@carering.example>"


def test_what_is_due_at_one_time_is_one_mail(hub: Hub) -> None:
    """A digest is one mail that says how many there are."""
    with mail_server() as box:
        where = {"host": "127.0.0.1", "port": box.port, "security": "none", "link": "https://hub.example"}
        hub = hearing_by(hub, kind="email", sender="hub@carering.example", to=["desk@busy.example"], **where)
        accept(hub, ARRIVAL, HOME)
        stages.drain(hub)
        (mail,) = box.mails
    assert mail["Subject"] == "2 new items"
    assert "https://hub.example/practices/busy" in mail.get_content()
    assert len({receipt for _, receipt in sent(hub)}) == 1


@pytest.mark.parametrize(("answer", "state"), [("550 nobody", "failed"), ("451 later", "queued")])
def test_a_mail_server_may_refuse_for_now_or_for_good(hub: Hub, answer: str, state: str) -> None:
    """5yz is final, 4yz comes again."""
    with mail_server() as box:
        box.recipient = answer
        where = {"host": "127.0.0.1", "port": box.port, "security": "none"}
        hub = hearing_by(hub, kind="email", sender="hub@carering.example", to=["desk@busy.example"], **where)
        told(hub, ARRIVAL)
    assert [s for s, _ in sent(hub)] == [state]


def deliveries_of(hub: Hub, notice_id: str) -> str:
    with hub.main.connect() as connection:
        (row,) = deliveries.of_notices(connection, [notice_id])
    return str(row.id)

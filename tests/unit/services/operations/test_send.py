import asyncio

import pytest

from hub.errors import EndpointUnavailable
from hub.formats.hl7v2 import salvage_header
from hub.services.operations.send import send
from tests.mllp_server import accept, ack, message, server


def test_send_reports_every_message() -> None:
    """Accepted, refused and unanswered messages are counted, and sending goes on over a new connection."""

    async def moody(body: bytes, writer: asyncio.StreamWriter) -> None:
        match salvage_header(body).control_id:
            case b"M3":
                writer.close()
            case b"M5":
                writer.write(ack(body, "AE"))
            case _:
                writer.write(ack(body))

    async def run() -> None:
        seen = []
        async with server(moody) as port:
            bodies = [message(f"M{n}") for n in range(10)]
            report = await send(bodies, "127.0.0.1", port, on_ack=seen.append, rate=5000)
        assert (report.accepted, report.refused, report.unanswered, report.sent) == (8, 1, 1, 10)
        assert not report.all_accepted
        assert [a.control_id for a in seen] == [b"M%d" % n for n in range(10)]
        assert [a.code for a in seen][3:6] == ["", "AA", "AE"]

    asyncio.run(run())


def test_order_holds_for_a_patient() -> None:
    """Over several connections the messages of one patient still arrive in order."""

    async def run() -> None:
        arrived: list[bytes] = []

        async def note(body: bytes, writer: asyncio.StreamWriter) -> None:
            arrived.append(salvage_header(body).control_id)
            writer.write(ack(body))

        bodies = [message(f"{n % 7}-{n:03}", patient=str(n % 7)) for n in range(200)]
        async with server(note) as port:
            report = await send(bodies, "127.0.0.1", port, connections=4)
        assert report.all_accepted
        for patient in range(7):
            own = [c for c in arrived if c.startswith(b"%d-" % patient)]
            assert own == sorted(own)
        assert len(arrived) == 200

    asyncio.run(run())


def test_nothing_to_send() -> None:
    """No messages, no answers, and an empty report."""

    async def run() -> None:
        async with server(accept) as port:
            assert (await send([], "127.0.0.1", port)).sent == 0

    asyncio.run(run())


def test_nobody_takes_them() -> None:
    """Where nobody listens, sending ends with the address."""

    async def run() -> None:
        async with server(accept) as port:
            pass
        with pytest.raises(EndpointUnavailable, match=f"127.0.0.1:{port}"):
            await send([message("M1")] * 500, "127.0.0.1", port, connections=2)

    asyncio.run(run())

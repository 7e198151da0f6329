"""From the socket to the ledger: every message that was sent over MLLP has its answer and its one end."""

import asyncio
from pathlib import Path

import uvloop

from hub.adapters.mllp import Mllp
from hub.services.context import Hub
from hub.services.operations.ledger import LedgerRow, ledger
from hub.services.stages import drain
from hub.transport.mllp_client import MllpClient
from tests.intake import adt, opened, receiving

CONNECTIONS = 8
EACH = 40


def messages(connection: int) -> list[bytes]:
    """Good ones, a resend of each tenth, one of each twentieth that no one can read, and one without a patient."""
    sent = []
    for n in range(EACH):
        body = adt(f"C{connection}-{n}", pid=f"PID|1||{connection:03}{n:03}^^^MERCY^MR||Sample^Person||19550914|F")
        if n % 20 == 7:
            body += b"NTE|1||\xff\xfe not of any character set\r"
        sent += [body, body] if n % 10 == 3 else [body]
    return [*sent, adt(f"C{connection}-none", pid="")]


def test_every_message_has_its_answer_and_its_end(tmp_path: Path) -> None:
    """Eight senders at once, with resends, unreadable and refused messages: acks are strict, the ledger balances."""
    hub = opened(tmp_path)

    async def send(port: int, connection: int) -> list[tuple[str, bytes]]:
        async with MllpClient("127.0.0.1", port) as client:
            answers = [await client.send(body) for body in messages(connection)]
        return [(answer.code, answer.control_id) for answer in answers]

    async def run() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Mllp)
            said = await asyncio.gather(*(send(adapter.port, c) for c in range(CONNECTIONS)))
        for answers in said:
            assert [code for code, _ in answers] == ["AA"] * (EACH + 4) + ["AE"]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    assert row(hub).waiting == row(hub).accepted == CONNECTIONS * (EACH + 4)
    drain(hub)
    found = row(hub)
    assert (found.converted, found.duplicate, found.held, found.dead, found.waiting) == (
        CONNECTIONS * (EACH - 2),
        CONNECTIONS * 4,
        CONNECTIONS * 2,
        0,
        0,
    )
    assert found.balanced
    hub.close()


def row(hub: Hub) -> LedgerRow:
    (found,) = ledger(hub)
    return found

"""Too much waits: senders are asked to come again."""

import asyncio
from pathlib import Path

import pytest

from hub.errors import Overloaded
from hub.model import Format, Stage
from hub.ports import Arrival
from hub.services.intake.pressure import Pressure
from hub.services.intake.receive import Receiver
from hub.services.stages import run_batch
from tests.intake import adt, opened, receiving, sender, stored

pytestmark = pytest.mark.usefixtures("each_database")

LIMIT = 5


def test_senders_come_again_while_too_much_waits(tmp_path: Path) -> None:
    """Over the limit an HL7 v2 message is answered with AE and 207 and not stored; when that has eased it is taken."""

    async def work() -> None:
        hub = opened(tmp_path, lag_limit=LIMIT)
        receivers: list[Receiver] = []
        async with receiving(hub, receivers) as (adapter,), sender(adapter.port) as to:  # type: ignore[attr-defined]
            pressure = receivers[0].pressure
            for number in range(LIMIT + 1):
                assert (await to.send(adt(f"M{number}"))).code == "AA"
            pressure.look(pressure.backlog())
            answer = await to.send(adt("LATE"))
            assert (answer.code, answer.text.split()[0]) == ("AE", "207")
            with pytest.raises(Overloaded):
                await receivers[0].accept_declared([Arrival("any", Format.CSV, b"x", "test", type="panel")])
            assert [m.control_id for m in stored(hub)] == [f"M{n}" for n in range(LIMIT + 1)]
            run_batch(hub, Stage.CONVERT)
            pressure.look(pressure.backlog())
            assert (await to.send(adt("LATE"))).code == "AA"
        hub.close()

    asyncio.run(work())


def test_taking_in_begins_again_when_it_has_eased(tmp_path: Path) -> None:
    """Just below the limit nothing is taken yet, so that it does not go on and off with every message."""
    hub = opened(tmp_path, lag_limit=100)
    pressure = Pressure(hub)
    for backlog, taken in ((100, True), (101, False), (90, False), (81, False), (80, True), (100, True)):
        pressure.look(backlog)
        try:
            pressure.check()
        except Overloaded:
            assert not taken, backlog
        else:
            assert taken, backlog
    hub.close()

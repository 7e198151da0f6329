"""Promise P1 on a full disk: what cannot be kept is not acknowledged, and when there is room again all goes on."""

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from hub.model import Stage, Stream
from hub.services.context import Hub
from hub.services.operations.ledger import ledger
from hub.services.operations.progress import backlog
from hub.services.records import raw_message
from hub.services.stages import drain
from hub.settings import load_settings
from hub.wiring import open_hub
from tests.crash.cluster import cluster
from tests.crash.disks import MEGABYTE, engine, small_disk
from tests.ports import free_port
from tests.unit.services import hospital
from tests.unit.services.hospital import NPI

DISK = 64 * MEGABYTE
BALLAST = 48 * MEGABYTE

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, with little room."""
    with small_disk(tmp_path / "disk", DISK) as folder:
        (tmp_path / "config").mkdir()
        yield folder


def opened(disk: Path) -> Hub:
    return open_hub(load_settings(data=disk / "data", config=disk.parent / "config"))


def test_a_full_disk(disk: Path, tmp_path: Path) -> None:
    """While the disk is full messages are refused with 207, on a connection that stays; with room again the same
    messages are taken, the stages go on by themselves, and the log holds exactly what was acknowledged."""
    ballast = disk / "ballast"
    ballast.write_bytes(b"\0" * BALLAST)
    port = free_port()
    acknowledged: list[str] = []
    with cluster(disk / "data", tmp_path / "config", port), engine(port) as sending:
        numbers = (f"D{number}" for number in count())
        for refused in numbers:
            if not (answer := sending.send(refused)).accepted:
                break
            acknowledged.append(refused)
        assert (answer.code, answer.text.split()[0]) == ("AE", "207")
        ballast.unlink()
        while not sending.send(refused).accepted:
            pass
        acknowledged.append(refused)
        acknowledged += [number for number, _ in zip(numbers, range(20), strict=False) if sending.send(number).accepted]
    assert len(acknowledged) > 40
    with closing(opened(disk)) as hub:
        drain(hub)
        records = [raw_message(record).control_id for record in hub.streams.read(Stream.RAW, 0, -1, 10_000)]
        (row,) = ledger(hub)
    assert records == acknowledged
    assert (row.balanced, row.converted, row.waiting, row.dead) == (True, len(acknowledged), 0, 0)


@pytest.mark.parametrize("stage", Stage)
def test_a_disk_that_is_full_for_a_stage(disk: Path, tmp_path: Path, stage: Stage) -> None:
    """A stage that finds the disk full waits; with room again it handles all that waited, nothing is dead, and its
    process is the same."""
    port = free_port()
    practices = tmp_path / "config" / "practices"
    practices.mkdir()
    (practices / "busy.yaml").write_text(f"id: busy\nname: Busy\nclinicians: [{{npi: '{NPI}', name: Dr. Busy}}]\n")
    with cluster(disk / "data", tmp_path / "config", port) as roles, closing(opened(disk)) as hub:
        roles[stage].freeze()
        with engine(port) as sending:
            assert all(sending.send_body(hospital.adt(f"D{n}", mrn=str(n), visit=f"V{n}")).accepted for n in range(30))
        wait_for_what_stands_before(hub, stage)
        fill(disk / "ballast")
        roles[stage].thaw()
        roles[stage].wait_until_said("stage-waits")
        (disk / "ballast").unlink()
        while any(backlog(hub).values()):
            assert roles[stage].is_running
        (row,) = ledger(hub)
    assert (row.balanced, row.converted, row.waiting, row.dead) == (True, 30, 0, 0)


def wait_for_what_stands_before(hub: Hub, stage: Stage) -> None:
    """The stages before this one are done, so that it has work."""
    while any(waiting for other, waiting in backlog(hub).items() if other != stage) or not backlog(hub)[stage]:
        pass


def fill(ballast: Path) -> None:
    """To the last block."""
    with ballast.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue

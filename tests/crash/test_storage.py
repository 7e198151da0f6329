"""Promise P1 while a database is locked, gone or read-only: nothing acknowledged is lost, and all goes on by itself."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hub.errors import StoreBusy
from hub.model import Stream
from hub.services.health.alarms import alarms
from hub.services.health.storage import Storage
from hub.services.operations.ledger import ledger
from hub.services.operations.readiness import readiness
from hub.services.records import raw_message
from hub.services.stages import drain
from hub.settings import load_settings
from hub.wiring import open_hub
from tests.crash.cluster import cluster
from tests.crash.disks import BreakingDisk, EngineLink, engine
from tests.ports import free_port

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program, a backup perhaps, holds the database and does not let go."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def removed(file: Path) -> Iterator[None]:
    """Somebody moves the file away, and back."""
    file.rename(file.with_suffix(".away"))
    yield
    file.with_suffix(".away").rename(file)


@contextmanager
def replaced(file: Path) -> Iterator[None]:
    """A copy takes the place of the file while nothing is under way."""
    with closing(sqlite3.connect(file)) as here, closing(sqlite3.connect(file.with_suffix(".copy"))) as copy:
        here.backup(copy)
    file.unlink()
    yield
    file.with_suffix(".copy").rename(file)


@pytest.mark.parametrize("trouble", [locked, removed, replaced])
def test_an_intake_log_out_of_reach(trouble, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Meanwhile messages get AE with 207 within an engine's patience; then the same connection goes on."""
    port, data = free_port(), tmp_path / "data"
    (tmp_path / "config").mkdir()
    with cluster(data, tmp_path / "config", port), engine(port, 100) as sending:
        assert sending.send("D1").accepted
        with trouble(data / "intake.db"):
            answers = [sending.send(number) for number in ("D2", "D3")]
        until_accepted(sending, "D2")
        until_accepted(sending, "D3")
    assert {(answer.code, answer.text.split()[0]) for answer in answers} == {("AE", "207")}
    assert all_is_kept(tmp_path) == ["D1", "D2", "D3"]


def test_silence_while_nothing_can_be_stored(tmp_path: Path) -> None:
    """A feed that wants silence answers nothing meanwhile: the connection ends, and the next one goes on."""
    port, data = free_port(), tmp_path / "data"
    (tmp_path / "config" / "feeds").mkdir(parents=True)
    feed = "name: quiet\nadapter: {kind: mllp, unavailable: silence}\n"
    (tmp_path / "config" / "feeds" / "quiet.yaml").write_text(feed)
    with cluster(data, tmp_path / "config", port):
        with engine(port, 100) as sending, locked(data / "intake.db"), pytest.raises(ConnectionError):
            sending.send("D1")
        with engine(port, 100) as sending:
            assert sending.send("D1").accepted
    assert all_is_kept(tmp_path) == ["D1"]


@pytest.mark.parametrize(("file", "trouble"), [("intake.db", locked), ("intake.db", removed), ("hub.db", locked)])
def test_the_hub_says_so(file: str, trouble, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Meanwhile the hub is not ready and names the database, and an alarm is open or will be recorded; afterwards it is
    ready, and the alarm is closed; no process was started again."""
    (tmp_path / "config").mkdir()
    settings = load_settings(data=tmp_path / "data", config=tmp_path / "config")
    with cluster(settings.data, settings.config, free_port()) as roles, closing(open_hub(settings)) as hub:
        storage = Storage(hub)
        wait_until(lambda: readiness(hub, storage).ready)
        with trouble(settings.data / file):
            (reason,) = readiness(hub, storage).reasons
            assert reason.startswith(file)
            roles["deliver"].wait_until_said("alarm opened")
        wait_until(lambda: readiness(hub, storage).ready)
        wait_until(lambda: [row.state for row in alarms(hub, open_only=False)] == ["closed"])
        assert [row.kind for row in alarms(hub, open_only=False)] == ["storage"]
        assert all(role.is_running for role in roles.values())


def wait_until(done: Callable[[], bool]) -> None:
    while True:
        with contextlib.suppress(StoreBusy):
            if done():
                return


@contextmanager
def older(data: Path, copy: Path) -> Iterator[None]:
    """A copy of some time ago takes the place of the intake log with all of its files, and gives it back."""
    files = sorted(data.glob("intake.db*"))
    (data / "aside").mkdir(exist_ok=True)
    for file in files:
        file.rename(data / "aside" / file.name)
    shutil.copy(copy, data / "intake.db")
    yield
    for file in data.glob("intake.db*"):
        file.unlink()
    for file in files:
        (data / "aside" / file.name).rename(file)


def test_an_older_intake_log(tmp_path: Path) -> None:
    """An older log, which would number what comes now as what was read long ago, takes nothing: not under a running
    hub, which says so, nor under one that starts; with the right one all goes on."""
    port, data, copy = free_port(), tmp_path / "data", tmp_path / "copy"
    (tmp_path / "config").mkdir()
    settings = load_settings(data=data, config=tmp_path / "config")
    with cluster(data, tmp_path / "config", port), engine(port, 100) as sending, closing(open_hub(settings)) as hub:
        assert sending.send("D1").accepted
        with closing(sqlite3.connect(data / "intake.db")) as here, closing(sqlite3.connect(copy)) as there:
            here.backup(there)
        assert sending.send("D2").accepted
        wait_until_converted(tmp_path, 2)
        with older(data, copy):
            answer = sending.send("D3")
            assert (answer.code, answer.text.split()[0]) == ("AE", "207")
            assert "it is older; put the intake.db" in readiness(hub, Storage(hub)).reasons[0]
        until_accepted(sending, "D3")
    with older(data, copy):
        environment = {**os.environ, "HUB_DATA": str(data), "HUB_CONFIG": str(settings.config), "HUB_MLLP_PORT": "0"}
        command = [sys.executable, "-m", "hub", "run", "--only", "receive"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "HUB_DATA: the intake log ends before record" in done.stderr) == (2, True), done.stderr
    assert all_is_kept(tmp_path) == ["D1", "D2", "D3"]


@pytest.mark.parametrize("trouble", [locked, removed])
def test_a_main_database_out_of_reach(trouble, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Messages are taken all the time; the stages wait and go on by themselves."""
    port, data = free_port(), tmp_path / "data"
    (tmp_path / "config").mkdir()
    with cluster(data, tmp_path / "config", port) as roles, engine(port, 100) as sending:
        with trouble(data / "hub.db"):
            assert sending.send("D1").accepted
            roles["convert"].wait_until_said("stage-waits")
        assert sending.send("D2").accepted
        wait_until_converted(tmp_path, 2)
        assert all(role.is_running for role in roles.values())
    assert all_is_kept(tmp_path) == ["D1", "D2"]


def test_a_disk_that_becomes_read_only(tmp_path: Path) -> None:
    """A disk that fails takes nothing more, and nothing more is acknowledged; on its replacement all goes on."""
    disk = BreakingDisk(tmp_path / "disk")
    port, data = free_port(), disk.folder / "data"
    (tmp_path / "config").mkdir()
    try:
        with cluster(data, tmp_path / "config", port), engine(port, 100) as sending:
            assert sending.send("D1").accepted
            disk.fail()
            answer = sending.send("D2")
            disk.renew()
            until_accepted(sending, "D2")
        assert (answer.code, answer.text.split()[0]) == ("AE", "207")
        assert all_is_kept(tmp_path, data) == ["D1", "D2"]
    finally:
        disk.close()


def until_accepted(sending: EngineLink, control_id: str) -> None:
    while not sending.send(control_id).accepted:
        pass


def wait_until_converted(folder: Path, count: int) -> None:
    with closing(open_hub(load_settings(data=folder / "data", config=folder / "config"))) as hub:
        while not any(row.converted == count for row in ledger(hub)):
            pass


def all_is_kept(folder: Path, data: Path | None = None) -> list[str]:
    """The control ids in the log, each once; the ledger must balance."""
    with closing(open_hub(load_settings(data=data or folder / "data", config=folder / "config"))) as hub:
        drain(hub)
        (row,) = ledger(hub)
        assert (row.balanced, row.waiting, row.dead) == (True, 0, 0)
        found = [raw_message(record).control_id for record in hub.streams.read(Stream.RAW, 0, -1, 1000)]
    return list(dict.fromkeys(found))

"""A file under way whose hub is killed again and again."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from hub.model import FileOutcome
from hub.settings import load_settings
from hub.store import files
from hub.store.engine import reading
from hub.wiring import open_hub
from tests.crash.cluster import Role
from tests.waiting import until

ROWS, KILLS = 20_000, 4
FEED = """
name: census
adapter: {kind: folder, path: census, seconds: 0.05}
format: csv
type: census
table: {trailer: {starts: TRL}}
constants: {class: I}
"""

pytestmark = [pytest.mark.crash, pytest.mark.timeout(180)]


def environment(folder: Path) -> dict[str, str]:
    (folder / "config" / "feeds").mkdir(parents=True)
    (folder / "config" / "feeds" / "census.yaml").write_text(FEED)
    return {"HUB_DATA": str(folder / "data"), "HUB_CONFIG": str(folder / "config"), "HUB_LOG_LEVEL": "error"}


def in_the_log(data: Path) -> int:
    """How many rows are durable."""
    with sqlite3.connect(data / "intake.db") as connection:
        return int(connection.execute("SELECT count(*) FROM stream_raw").fetchone()[0])


def wait_for(count: int, data: Path) -> None:
    until(lambda: in_the_log(data) >= count, lambda: f"{in_the_log(data)} of {count} rows are in the log")


def test_a_restart_resumes_at_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is killed within a file, each of its rows is in the log once, and the file is archived."""
    around = environment(tmp_path)
    data, folder = tmp_path / "data", tmp_path / "data" / "census"
    folder.mkdir(parents=True)
    lines = [f"{n:06},2026-03-02 17:05" for n in range(ROWS)]
    (folder / "night.csv").write_text("\n".join(["mrn,admit_time", *lines, f"TRL,{ROWS}\n"]))
    (folder / "night.csv.done").touch()
    role = Role("receive", around)
    role.wait_until_ready()
    for kill in range(1, KILLS + 1):
        wait_for(kill * ROWS // (KILLS + 2), data)
        role.kill()
        role.start()
    wait_for(ROWS, data)
    role.wait_until_ready()
    until((folder / "archive" / "night.csv").exists)
    role.kill()
    with sqlite3.connect(data / "intake.db") as connection:
        ids = Counter(row[0] for row in connection.execute("SELECT control_id FROM stream_raw"))
    assert ids == Counter(f"night.csv#{line}" for line in range(2, ROWS + 2))
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    hub = open_hub(load_settings())
    with reading(hub.main) as connection:
        (row,) = files.newest(connection)
    hub.close()
    assert (row.outcome, row.messages, row.bad) == (FileOutcome.TAKEN, ROWS, 0)

"""The story of the demo is the same wherever the hub keeps its data."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hub.services.operations import browse
from hub.services.operations.browse import NoticeRow
from hub.settings import Settings
from hub.wiring import open_hub
from tests.broker import Topics
from tests.postgres import Databases

pytestmark = pytest.mark.timeout(240)

MANY = 1000


def demo(url: str, streams_url: str = "embedded:") -> "subprocess.CompletedProcess[str]":
    """``hub demo --once`` with that database and those streams."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment = {**usual, "HUB_DATABASE_URL": url, "HUB_STREAMS_URL": streams_url}
    command = [sys.executable, "-m", "hub", "demo", "--once"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def notices(url: str, folder: Path, streams_url: str = "embedded:") -> dict[str, NoticeRow]:
    settings = Settings(database_url=url, streams_url=streams_url, data=folder, config=folder)
    with closing(open_hub(settings)) as hub:
        return {notice.id: notice for notice in browse.notifications(hub, limit=MANY)}


def test_postgresql_tells_the_same_story(postgres_server: Databases, tmp_path: Path) -> None:
    """On PostgreSQL the demo prints what it prints on SQLite, and its notices have the same ids and states."""
    urls = f"sqlite:///{tmp_path / 'hub.db'}", postgres_server.url(str(tmp_path))
    told, told_too = (demo(url) for url in urls)
    assert (told.returncode, told_too.returncode) == (0, 0), told_too.stderr
    assert told_too.stdout == told.stdout
    found, found_too = (notices(url, tmp_path / "var") for url in urls)
    assert {i: (n.practice, n.kind, n.state) for i, n in found_too.items()} == {
        i: (n.practice, n.kind, n.state) for i, n in found.items()
    }
    assert len(found) > 10
    postgres_server.drop()


def test_a_cluster_tells_the_same_story(kafka_topics: Topics, postgres_server: Databases, tmp_path: Path) -> None:
    """On Kafka and PostgreSQL the demo prints what it prints without them, and its notices have the same ids and
    states."""
    plain = f"sqlite:///{tmp_path / 'hub.db'}"
    url, streams_url = postgres_server.url(str(tmp_path)), kafka_topics.url(str(tmp_path))
    told, told_too = demo(plain), demo(url, streams_url)
    assert (told.returncode, told_too.returncode) == (0, 0), told_too.stderr
    assert told_too.stdout == told.stdout
    found, found_too = notices(plain, tmp_path / "var"), notices(url, tmp_path / "var", streams_url)
    assert {i: (n.practice, n.kind, n.state) for i, n in found_too.items()} == {
        i: (n.practice, n.kind, n.state) for i, n in found.items()
    }
    assert len(found) > 10
    postgres_server.drop()


def test_a_database_in_use_is_no_place_for_a_story(tmp_path: Path) -> None:
    """The demo refuses a database that has a hub's tables, so that its people do not turn up among patients."""
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    notices(url, tmp_path / "var")
    refused = demo(url)
    assert refused.returncode == 2
    assert "HUB_DATABASE_URL: this database is in use" in refused.stderr

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.services.checks.doctor import Finding, Health, examine
from hub.settings import Settings, load_settings
from hub.store import schema
from hub.store.engine import open_engine, writing
from hub.wiring import SystemClock, open_hub


class Stopped:
    """A clock that stands still."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "var"))
    (tmp_path / "config").mkdir()
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("HUB_MLLP_PORT", "0")
    monkeypatch.setenv("HUB_HTTP_PORT", "0")
    return load_settings()


def found(settings: Settings, name: str, now: datetime | None = None) -> list[Finding]:
    clock = Stopped(now) if now else SystemClock()
    return [finding for finding in examine(settings, clock) if finding.name == name]


def test_a_fresh_installation_is_sound(settings: Settings) -> None:
    """On a machine where nothing was run yet nothing fails, and no database is left behind."""
    assert not [f for f in examine(settings, SystemClock()) if f.health is Health.FAILURE]
    assert not list(settings.data.iterdir())


def test_databases_of_a_hub_are_durable(settings: Settings) -> None:
    """The databases that a hub has made are reachable, and commits wait for the disk."""
    open_hub(settings).close()
    for name in ("intake database", "main database"):
        assert found(settings, name) == [Finding(name, Health.OK, "reachable and durable")]


def test_a_folder_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    """A data folder that cannot be made is a failure that names the setting."""
    (tmp_path / "file").write_text("")
    (finding,) = found(settings.model_copy(update={"data": tmp_path / "file" / "var"}), "data folder")
    assert finding.health is Health.FAILURE
    assert "HUB_DATA" in finding.text


def test_a_database_that_is_none_is_named(settings: Settings) -> None:
    """A file that is no database is a failure."""
    settings.data.mkdir()
    (settings.data / "hub.db").write_bytes(b"not a database" * 100)
    (finding,) = found(settings, "main database")
    assert finding.health is Health.FAILURE


def test_a_port_that_is_taken_is_named(settings: Settings) -> None:
    """A port that somebody has is a warning that names the setting."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = settings.model_copy(update={"mllp_port": other.getsockname()[1]})
        (finding,) = found(taken, "mllp_port")
    assert finding.health is Health.WARNING
    assert "HUB_MLLP_PORT" in finding.text


def test_a_variable_without_effect_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that looks like a setting and is none is a warning."""
    monkeypatch.setenv("HUB_MLP_PORT", "1")
    assert [f.text for f in found(settings, "environment")] == [
        "HUB_MLP_PORT is no setting of the hub and has no effect"
    ]


def test_a_wrong_configuration_is_a_failure(settings: Settings) -> None:
    """Each problem of the configuration is a failure of its own."""
    (settings.config / "feeds").mkdir(parents=True)
    (settings.config / "feeds" / "lab.yaml").write_text("name: lab\n")
    assert any("lab.yaml: adapter" in f.text for f in found(settings, "configuration"))


def test_a_clock_behind_the_newest_message_is_a_failure(settings: Settings) -> None:
    """A clock that is set back to before the newest message is noticed."""
    engine = open_engine(settings.main_url, schema.main)
    row = {c.name: "" for c in schema.messages.c if not c.nullable} | {
        "raw_partition": 0,
        "raw_offset": 1,
        "warnings": 0,
        "routed": True,
        "received_at": "2026-03-02T12:00:00.000000Z",
    }
    with writing(engine) as transaction:
        transaction.execute(schema.messages.insert().values(row))
    engine.dispose()
    assert found(settings, "clock", datetime(2026, 3, 1, tzinfo=UTC))[0].health is Health.FAILURE
    assert found(settings, "clock", datetime(2026, 3, 3, tzinfo=UTC))[0].health is Health.OK

import sqlite3
from pathlib import Path

import pytest

from hub.errors import StoreBusy
from hub.store import schema
from hub.store.engine import open_engine, writing
from hub.store.turnstile import turn


def test_a_turn_ends_with_an_error_too(tmp_path: Path) -> None:
    """A transaction that fails gives up its turn: the next one is not kept waiting."""
    with pytest.raises(ValueError, match="no"), turn(tmp_path / "hub.db"):
        raise ValueError("no")
    with turn(tmp_path / "hub.db"):
        assert sorted(p.name for p in tmp_path.iterdir()) == ["hub.db-next", "hub.db-writer"]


def test_a_database_that_is_locked_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that somebody else does not give up is an error that may be tried again."""
    monkeypatch.setattr("hub.store.sqlite.BUSY_SECONDS", 0.0)
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}", schema.main)
    other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy), writing(engine):
        pass
    other.close()
    engine.dispose()

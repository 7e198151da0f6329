import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.errors import StoreBusy
from hub.store import schema
from hub.store.engine import open_engine, reading, writing
from hub.store.turnstile import turn
from hub.store.upsert import insert_new

ROW = {"stage": "route", "partition": 0, "position": 1}


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


def test_a_database_that_was_removed(tmp_path: Path) -> None:
    """A file that is gone is busy, and is not made anew; when it is back, all goes on."""
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}", schema.main)
    with writing(engine) as transaction:
        insert_new(transaction, schema.positions, [ROW])
    (tmp_path / "hub.db").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreBusy), writing(engine):
        pass
    with pytest.raises(StoreBusy), reading(engine):
        pass
    assert not (tmp_path / "hub.db").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "hub.db")
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(schema.positions)).scalar_one() == 1
    engine.dispose()


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """Where not even the locks of the turns can be opened, the database is busy."""
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'hub.db'}", schema.main)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreBusy), writing(engine):
        pass
    engine.dispose()

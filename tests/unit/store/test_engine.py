import sqlite3
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from hub.errors import StoreBusy
from hub.store import schema
from hub.store.engine import open_engine, reading, utc_text, writing
from hub.store.turnstile import turn
from hub.store.upsert import insert_new, upsert

ROW = {"stage": "route", "partition": 0, "position": 1}


def write_many(database: str, times: int) -> int:
    """Opens the database and writes as often, each time in a transaction that reads first."""
    engine = open_engine(f"sqlite:///{database}", schema.main)
    for _ in range(times):
        with writing(engine) as transaction:
            count = transaction.execute(select(func.count()).select_from(schema.stream_events)).scalar()
            transaction.execute(insert(schema.stream_events), {"key": str(count), "headers": b"", "value": b""})
    engine.dispose()
    return times


def test_processes_write_one_after_the_other(tmp_path: Path) -> None:
    """Four processes that write to a new database at once lose nothing and read nothing stale."""
    database = str(tmp_path / "hub.db")
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        written = sum(pool.map(write_many, [database] * 4, [25] * 4))
    engine = open_engine(f"sqlite:///{database}", schema.main)
    with reading(engine) as connection:
        keys = connection.execute(select(schema.stream_events.c.key).order_by(schema.stream_events.c.offset)).scalars()
        assert list(keys) == [str(n) for n in range(written)]
    engine.dispose()


def test_a_turn_ends_with_an_error_too(tmp_path: Path) -> None:
    """A transaction that fails gives up its turn: the next one is not kept waiting."""
    with pytest.raises(ValueError, match="no"), turn(tmp_path / "hub.db"):
        raise ValueError("no")
    with turn(tmp_path / "hub.db"):
        assert sorted(p.name for p in tmp_path.iterdir()) == ["hub.db-next", "hub.db-writer"]


def test_a_database_that_is_locked_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that somebody else does not give up is an error that may be tried again."""
    monkeypatch.setattr("hub.store.engine.BUSY_SECONDS", 0.0)
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}", schema.main)
    other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy), writing(engine):
        pass
    other.close()
    engine.dispose()


def test_a_statement_that_is_wrong_is_not_busy(tmp_path: Path) -> None:
    """What fails again in the same way is not taken for a lock."""
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}", schema.main)
    with pytest.raises(sqlite3.OperationalError, match="no such table"), writing(engine) as transaction:
        transaction.exec_driver_sql("SELECT * FROM absent")
    engine.dispose()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    """An error inside a transaction leaves nothing of it."""
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}", schema.main)
    with pytest.raises(IntegrityError), writing(engine) as transaction:
        transaction.execute(insert(schema.positions), [ROW, {**ROW, "stage": None}])
    with reading(engine) as connection:
        assert connection.execute(select(schema.positions)).all() == []
    engine.dispose()


def test_rows_are_replaced_or_kept_by_their_key(tmp_path: Path) -> None:
    """``upsert`` replaces the row with the same key, ``insert_new`` keeps it."""
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}", schema.main)
    with writing(engine) as transaction:
        upsert(transaction, schema.positions, [ROW, {**ROW, "position": 2}])
        insert_new(transaction, schema.positions, [{**ROW, "position": 3}, {**ROW, "stage": "convert"}])
    with reading(engine) as connection:
        rows = connection.execute(select(schema.positions).order_by(schema.positions.c.stage)).all()
    assert [tuple(row) for row in rows] == [("convert", 0, 1), ("route", 0, 2)]
    engine.dispose()


def test_times_sort_as_texts() -> None:
    """Times of any zone are written in UTC with one width, so that their texts sort as they do."""
    times = [datetime.fromisoformat(t) for t in ("2026-03-08T01:59:00-05:00", "2026-03-08T03:00:00.5-04:00")]
    assert [utc_text(t) for t in times] == ["2026-03-08T06:59:00.000000Z", "2026-03-08T07:00:00.500000Z"]


def test_an_error_of_the_database_has_no_values(tmp_path: Path) -> None:
    """What a statement that fails was to write is not part of its error, which may be logged."""
    engine = open_engine(f"sqlite:///{tmp_path / 'hub.db'}", schema.main)
    row = {"stage": "Andrews", "partition": 0, "position": 1}
    with pytest.raises(IntegrityError) as caught, writing(engine) as transaction:
        transaction.execute(insert(schema.positions), [row, row])
    engine.dispose()
    assert "Andrews" not in str(caught.value)


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

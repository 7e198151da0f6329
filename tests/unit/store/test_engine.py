from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DatabaseError, IntegrityError

from hub.store import schema
from hub.store.engine import open_engine, reading, utc_text, writing
from hub.store.upsert import insert_new, upsert
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")

ROW = {"stage": "route", "partition": 0, "position": 1}


def write_many(url: str, times: int) -> int:
    """Opens the database and writes as often, each time in a transaction that reads first."""
    engine = open_engine(url, schema.main)
    for _ in range(times):
        with writing(engine) as transaction:
            count = transaction.execute(select(func.count()).select_from(schema.stream_events)).scalar()
            transaction.execute(insert(schema.stream_events), {"key": str(count), "headers": b"", "value": b""})
    engine.dispose()
    return times


def test_processes_write_one_after_the_other(tmp_path: Path) -> None:
    """Four processes that write to a new database at once lose nothing and read nothing stale."""
    url = databases.settings(tmp_path).main_url
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        written = sum(pool.map(write_many, [url] * 4, [25] * 4))
    engine = databases.main_engine(tmp_path)
    with reading(engine) as connection:
        keys = connection.execute(select(schema.stream_events.c.key).order_by(schema.stream_events.c.offset)).scalars()
        assert list(keys) == [str(n) for n in range(written)]
    engine.dispose()


def test_a_statement_that_is_wrong_is_not_busy(tmp_path: Path) -> None:
    """What fails again in the same way is not taken for a lock."""
    engine = databases.main_engine(tmp_path)
    with pytest.raises(DatabaseError, match="absent"), writing(engine) as transaction:
        transaction.exec_driver_sql("SELECT * FROM absent")
    engine.dispose()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    """An error inside a transaction leaves nothing of it."""
    engine = databases.main_engine(tmp_path)
    with pytest.raises(IntegrityError), writing(engine) as transaction:
        transaction.execute(insert(schema.positions), [ROW, {**ROW, "stage": None}])
    with reading(engine) as connection:
        assert connection.execute(select(schema.positions)).all() == []
    engine.dispose()


def test_rows_are_replaced_or_kept_by_their_key(tmp_path: Path) -> None:
    """``upsert`` replaces the row with the same key, ``insert_new`` keeps it."""
    engine = databases.main_engine(tmp_path)
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
    engine = databases.main_engine(tmp_path)
    row = {"stage": "Andrews", "partition": 0, "position": 1}
    with pytest.raises(IntegrityError) as caught, writing(engine) as transaction:
        transaction.execute(insert(schema.positions), [row, row])
    engine.dispose()
    assert "Andrews" not in str(caught.value)

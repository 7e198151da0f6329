import shutil
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.errors import StoreBusy
from hub.store import schema, sqlite
from hub.store.engine import open_engine
from hub.streams import checkpointer
from hub.streams.checkpointer import FIRST_BYTES, LONGEST_LOG_BYTES
from hub.streams.direct import DirectAppend
from tests.waiting import until

COLUMNS = ("key", "headers", "value", "id", "feed", "control_id")


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    it = open_engine(f"sqlite:///{tmp_path / 'intake.db'}", schema.intake)
    yield it
    it.dispose()


def row(number: int) -> tuple[object, ...]:
    return (f"k{number}", b"{}", b"value", f"m{number}", "any", f"C{number}")


def ids(database: Engine) -> list[str]:
    with sqlite3.connect(str(database.url.database)) as other:
        found = [text for (text,) in other.execute("SELECT id FROM stream_raw ORDER BY offset")]
    other.close()
    return found


def test_rows_are_committed_together(database: Engine) -> None:
    """Another connection sees all rows of a call when it has returned."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    append([row(1), row(2)])
    assert ids(database) == ["m1", "m2"]
    append.close()


def test_a_row_that_does_not_fit_takes_its_call_with_it(database: Engine) -> None:
    """A call is all or nothing, and the next one works."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    with pytest.raises(sqlite3.IntegrityError):
        append([row(1), (None, b"{}", b"value", "m2", "any", "C2")])
    assert ids(database) == []
    append([row(3)])
    assert ids(database) == ["m3"]
    append.close()


def test_a_database_that_is_locked(database: Engine) -> None:
    """While another process holds the database the caller is told so, and may try again."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        append([row(1)])
    other.execute("ROLLBACK")
    other.close()
    append([row(1)])
    assert ids(database) == ["m1"]
    append.close()


def test_a_table_that_is_missing_is_not_a_busy_database(database: Engine) -> None:
    """A statement that can never work is not to be tried again."""
    append = DirectAppend(database, schema.stream_raw, (*COLUMNS, "wings"))
    with pytest.raises(sqlite3.OperationalError, match="wings"):
        append([(*row(1), "two")])
    append.close()


def test_the_log_is_written_back_beside_the_commits(database: Engine) -> None:
    """While rows are appended another thread writes SQLite's log back, so that it does not grow for ever."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    big = (*row(0)[:2], b"x" * 1024 * 1024, *row(0)[3:])
    for _ in range(LONGEST_LOG_BYTES * 3 // len(big[2])):
        append([big])
    assert Path(f"{database.url.database}-wal").stat().st_size < LONGEST_LOG_BYTES * 2
    assert len(ids(database)) == LONGEST_LOG_BYTES * 3 // len(big[2])
    append.close()


def test_the_log_gets_its_full_length_before_it_is_needed(database: Engine, tmp_path: Path) -> None:
    """Once something is written the log is as long as it will ever be, so that no commit has to make it longer; what
    a crash leaves of it, zeros at its end included, holds all that was committed."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    big = (*row(0)[:2], b"x" * FIRST_BYTES, *row(0)[3:])
    append([big])

    def appended_to_the_full_length() -> bool:
        append([row(next(numbers))])
        return (tmp_path / "intake.db-wal").stat().st_size >= LONGEST_LOG_BYTES

    numbers = count(1)
    until(appended_to_the_full_length)
    before = ids(database)
    (tmp_path / "crashed").mkdir()
    for name in ("intake.db", "intake.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / "crashed")
    append.close()
    left = open_engine(f"sqlite:///{tmp_path / 'crashed' / 'intake.db'}", schema.intake)
    assert ids(left) == before
    left.dispose()


def test_a_small_disk_keeps_its_room(database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk has not room for many such logs, the log is as long as what is in it."""
    monkeypatch.setattr(checkpointer, "ROOM", 2**40)
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    big = (*row(0)[:2], b"x" * FIRST_BYTES, *row(0)[3:])
    append([big])
    append.close()  # whoever looks after the log has ended
    assert (tmp_path / "intake.db-wal").stat().st_size < 2 * FIRST_BYTES


def test_a_file_that_was_removed(database: Engine, tmp_path: Path) -> None:
    """What is written to a file that no longer has its name is not durable; when the file is back, all goes on."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    append([row(1)])
    (tmp_path / "intake.db").rename(tmp_path / "elsewhere")
    for _ in range(2):
        with pytest.raises(StoreBusy):
            append([row(2)])
    (tmp_path / "elsewhere").rename(tmp_path / "intake.db")
    append([row(3)])
    assert ids(database)[-1] == "m3"
    append.close()


def test_a_file_that_was_replaced(database: Engine, tmp_path: Path) -> None:
    """A call after it writes to the file that has the name now."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    append([row(1)])
    with sqlite3.connect(tmp_path / "intake.db") as here, sqlite3.connect(tmp_path / "copy") as copy:
        here.backup(copy)
    here.close()
    copy.close()
    (tmp_path / "copy").replace(tmp_path / "intake.db")
    append([row(2)])
    assert ids(database) == ["m1", "m2"]
    append.close()


def test_a_file_that_is_no_database(database: Engine, tmp_path: Path) -> None:
    """Damage is waited out, not answered as a fault of the message."""
    append = DirectAppend(database, schema.stream_raw, COLUMNS)
    database.dispose()
    (tmp_path / "intake.db").write_bytes(b"no database at all " * 100)
    with pytest.raises(StoreBusy):
        append([row(1)])
    append.close()

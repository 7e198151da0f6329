import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from sqlalchemy import Column, MetaData, Table, insert, inspect, select, text

from hub.errors import ConfigurationError
from hub.store import migrations, schema
from hub.store.engine import open_engine, reading, writing
from hub.store.types import String
from tests import databases
from tools.migration import DATABASES, comparing

pytestmark = pytest.mark.usefixtures("each_database")

BOTH = pytest.mark.parametrize("name", DATABASES)
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("things", sa.Column("name", sa.String(), primary_key=True))
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("things", sa.Column("size", sa.Integer(), nullable=False, server_default="7"))
    {then}
"""


def url(folder: Path, name: str) -> str:
    settings = databases.settings(folder)
    return settings.main_url if name == "main" else settings.intake_url


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a history with one version so far."""
    folder = tmp_path / "migrations" / "things"
    folder.mkdir(parents=True)
    (folder / "v0001_first.py").write_text(FIRST)
    monkeypatch.setattr(migrations, "FOLDER", folder.parent)
    migrations._scripts.cache_clear()
    return folder


def things(*columns: Column[str]) -> MetaData:
    tables = MetaData(info={"migrations": "things"})
    Table("things", tables, Column("name", String, primary_key=True), *columns)
    return tables


def opening(database: str) -> list[str]:
    """Opens the database as a process of a hub does; returns its tables."""
    engine = open_engine(database, schema.main)
    with reading(engine) as connection:
        found = inspect(connection).get_table_names()
    engine.dispose()
    return sorted(found)


@BOTH
def test_a_new_database_has_what_the_schema_says(tmp_path: Path, name: str) -> None:
    """All scripts together make the tables, columns and indexes of ``hub/store/schema``; where one is missing,
    ``make migration`` writes it."""
    engine = open_engine(url(tmp_path, name), DATABASES[name])
    with reading(engine) as connection:
        assert compare_metadata(comparing(connection, name), DATABASES[name]) == []
        assert migrations.version(connection, name) == migrations.versions(name)[-1]
    engine.dispose()


@BOTH
def test_versions_have_no_gaps(name: str) -> None:
    """Scripts are numbered from 0001 on."""
    known = migrations.versions(name)
    assert known == tuple(f"{number:04}" for number in range(1, len(known) + 1))


def test_processes_that_start_at_once_do_not_meet(tmp_path: Path) -> None:
    """Four processes that open a new database at the same moment all find it complete."""
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(opening, [url(tmp_path, "main")] * 4))
    assert all(tables == found[0] for tables in found)
    assert set(schema.main.tables) | {"schema_main"} == set(found[0])


@BOTH
def test_a_database_of_a_newer_hub_is_refused(tmp_path: Path, name: str) -> None:
    """An older hub does not touch what it does not know, and says why."""
    engine = open_engine(url(tmp_path, name), DATABASES[name])
    with writing(engine) as transaction:
        transaction.execute(text(f"UPDATE schema_{name} SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigurationError, match=f"the {name} database has schema 9999 of a newer version"):
        open_engine(url(tmp_path, name), DATABASES[name])


def test_a_database_from_before_the_first_version_is_adopted(tmp_path: Path) -> None:
    """A database without a version gets one and the tables that it lacks, and keeps what it has."""
    older = MetaData()
    schema.positions.to_metadata(older)
    engine = open_engine(url(tmp_path, "main"), older)
    with writing(engine) as transaction:
        transaction.execute(insert(schema.positions), {"stage": "route", "partition": 0, "position": 7})
    engine.dispose()
    engine = open_engine(url(tmp_path, "main"), schema.main)
    with reading(engine) as connection:
        assert connection.execute(select(schema.positions.c.position)).scalar() == 7
        assert compare_metadata(comparing(connection, "main"), schema.main) == []
    engine.dispose()


def test_a_database_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """A table of the same name with other columns is not the hub's; nothing is changed."""
    older = MetaData()
    Table("positions", older, Column("stage", String, primary_key=True))
    open_engine(url(tmp_path, "main"), older).dispose()
    with pytest.raises(ConfigurationError, match=r"positions is from before .* lacks partition, position"):
        open_engine(url(tmp_path, "main"), schema.main)
    engine = open_engine(url(tmp_path, "main"), older)
    with reading(engine) as connection:
        assert inspect(connection).get_table_names() == ["positions"]
    engine.dispose()


def test_an_older_database_is_brought_up_to_date(tmp_path: Path, history: Path) -> None:
    """What is in a database stays when the next version changes its tables."""
    engine = open_engine(url(tmp_path, "main"), things())
    with writing(engine) as transaction:
        transaction.execute(text("INSERT INTO things (name) VALUES ('one')"))
    engine.dispose()
    (history / "v0002_size.py").write_text(SECOND.format(then=""))
    migrations._scripts.cache_clear()
    engine = open_engine(url(tmp_path, "main"), things())
    with reading(engine) as connection:
        assert connection.execute(text("SELECT name, size FROM things")).all() == [("one", 7)]
        assert migrations.version(connection, "things") == "0002"
    engine.dispose()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, history: Path) -> None:
    """A script that breaks half-way leaves the older version as it was."""
    open_engine(url(tmp_path, "main"), things()).dispose()
    (history / "v0002_size.py").write_text(SECOND.format(then="raise RuntimeError('broken')"))
    migrations._scripts.cache_clear()
    with pytest.raises(RuntimeError, match="broken"):
        open_engine(url(tmp_path, "main"), things())
    shutil.rmtree(history)
    engine = open_engine(url(tmp_path, "main"), MetaData())
    with reading(engine) as connection:
        assert [column["name"] for column in inspect(connection).get_columns("things")] == ["name"]
        assert migrations.version(connection, "things") == "0001"
    engine.dispose()

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from hub.errors import ConfigurationError, StoreBusy
from hub.store import postgres, schema
from hub.store.engine import Turn, is_durable, open_engine, reading, writing
from tests.postgres import Databases, serving

A, B = ({"stage": stage, "partition": 0, "position": 1} for stage in ("a", "b"))


@pytest.fixture(scope="module")
def server(postgres_server: Databases) -> Iterator[Databases]:
    yield postgres_server
    postgres_server.drop()


@pytest.fixture
def engine(server: Databases, tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(server.url(str(tmp_path)), schema.main)
    yield opened
    opened.dispose()


def positions(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {row.stage: row.position for row in connection.execute(select(schema.positions))}


def move(transaction: Connection, stage: str) -> None:
    table = schema.positions
    transaction.execute(update(table).where(table.c.stage == stage).values(position=2))


def test_a_server_that_comes_back_is_found_again(postgres_binaries: Path) -> None:
    """While the server is gone its database is busy; when it is there again everything goes on, with all that was
    committed before."""
    with serving(postgres_binaries) as server:
        engine = open_engine(server.admin, schema.main)
        with writing(engine) as transaction:
            transaction.execute(insert(schema.positions), A)
        server.kill()
        for attempt in (reading, writing):
            with pytest.raises(StoreBusy), attempt(engine) as connection:
                connection.execute(select(schema.positions))
        server.start()
        assert positions(engine) == {"a": 1}
        engine.dispose()


def test_a_server_that_dies_in_a_transaction_keeps_nothing_of_it(postgres_binaries: Path) -> None:
    """A transaction whose server is killed is a busy database, and has left nothing when the server is back."""
    with serving(postgres_binaries) as server:
        engine = open_engine(server.admin, schema.main)
        with pytest.raises(StoreBusy), writing(engine) as transaction:  # noqa: PT012 - the commit is what fails
            transaction.execute(insert(schema.positions), A)
            server.kill()
        server.start()
        assert positions(engine) == {}
        engine.dispose()


def test_a_server_that_is_not_there_is_busy(postgres_binaries: Path) -> None:
    """Opening a database whose server does not answer may be tried again, and the error names the server."""
    with serving(postgres_binaries) as server:
        server.kill()
        with pytest.raises(StoreBusy, match=str(server.port)):
            open_engine(server.admin, schema.main)
        server.start()


def test_a_server_that_takes_no_more_connections_is_busy(postgres_binaries: Path) -> None:
    """Too many connections are a matter of time."""
    few = ("max_connections=5", "superuser_reserved_connections=0")
    with serving(postgres_binaries, *few) as server, ExitStack() as all_:
        engine = open_engine(server.admin, schema.main)
        all_.callback(engine.dispose)
        for _ in range(5):
            all_.enter_context(reading(engine)).execute(select(1))
        with pytest.raises(StoreBusy, match="too many clients"), reading(engine):
            pass


def test_commits_are_durable_whatever_the_server_says(postgres_binaries: Path) -> None:
    """A server that may lose commits by its settings loses none of the hub's; one without fsync is found out."""
    with serving(postgres_binaries, "synchronous_commit=off") as server:
        engine = open_engine(server.admin, schema.main)
        with reading(engine) as connection:
            assert is_durable(connection)
        engine.dispose()
    with serving(postgres_binaries, "fsync=off") as server:
        engine = open_engine(server.admin, schema.main)
        with reading(engine) as connection:
            assert not is_durable(connection)
        engine.dispose()


def test_who_gave_way_in_a_deadlock_may_try_again(engine: Engine) -> None:
    """Of two transactions that wait for one another one is busy, and the other one commits."""
    with writing(engine) as transaction:
        transaction.execute(insert(schema.positions), [A, B])
    met = Barrier(2)

    def cross(first: str, second: str) -> bool:
        try:
            with writing(engine, Turn.STAGE) as transaction:
                move(transaction, first)
                met.wait()
                move(transaction, second)
        except StoreBusy:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(cross, ("a", "b"), ("b", "a"))) == [False, True]
    assert positions(engine) == {"a": 2, "b": 2}


def test_stages_write_beside_one_another_and_everybody_else_alone(engine: Engine) -> None:
    """A stage does not wait for another stage; who writes alone waits for all stages, and who appends for nobody."""

    def write(turn: Turn) -> None:
        with writing(engine, turn) as transaction:
            transaction.execute(select(1))

    with ThreadPoolExecutor(1) as pool, writing(engine, Turn.STAGE):
        write(Turn.STAGE)
        write(Turn.APPENDING)
        alone = pool.submit(write, Turn.ALONE)
        assert wait([alone], timeout=0.2).not_done
    alone.result()
    with writing(engine):
        write(Turn.APPENDING)


def test_who_is_silent_in_a_transaction_loses_it(
    server: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is frozen in the middle of its transaction does not hold up the others for ever; when it goes on,
    nothing of the transaction is left."""
    other = open_engine(server.url(str(tmp_path)), schema.main)  # makes the tables, for which it has all the time
    monkeypatch.setattr(postgres, "ABSENT_SECONDS", 0.5)
    frozen = open_engine(server.url(str(tmp_path)), schema.main)
    with pytest.raises(StoreBusy), writing(frozen) as transaction:  # noqa: PT012 - the silence is in between
        transaction.execute(insert(schema.positions), A)
        with writing(other) as another:
            another.execute(insert(schema.positions), B)
        transaction.execute(select(1))
    assert positions(other) == {"b": 1}
    frozen.dispose()
    other.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql+asyncpg://localhost/x", "nonsense"])
def test_other_databases_are_refused(url: str) -> None:
    """A URL of anything but SQLite and PostgreSQL is a mistake in the settings."""
    with pytest.raises(ConfigurationError, match="HUB_DATABASE_URL: must be the URL of an SQLite or PostgreSQL"):
        open_engine(url, schema.main)


@pytest.mark.parametrize("name", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_url_may_begin_as_people_write_it(server: Databases, tmp_path: Path, name: str) -> None:
    """All usual names of PostgreSQL lead to the one driver."""
    engine = open_engine(server.url(str(tmp_path)).replace("postgresql+psycopg", name), schema.main)
    assert positions(engine) == {}
    engine.dispose()

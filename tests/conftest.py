"""How thorough tests with generated data are, and the servers that tests run against."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests import broker, databases, postgres

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
"""Without the explanation of what lines are at fault, which takes minutes of a failing test."""

# Always the same examples, or with ``make fuzz`` many others.
settings.register_profile(
    "same", derandomize=True, database=None, deadline=None, phases=PHASES, suppress_health_check=SLOW
)
settings.register_profile("fuzz", max_examples=500, deadline=None, phases=PHASES, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def postgres_binaries() -> Path:
    """Where PostgreSQL's programs are; without them tests are skipped, or fail where they are required."""
    found = postgres.binaries()
    if found is None:
        assert not os.environ.get(postgres.REQUIRED), f"{postgres.REQUIRED} is set and there is no PostgreSQL"
        pytest.skip(f"no PostgreSQL server (Debian: apt-get install postgresql; or name one by {postgres.GIVEN})")
    return found


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[postgres.Databases]:
    """A PostgreSQL server for all tests that only use it: the given one, or one of our own that waits for no disk."""
    if given := os.environ.get(postgres.GIVEN):
        yield postgres.Databases(given)
        return
    with postgres.serving(request.getfixturevalue("postgres_binaries"), "fsync=off") as server:
        yield postgres.Databases(server.admin)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def each_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The tests of the module run twice: hubs keep their data in SQLite, and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.param
        return
    with databases.kept_on(request.getfixturevalue("postgres_server")):
        yield request.param


@pytest.fixture(scope="session")
def kafka_is_here() -> None:
    """Without what a broker needs tests are skipped, or fail where it is required."""
    if missing := broker.why_not():
        assert not broker.required(), f"{broker.REQUIRED} is set, and there is {missing}"
        pytest.skip(missing)


@pytest.fixture(scope="session")
def kafka_topics(request: pytest.FixtureRequest) -> Iterator[broker.Topics]:
    """A broker for all tests that only use it: the given one, or one of our own. Topics are new for each name."""
    if given := os.environ.get(broker.GIVEN):
        yield broker.Topics(given)
        return
    request.getfixturevalue("kafka_is_here")
    with broker.serving() as running:
        yield broker.Topics(running.address, running.guarded)

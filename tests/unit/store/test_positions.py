from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.errors import Superseded
from hub.model import Stage
from hub.store import positions
from hub.store.engine import writing
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = databases.main_engine(tmp_path)
    yield opened
    opened.dispose()


def advance(engine: Engine, expected: int, position: int) -> None:
    with writing(engine) as transaction:
        positions.advance(transaction, Stage.ROUTE, 0, expected, position)


def test_a_stage_begins_before_the_first_record(engine: Engine) -> None:
    """A stage that has read nothing stands before the first record."""
    assert positions.read(engine, Stage.ROUTE, 0) == positions.START


def test_a_position_moves_from_where_it_was_expected(engine: Engine) -> None:
    """Each stage has its own position, which moves by compare-and-set."""
    advance(engine, positions.START, 7)
    advance(engine, 7, 9)
    assert positions.read(engine, Stage.ROUTE, 0) == 9
    assert positions.read(engine, Stage.CONVERT, 0) == positions.START


@pytest.mark.parametrize("expected", [positions.START, 6, 8])
def test_a_position_that_has_moved_supersedes(engine: Engine, expected: int) -> None:
    """Whoever expects another position has been overtaken, and changes nothing."""
    advance(engine, positions.START, 7)
    with pytest.raises(Superseded):
        advance(engine, expected, 9)
    assert positions.read(engine, Stage.ROUTE, 0) == 7

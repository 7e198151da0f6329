from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.services.context import Hub
from hub.services.stages import drain
from hub.store.continuity import gap_between
from tests.unit.services import hospital
from tests.unit.services.hospital import accept, adt


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """One that has read two messages, and not yet a third."""
    with closing(hospital.opened(tmp_path / "mine")) as hub:
        accept(hub, adt("M1"), adt("M2"))
        drain(hub)
        accept(hub, adt("M3"))
        yield hub


def test_databases_that_belong_together(hub: Hub, tmp_path: Path) -> None:
    """Nothing is wrong with them, nor with two that are new."""
    assert gap_between(hub.main, hub.intake) == ""
    with closing(hospital.opened(tmp_path / "new")) as new:
        assert gap_between(new.main, new.intake) == ""


def test_a_log_that_ends_too_early(hub: Hub, tmp_path: Path) -> None:
    """A log that is shorter than what was read of it would number anew what was read."""
    with closing(hospital.opened(tmp_path / "other")) as other:
        accept(other, adt("M1"))
        assert "it is older; put the intake.db" in gap_between(hub.main, other.intake)


def test_a_log_of_another_hub(hub: Hub, tmp_path: Path) -> None:
    """A log that is long enough, but of messages that nobody here knows, is another hub's."""
    with closing(hospital.opened(tmp_path / "other")) as other:
        accept(other, adt("X1"), adt("X2"), adt("X3"))
        assert "it is another's; put the intake.db" in gap_between(hub.main, other.intake)

"""What the tests that kill and freeze processes share."""

from pathlib import Path

import pytest

from tests.crash.simulated_day import write_site


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the simulated practices."""
    return write_site(tmp_path_factory.mktemp("config"))

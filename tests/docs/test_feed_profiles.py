from pathlib import Path

import pytest

from hub.mappers.z_segment import READERS
from hub.settings import Feed
from hub.settings.repairs import REPAIRS

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "feed-profiles.md").read_text(encoding="utf-8")
EXAMPLE = (Path(__file__).parents[2] / "fixtures" / "feeds" / "sundown.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*REPAIRS, *READERS])
def test_every_repair_and_type_is_documented(name: str) -> None:
    """The page on profiles names each repair and each type of a Z field's value."""
    assert f"`{name}`" in PAGE or f"`{name}: " in PAGE


@pytest.mark.parametrize("key", ["repairs", "defaults", "codes", "z_segments", "tests"])
def test_every_part_of_a_profile_is_shown(key: str) -> None:
    """The page and the example feed show each part of a profile."""
    assert key in Feed.model_fields
    assert f"\n{key}:" in PAGE
    assert f"\n{key}:" in EXAMPLE

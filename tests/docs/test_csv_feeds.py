"""The page on CSV feeds names all that a feed of rows can say."""

from pathlib import Path

import pytest
import yaml

from hub import registry
from hub.formats.rows import KINDS
from hub.services.checks.feeds import complaints
from hub.settings import Column, Feed, TableUse

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "csv-feeds.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_field_is_documented(kind: object) -> None:
    """Each type of rows and each of its fields has a line, which says of the field what it is."""
    known = KINDS[kind.name]  # type: ignore[attr-defined]
    assert f"| `{known.name}` | {known.about} |" in PAGE
    lines = {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| `")}
    missing = [name for name, field in known.fields.items() if f"{field.about} |" not in PAGE]
    assert not missing
    assert not [name for name in known.fields if f"`{name}`" not in lines]


@pytest.mark.parametrize("name", [*TableUse.model_fields, *Column.model_fields])
def test_every_part_of_the_mapping_is_documented(name: str) -> None:
    """Each key of ``table`` and of a column is explained."""
    assert f"| `{name}`" in PAGE or f", `{name}` |" in PAGE


def test_the_example_is_right() -> None:
    """The feed on the page passes the check."""
    registry.load_all()
    text = PAGE.split("```yaml\n", 1)[1].split("```", 1)[0]
    assert not list(complaints(Feed.model_validate(yaml.safe_load(text))))

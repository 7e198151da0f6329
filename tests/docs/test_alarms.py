import re
from pathlib import Path

import pytest

from hub.health.alarms import AlarmKind
from hub.settings import Expect, Feed, PluginUse, load_file

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "alarms.md").read_text(encoding="utf-8")
ROWS = {
    found[1]: found[0].strip("|").split("|") for found in re.finditer(r"^\| `([a-z]+)` \|.*\|$", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_is_documented(kind: AlarmKind) -> None:
    """The table says of each kind what it means, what to do, how it closes and what moves it."""
    assert [cell.strip() for cell in ROWS[kind]].count("") == 0
    assert len(ROWS[kind]) == 5


def test_engineers_find_every_alarm_on_their_page() -> None:
    """The page for interface engineers has a row for each kind, and no other."""
    page = (DOCS / "how-to" / "point-an-engine-here.md").read_text(encoding="utf-8")
    table = page[page.index("| alarm | opens when |") :]
    assert set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)) == set(AlarmKind)


def test_no_alarm_is_documented_that_is_not_there() -> None:
    """The table has no row more than there are kinds."""
    assert set(ROWS) == set(AlarmKind)


@pytest.mark.parametrize("key", tuple(Expect.model_fields))
def test_every_key_of_expect_is_documented(key: str) -> None:
    """The page names each key of what is expected of a feed."""
    assert re.search(rf"\b{key}:", PAGE)


def test_the_examples_are_sound(tmp_path: Path) -> None:
    """What the page shows can be read as the file of a feed."""
    for example in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        (tmp_path / "x.yaml").write_text(f"name: x\nadapter: {{kind: mllp}}\n{example}")
        assert load_file(tmp_path / "x.yaml", Feed).expect != Feed(name="x", adapter=PluginUse(kind="mllp")).expect

"""The commands that the pages show are run, and print what the pages say."""

from pathlib import Path

import pytest

from tests.docs.console import ROOT, commands, matches, terminal

PAGES = [page for page in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]) if commands(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_print_what_the_page_says(page: Path, tmp_path: Path) -> None:
    """Each command of a page succeeds, in order, and prints what stands below it."""
    with terminal(tmp_path / "var") as opened:
        for command in commands(page):
            opened.check(command)


def test_the_readme_shows_something() -> None:
    """The README has commands with their output."""
    assert [command for command in commands(ROOT / "README.md") if command.expected]


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb", "a\nb", True),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("id …", "id 4711", True),
        ("id …\nb", "id 4711\nc", False),
        ("a", "a\nb", False),
    ],
)
def test_output_is_compared_line_by_line(expected: str, printed: str, same: bool) -> None:
    """``…`` stands for any text of a line and ``...`` for any lines; all else must be the same."""
    assert matches(expected, printed) is same

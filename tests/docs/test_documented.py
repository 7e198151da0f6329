"""What there is, is documented; and what is documented, is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from hub.cli.app import app
from hub.settings import Settings, variable

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def all_commands() -> Iterator[tuple[str, Any]]:
    """Each command with its full name, families before their members."""

    def members(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        for child, inner in getattr(command, "commands", {}).items():
            yield from members(f"{name} {child}", inner)

    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from members(f"hub {name}", command)


def sections(page: Path) -> dict[str, str]:
    """The text below each heading of a page that names a command."""
    parts = re.split(r"^#+ `(.+)`$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", tuple(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    """The settings page has a row for each variable, with its default."""
    rows = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8").splitlines()
    row = next((row for row in rows if row.startswith(f"| `{variable(name)}` |")), "")
    assert row, f"{variable(name)} is missing"
    default = str(Settings.model_fields[name].default)
    assert not default or f"| `{default}` |" in row


@pytest.mark.parametrize(("name", "command"), tuple(all_commands()))
def test_every_command_is_documented(name: str, command: Any) -> None:
    """The commands page has a section for each command that names each of its options and arguments."""
    arguments = [p.metavar for p in command.params if p.param_type_name == "argument"]
    section = sections(DOCS / "reference" / "commands.md").get(" ".join([name, *arguments]))
    assert section is not None, f"{name} is missing"
    options = [o for p in command.params if p.param_type_name == "option" for o in (*p.opts, *p.secondary_opts)]
    missing = [o for o in [*options, *arguments] if f"`{o}`" not in section and o != "--help"]
    assert not missing


def test_no_command_is_documented_that_is_not_there() -> None:
    """The commands page has no section more than there are commands."""
    known = {name for name, _ in all_commands()}
    told = {re.sub(r" [A-Z].*", "", heading) for heading in sections(DOCS / "reference" / "commands.md")}
    assert told == known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file."""
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert not [link for link in links if not (page.parent / link).exists()]


def test_every_page_is_reached() -> None:
    """Each page of docs/ is linked from another one."""
    linked = {
        (page.parent / link).resolve() for page in PAGES for link in LINK.findall(page.read_text(encoding="utf-8"))
    }
    assert not [page for page in PAGES if page.resolve() not in linked and page.parent != ROOT]


def test_the_readme_is_short() -> None:
    """The README has at most 120 lines."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120

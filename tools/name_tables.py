"""Writes the name tables of ``hub/identity/tables`` from what their sources publish:

    python tools/name_tables.py CENSUS FAKER NICKNAMES

CENSUS holds ``dist.female.first``, ``dist.male.first`` and ``dist.all.last`` of the U.S. Census Bureau's name files of
1990 (public domain), FAKER the sources of the package Faker (MIT), NICKNAMES is ``names.csv`` of the package nicknames
(Apache-2.0).
"""

import ast
import csv
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

TABLES = Path(__file__).parent.parent / "hub" / "identity" / "tables"
GIVEN_SHARE = 0.00003
"""Rarer given names are taken for slips of the pen in the census, unless another source has them."""
COMMON_SHARE = 0.001
SURNAME_SHARE = 0.00005
"""Rarer surnames are taken for as rare as this: the file stays short enough to be read."""


def main(census: Path, faker: Path, nicknames: Path) -> None:
    women, men = (dict(_shares(census / f"dist.{sex}.first")) for sex in ("female", "male"))
    shares = ((name, (women.get(name, 0) + men.get(name, 0)) / 2) for name in women | men)
    given = {name: share for name, share in shares if share >= GIVEN_SHARE}
    _write("given_names.csv", ("name", "share"), _rows(dict.fromkeys(_first_names(faker), 0.0) | given))
    surnames = {name: share for name, share in _shares(census / "dist.all.last") if share >= SURNAME_SHARE}
    _write("surnames.csv", ("name", "share"), _rows(surnames))
    with nicknames.open(encoding="utf-8") as file:
        pairs = {(_letters(row["name1"]), _letters(row["name2"])) for row in csv.DictReader(file)}
    _write("nicknames.csv", ("name", "short"), sorted(pair for pair in pairs if _is_short_form(*pair, given)))


def _is_short_form(name: str, short: str, given: dict[str, float]) -> bool:
    """Whether a pair is believed: not two common names that begin differently (PATRICK and PETER)."""
    both_common = min(given.get(name, 0), given.get(short, 0)) >= COMMON_SHARE
    related = name[:3] == short[:3] or short in name or name in short
    return bool(name and short) and name != short and (related or not both_common)


def _shares(path: Path) -> Iterator[tuple[str, float]]:
    for line in path.read_text(encoding="ascii").splitlines():
        name, percent, *_ = line.split()
        yield name.lower(), float(percent) / 100


def _first_names(faker: Path) -> Iterator[str]:
    """Every first name of the locales that are written in Latin letters."""
    for source in sorted((faker / "providers" / "person").glob("*/__init__.py")):
        for statement in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(statement, ast.Assign) and _is_first_names(statement.targets[0]):
                texts = (n.value for n in ast.walk(statement.value) if isinstance(n, ast.Constant))
                yield from (name for text in texts if isinstance(text, str) and (name := _letters(text)))


def _is_first_names(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id.startswith("first_")


def _letters(text: str) -> str:
    """As ``hub.identity.normal.letters``; empty for names of other scripts and of one letter."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalpha())
    return plain if plain.isascii() and len(plain) > 1 else ""


def _rows(shares: dict[str, float]) -> Iterator[tuple[str, str]]:
    return ((name, _share(share)) for name, share in sorted(shares.items()))


def _share(share: float) -> str:
    return f"{share:.6f}".rstrip("0") if share else ""


def _write(name: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (TABLES / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

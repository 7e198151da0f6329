"""What identity knows beforehand, as data.

- ``given_names.csv``: given names, and the share of people in the United States who have one (U.S. Census Bureau, name
  files of 1990, public domain); names without a share are given names of other countries (package Faker, MIT).
- ``surnames.csv``: family names and their shares, those of more than 0.005 % (the same name files).
- ``nicknames.csv``: names and the short forms and variants that are used for them (package nicknames, Apache-2.0).
- ``weights.csv``: how much each agreement and disagreement says; see ``weights``.

``tools/name_tables.py`` writes the first three from their sources. A file is read when something first asks for it.
"""

import csv
from functools import cache
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of ``name.csv`` by the names of its columns."""
    return list(csv.DictReader((files(__name__) / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


@cache
def given_names() -> dict[str, float]:
    """Given names (letters only) and the share of people who have one; 0 where it is not known."""
    return _shares("given_names")


@cache
def surnames() -> dict[str, float]:
    """Common family names (letters only) and the share of people who have one."""
    return _shares("surnames")


@cache
def short_forms() -> dict[str, frozenset[str]]:
    """The names, each with those that it may stand for, itself included: ``bob`` with ``robert``."""
    stands_for: dict[str, set[str]] = {}
    for row in rows("nicknames"):
        stands_for.setdefault(row["short"], {row["short"]}).add(row["name"])
        stands_for.setdefault(row["name"], {row["name"]})
    return {name: frozenset(names) for name, names in stands_for.items()}


def _shares(name: str) -> dict[str, float]:
    return {row["name"]: float(row["share"] or 0) for row in rows(name)}

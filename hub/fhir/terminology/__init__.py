"""HL7's terminology as data: one CSV file for each v2 table (``v2-0001.csv``), and the names of coding systems.

A file is read when something first asks for it.
"""

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a file by the names of its columns; a file that there is not has none."""
    file = files(__name__) / f"{name}.csv"
    if not file.is_file():
        return []
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines(), restval=""))

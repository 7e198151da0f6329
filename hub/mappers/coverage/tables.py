"""The HL7 tables of fields (HL7 v2.8.2, chapter 2C), and what the codes of a table are translated to.

``coded_fields.csv`` has the fields whose codes are translated, and as table ``SI`` those that count segments.
"""

import csv
from functools import cache
from importlib.resources import files

from hub.fhir.coding_systems import canonical
from hub.fhir.terminology import rows

SET_ID = "SI"
"""In place of a table's number: the field counts the segments of its kind."""


def table_of(field: str) -> str:
    """The number of the table of a field (``PID-8.1`` → ``0001``), empty where none is translated."""
    return _fields().get(field, "")


@cache
def meanings(code: str, table: str) -> frozenset[str]:
    """What a code means by a table, in lower case; a longer code of a field without a table by any table."""
    numbers = (table,) if table else sorted(set(_fields().values()) - {SET_ID}) if len(code) > 2 else ()
    found = (row["target_code"] for number in numbers for row in _rows(number) if row["code"].upper() == code)
    return frozenset(target.casefold() for target in found if target)


@cache
def system_of(name: str) -> str:
    """The canonical URI of a coding system's name in lower case, empty for one that HL7 does not know."""
    return canonical(name).casefold()


@cache
def _fields() -> dict[str, str]:
    text = (files(__package__) / "coded_fields.csv").read_text(encoding="utf-8")
    return {row["field"]: row["table"] for row in csv.DictReader(text.splitlines())}


@cache
def _rows(number: str) -> tuple[dict[str, str], ...]:
    return tuple(row for row in rows(f"v2-{number}") if row.get("target_code"))

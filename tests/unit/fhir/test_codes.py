import csv
import importlib
import pkgutil
from pathlib import Path

import pytest

from hub import fhir, mappers
from hub.fhir import terminology
from hub.fhir.codes import GENDER, MARITAL_STATUS, RELATIONSHIP, RELATIONSHIP_CONTACT, Table, table_with, untranslated
from hub.fhir.systems import V2

FILES = sorted(Path(terminology.__file__).parent.glob("v2-*.csv"))
COLUMNS = ["code", "display", "target_system", "target_code", "target_display", "comment"]


def tables() -> list[Table]:
    """Every table that a mapper names."""
    found = [
        info.name for room in (fhir, mappers) for info in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")
    ]
    named = {t for name in found for t in vars(importlib.import_module(name)).values() if isinstance(t, Table)}
    return sorted(named, key=lambda t: (t.number, t.system))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file(file: Path) -> None:
    """A file has its table's codes, each with a name or a meaning, and at most one meaning in a code system."""
    with file.open(encoding="utf-8", newline="") as lines:
        header, *found = csv.reader(lines)
    assert header == COLUMNS[: len(header)]
    assert all(len(row) == len(header) for row in found)
    meanings = [(row[0], row[2] if len(row) > 2 else "") for row in found]
    assert len(set(meanings)) == len(meanings)
    for code, display, *target in found:
        assert code
        assert code == " ".join(code.split())
        assert display or target[1]
        assert not target or bool(target[0]) == bool(target[1])


@pytest.mark.parametrize("table", tables(), ids=lambda t: f"{t.number}-{t.system.rpartition('/')[2]}")
def test_table(table: Table) -> None:
    """A table that a mapper names has a number of four digits, and its meanings are in its file."""
    assert len(table.number) == 4
    assert table.number.isdigit()
    assert bool(table.system) == any(table.codes.values())
    assert set(table.displays) == set(filter(None, table.codes.values()))


def test_table_with() -> None:
    """Of several tables of one field the one that translates the code is taken."""
    assert table_with("EMC", RELATIONSHIP, RELATIONSHIP_CONTACT) is RELATIONSHIP_CONTACT
    assert table_with("??", RELATIONSHIP, RELATIONSHIP_CONTACT) is RELATIONSHIP


def test_codes_are_found_in_upper_case() -> None:
    """A code of mixed case is found as HL7 writes it and in upper case."""
    status = Table("0278", "http://hl7.org/fhir/appointmentstatus")
    assert status.codes["Noshow"] == status.codes["NOSHOW"] == "noshow"


def test_a_code_without_a_meaning_is_known() -> None:
    """A code that means nothing in the target system is in the table, with its name."""
    assert MARITAL_STATUS.codes["O"] == ""
    assert MARITAL_STATUS.names["O"] == "Other"
    assert untranslated(GENDER).codes["F"] == ""
    assert untranslated("0001").source == V2 + "0001"


def test_a_table_of_the_site_has_no_codes() -> None:
    """A table for which HL7 suggests no codes is empty."""
    assert Table("0018").codes == {}

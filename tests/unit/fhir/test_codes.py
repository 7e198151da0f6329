import pytest

from hub.fhir import codes
from hub.fhir.codes import RELATIONSHIP, RELATIONSHIP_CONTACT, Table, table_with

TABLES = [table for table in vars(codes).values() if isinstance(table, Table)]


@pytest.mark.parametrize("table", TABLES, ids=lambda t: f"{t.number}-{t.system.rpartition('/')[2]}")
def test_table(table: Table) -> None:
    """A table has a number of four digits, a target system where it translates, and words only for target codes."""
    assert len(table.number) == 4
    assert table.number.isdigit()
    assert table.system or not any(table.codes.values())
    assert set(table.displays) <= set(table.codes.values())


def test_table_with() -> None:
    """Of several tables of one field the one that knows the code is taken."""
    assert table_with("EMC", RELATIONSHIP, RELATIONSHIP_CONTACT) is RELATIONSHIP_CONTACT
    assert table_with("??", RELATIONSHIP, RELATIONSHIP_CONTACT) is RELATIONSHIP

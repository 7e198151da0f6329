from pathlib import Path

import pytest
from sqlalchemy import String as AnyString
from sqlalchemy import insert, select

from hub.store import persons, schema
from hub.store.engine import reading, writing
from hub.store.types import LONGEST_KEY, Key, Text
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")


def record(key: str, person_id: str = "p") -> dict[str, object]:
    said = {"key": key, "person_id": person_id, "family": "", "given": "", "birth_date": ""}
    return {**said, "demographics": b"{}", "evidence": b"[]", "updated_at": ""}


def test_texts_sort_by_code_point(tmp_path: Path) -> None:
    """The order of texts is that of their code points on every database and in every locale."""
    keys = ["a-c", "ab", "a|b", "B", "Z", "Ä", "a", "ä", "z", "1", "-1"]
    engine = databases.main_engine(tmp_path)
    with writing(engine) as transaction:
        transaction.execute(insert(schema.source_records), [record(key) for key in keys])
        found = transaction.execute(select(schema.source_records.c.key).order_by(schema.source_records.c.key))
        assert list(found.scalars()) == sorted(keys)
    engine.dispose()


def test_an_identifier_is_found_exactly(tmp_path: Path) -> None:
    """A person is found by a whole identifier as it is written, not by its end, another case or a wildcard."""
    engine = databases.main_engine(tmp_path)
    with writing(engine) as transaction:
        transaction.execute(insert(schema.source_records), [record("urn:x|AB12", "one"), record("urn:x|ab12", "two")])
        wanted = ("AB12", "ab12", "b12", "%12", "one")
        assert [persons.matching(transaction, text) for text in wanted] == [{"one"}, {"two"}, set(), set(), {"one"}]
    engine.dispose()


@pytest.mark.parametrize("monster", ["x" * 10_000, "\N{GRINNING FACE}" * 3_000, "a" * LONGEST_KEY + "b"])
def test_a_monstrous_key_stays_itself(tmp_path: Path, monster: str) -> None:
    """An identifier of any length is kept apart from others that begin like it, and found by itself."""
    engine = databases.main_engine(tmp_path)
    with writing(engine) as transaction:
        persons.save(transaction, [record(monster, "one"), record(monster + "!", "two"), record(monster, "three")])
    with reading(engine) as connection:
        assert [row.person_id for row in persons.by_keys(connection, [monster])] == ["three"]
        assert len(persons.of_persons(connection, ["one", "two", "three"])) == 2
    engine.dispose()


def test_nul_in_a_text_is_seen(tmp_path: Path) -> None:
    """A text with NUL, which PostgreSQL cannot hold, is kept with a picture of it, and found as it was."""
    engine = databases.main_engine(tmp_path)
    with writing(engine) as transaction:
        persons.save(transaction, [record("urn:x|a\0b")])
        assert [row.key for row in persons.by_keys(transaction, ["urn:x|a\0b"])] == ["urn:x|a␀b"]
    engine.dispose()


def test_every_text_of_the_schema_has_these_types() -> None:
    """No column of a text has a type of SQLAlchemy's own, which would sort in the server's way; one is a ``Key`` where
    it is in an index, and only there, because a ``Key`` may be cut."""
    tables = [*schema.main.tables.values(), *schema.intake.tables.values()]
    assert [f"{t.name}.{c.name}" for t in tables for c in t.columns if isinstance(c.type, AnyString)] == []
    texts = {(t.name, c.name): c for t in tables for c in t.columns if isinstance(c.type, Text)}
    indexed = {(t.name, c.name) for t in tables for index in (t.primary_key, *t.indexes) for c in index.columns}
    assert {place for place, column in texts.items() if isinstance(column.type, Key)} == indexed & texts.keys()


def test_a_long_text_that_is_no_key_stays_whole(tmp_path: Path) -> None:
    """What is in no index is kept as it is, however long."""
    engine = databases.main_engine(tmp_path)
    long = "x" * 5_000
    with writing(engine) as transaction:
        transaction.execute(insert(schema.source_records), record("k") | {"given": long})
        assert transaction.execute(select(schema.source_records.c.given)).scalar() == long
    engine.dispose()

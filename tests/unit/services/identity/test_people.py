from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from hub.services import stages
from hub.services.context import Hub
from hub.store import persons, schema
from hub.store.engine import reading, writing
from tests.unit.services.hospital import accept, adt, opened

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    opened_hub = opened(tmp_path)
    yield opened_hub
    opened_hub.close()


def send(hub: Hub, *bodies: bytes) -> None:
    accept(hub, *bodies)
    stages.drain(hub)


def count(hub: Hub, what: object) -> int:
    with reading(hub.main) as connection:
        return int(connection.execute(select(func.count(what))).scalar_one())  # type: ignore[arg-type]


def people_of(hub: Hub) -> int:
    return count(hub, schema.source_records.c.person_id.distinct())


def test_a_person_is_found_by_what_any_of_the_records_says(hub: Hub) -> None:
    """A patient who has moved is found by the new address, which only the second system knows, and by the old one."""
    send(hub, adt("M1"), adt("M2", mrn="70045", visit="V2", phone="2125550177"))
    send(hub, adt("M3", mrn="A1", phone="8455550142", visit="V3"), adt("M4", mrn="A2", phone="2125550177", visit="V4"))
    assert people_of(hub) == 1


def test_records_that_say_the_same_are_in_their_blocks_once(hub: Hub) -> None:
    """Ten numbers of one person cost the look-up of another no more than one."""
    send(hub, adt("M1"))
    blocks = count(hub, schema.identity_blocks.c.block)
    send(hub, *(adt(f"N{n}", mrn=f"9{n}", visit=f"W{n}") for n in range(10)))
    assert people_of(hub) == 1
    assert count(hub, schema.identity_blocks.c.block) == blocks


def test_records_of_another_release_are_put_into_blocks(hub: Hub, tmp_path: Path) -> None:
    """A database in which the blocks are missing or of other rules gets them when it is opened."""
    send(hub, adt("M1"))
    with writing(hub.main) as transaction:
        transaction.execute(delete(schema.identity_blocks))
        persons.note_rules(transaction, "blocks", 1)
    again = opened(tmp_path)
    send(again, adt("M2", mrn="99001", visit="V2"))
    assert people_of(again) == 1
    again.close()

"""Workers in processes of their own make the same new persons at one moment, for facilities that share no number."""

import multiprocessing
import random
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.identity.demographics import Demographics
from hub.services.identity import people
from hub.store import schema
from hub.store.engine import Turn, open_engine, reading, writing
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")

PERSONS, WORKERS, ROUNDS = 24, 3, 4


def patient(number: int, facility: int) -> Demographics:
    """One of the patients as a facility knows it."""
    said = {"family": f"family{chr(97 + number)}", "given": f"given{chr(97 + number)}", "street": f"{number} mill st"}
    born = f"19{40 + number}-03-0{1 + number % 9}"
    return Demographics(birth_date=born, postal="12508", keys=(f"facility-{facility}|{number}",), **said)


def work(url: str, facility: int, together: Barrier) -> None:
    """Takes in all patients in batches, in an order of its own."""
    engine = open_engine(url, schema.main)
    numbers = list(range(PERSONS))
    random.Random(facility).shuffle(numbers)
    size = PERSONS // ROUNDS
    for at in range(0, PERSONS, size):
        patients = [patient(number, facility) for number in numbers[at : at + size]]
        together.wait()
        with writing(engine, Turn.STAGE) as transaction:
            directory = people.directory(transaction, patients, [key for p in patients for key in p.keys])
            for one in patients:
                directory.resolve(one)
            people.save(transaction, directory.changed, "2026-03-02T18:00:00.000000Z")
    engine.dispose()


def test_who_comes_from_several_facilities_at_once_is_one_person(tmp_path: Path) -> None:
    """However the workers meet, each patient is one person with a record of every facility."""
    engine = databases.main_engine(tmp_path)
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(WORKERS, timeout=60)
    url = databases.settings(tmp_path).main_url
    workers = [context.Process(target=work, args=(url, n, together)) for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    with reading(engine) as connection:
        rows = connection.execute(select(schema.source_records.c.key, schema.source_records.c.person_id)).all()
    found: dict[str, set[str]] = {}
    for key, person in rows:
        found.setdefault(person, set()).add(key.rpartition("|")[2])
    assert len(rows) == PERSONS * WORKERS
    assert sorted(map(sorted, found.values())) == sorted([str(n)] for n in range(PERSONS))
    engine.dispose()

"""What identity costs a message in its stage's transaction, CPU time, when so many persons are in the database.

Of the mix one message in six is of somebody who is new or has another number, as in ``bench.end_to_end``; all others
come under a number that is known.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from bench.figures import Figure
from hub.identity.demographics import Demographics
from hub.identity.resolution import keys_of
from hub.services.identity import people
from hub.store import schema
from hub.store.engine import open_engine, writing

BATCH = 100
BATCHES = 40
ASKED = BATCH * BATCHES
NEW_OF = 6


def figures(patients: Iterable[Demographics], persons: int) -> Iterator[Figure]:
    """``patients`` are records of different persons: more than are put into the database."""
    source = iter(patients)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'hub.db'}", schema.main)
        known = _filled(engine, islice(source, persons))
        fresh = list(islice(source, 2 * ASKED))
        mixed = [fresh.pop() if n % NEW_OF == 0 else known[n * 7 % len(known)] for n in range(ASKED)]
        name = f"in the stream at {persons:,} persons, a message"
        yield _figure(f"{name} of a known number", _cost(engine, known[:ASKED]), 0.05)
        yield _figure(f"{name} of somebody new", _cost(engine, fresh[:ASKED]), None)
        yield _figure(f"{name} of the mix", _cost(engine, mixed), 0.3)
        engine.dispose()


def _filled(engine: Engine, patients: Iterable[Demographics]) -> list[Demographics]:
    """Puts the patients into the database; returns some of them."""
    kept = []
    for number, some in enumerate(_parts(patients, 1000)):
        _take(engine, some)
        kept += some[: ASKED // 20] if number % 5 == 0 else ()
    return kept


def _cost(engine: Engine, patients: Sequence[Demographics]) -> float:
    start = time.process_time()
    for some in _parts(patients, BATCH):
        _take(engine, some)
    return 1e3 * (time.process_time() - start) / len(patients)


def _take(engine: Engine, patients: Sequence[Demographics]) -> None:
    with writing(engine) as transaction:
        directory = people.directory(transaction, patients, {key for p in patients for key in keys_of(p)})
        for patient in patients:
            directory.resolve(patient)
        people.save(transaction, directory.changed, "2026-03-02T18:00:00.000000Z")


def _figure(name: str, milliseconds: float, target: float | None) -> Figure:
    return Figure(name, milliseconds, "ms", target=target, less_is_better=True)


def _parts(patients: Iterable[Demographics], size: int) -> Iterator[list[Demographics]]:
    source = iter(patients)
    while part := list(islice(source, size)):
        yield part

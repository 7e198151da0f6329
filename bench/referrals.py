"""Which referral a message belongs to: how often that is right in a simulated region, and how long it takes.

Precision is that of notes that were linked without asking, recall the share of all answers that were; the rest must
wait as suggestions. The time of a message beside 100,000 open referrals is held against that beside 1,000.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import orjson
from sqlalchemy import select

from bench.figures import Figure
from bench.referral_region import Region, simulated
from hub.model import stable_id
from hub.routing.referrals.book import Book
from hub.routing.referrals.loops import Loop
from hub.routing.statements import Party, Reading, ReferralSignal, Source
from hub.services.context import Hub
from hub.services.practice.referrals import PAGE
from hub.services.routing.referrals import apply_signals, save_book, snapshot
from hub.settings import load_settings
from hub.store import referrals as store
from hub.store import schema
from hub.store.engine import reading, writing
from hub.store.referrals import Sides
from hub.wiring import open_hub

SEED, REFERRALS, BATCH = 7, 5_000, 200
OPEN, FEW, MESSAGES, STAGE = 100_000, 1_000, 400, 20
LISTED = 100_000


def run() -> list[Figure]:
    return [*_quality(), *_speed(), *_worklist()]


# --- how often it is right -------------------------------------------------------------------------------------


def _quality() -> Iterator[Figure]:
    region = simulated(SEED, REFERRALS)
    with tempfile.TemporaryDirectory() as name, closing(_hub(Path(name))) as hub:
        _take(hub, region.readings)
        linked, suggested = _linked(hub), _suggested(hub)
    yield from _figures(region, linked, suggested)


def _figures(region: Region, linked: dict[str, str], suggested: set[tuple[str, str]]) -> Iterator[Figure]:
    answers = {note: number for note, number in region.truth.items() if number}
    right = sum(region.truth[note] == number for note, number in linked.items())
    left = [note for note, number in answers.items() if linked.get(note) != number]
    offered = sum((note, answers[note]) in suggested for note in left)
    bare = [note for note in region.unnumbered if linked.get(note) == region.truth[note]]
    yield Figure("notes that answer a referral", len(answers), "")
    yield Figure("of these without any shared number", 100 * len(region.unnumbered) / len(answers), "%")
    yield Figure("precision of automatic links", 100 * right / len(linked), "%", target=99.5)
    yield Figure("recall of automatic links", 100 * sum(n in linked for n in answers) / len(answers), "%", target=90)
    yield Figure("the same without any shared number", 100 * len(bare) / len(region.unnumbered), "%")
    yield Figure("the rest that is suggested", 100 * offered / max(len(left), 1), "%")


def _linked(hub: Hub) -> dict[str, str]:
    """By message id of a note, the number of the referral that has it."""
    states = select(schema.referrals.c.number, schema.referrals.c.state)
    with reading(hub.main) as connection:
        found = [(number, orjson.loads(state)) for number, state in connection.execute(states)]
    notes = ((h["message_id"], number) for number, state in found for h in state["history"] if h["document"])
    return dict(notes)


def _suggested(hub: Hub) -> set[tuple[str, str]]:
    numbers = select(schema.referrals.c.id, schema.referrals.c.number)
    with reading(hub.main) as connection:
        named = {row.id: row.number for row in connection.execute(numbers)}
        rows = connection.execute(select(schema.suggestions.c.message_id, schema.suggestions.c.referral_id))
        return {(message_id, named[referral_id]) for message_id, referral_id in rows}


# --- how long it takes -----------------------------------------------------------------------------------------


def _speed() -> Iterator[Figure]:
    few, many = (_milliseconds(size) for size in (FEW, OPEN))
    for name in ("by number", "by evidence"):
        label = f"a message beside {OPEN:,} open referrals, {name}"
        yield Figure(label, many[name], "ms", few[name], f"beside {FEW:,}, ms", 2, less_is_better=True)


def _milliseconds(size: int) -> dict[str, float]:
    """The time of a message in batches as the stage takes them, by how it finds its referral."""
    with tempfile.TemporaryDirectory() as name, closing(_hub(Path(name))) as hub:
        _fill(hub, size)
        step = max(1, size // MESSAGES)
        chosen = range(0, size, step)
        return {
            "by number": _timed(hub, [_acceptance(n) for n in chosen]),
            "by evidence": _timed(hub, [_note(n) for n in chosen]),
        }


def _timed(hub: Hub, messages: Sequence[Reading]) -> float:
    """Median over the batches, of the decisions and their writing, without the commit, which is the disk's."""
    taken = []
    for batch in _batches(messages, STAGE):
        with writing(hub.main) as transaction:
            begun = time.process_time()
            apply_signals(transaction, hub, batch)
            taken.append(1000 * (time.process_time() - begun) / len(batch))
    return statistics.median(taken)


def _fill(hub: Hub, size: int) -> None:
    """So many open referrals, each of a person of its own, as the route stage leaves them."""
    at = range(0, size, 2000)
    for chunk in (range(first, min(first + 2000, size)) for first in at):
        book = Book()
        for said in map(_request, chunk):
            (signal,) = said.statements
            loop = Loop(stable_id("ServiceRequest", signal.keys[0]), signal.source.person_id)
            loop.add((signal.source.message_id, 0), signal)
            loop.told = {h.label for h in loop.referral.milestones}
            book.loops[loop.id] = loop
        with writing(hub.main) as transaction:
            save_book(transaction, hub, book, snapshot(Book()))


def _worklist() -> Iterator[Figure]:
    """A page of the worklist, of all and of one practice."""
    few, many = (_pages(size) for size in (LISTED // 10, LISTED))
    for name in ("all", "one practice"):
        label = f"a page of the worklist of {name}, {LISTED:,} open referrals, p95"
        yield Figure(label, many[name], "ms", few[name], f"of {LISTED // 10:,}, ms", 200, less_is_better=True)


def _pages(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name, closing(_hub(Path(name))) as hub:
        _fill(hub, size)
        with reading(hub.main) as connection:
            sides = Sides(("1100000007",), "no such group")
            return {
                "all": _p95(lambda: store.worklist(connection, True, limit=PAGE)),
                "one practice": _p95(lambda: store.worklist(connection, True, sides, limit=PAGE)),
            }


def _p95(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(40):
        begun = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - begun))
    return sorted(taken)[37]


def _request(n: int) -> Reading:
    parties = {"referrer": Party("1234567893", "Dr. Busy"), "referred_to": Party(f"{1_100_000_000 + n % 60}")}
    named = {"keys": (f"urn:oid:1.2.3.4|R{n}",), "number": f"R{n}", "reason": "Heart failure?"}
    return _message("requested", n, "2026-03-02T15:00", **parties, **named)


def _acceptance(n: int) -> Reading:
    return _message("accepted", n, "2026-03-03T15:00", keys=(f"urn:oid:1.2.3.4|R{n}",), learned=(f"f|F{n}",))


def _note(n: int) -> Reading:
    said = {"author": Party(f"{1_100_000_000 + n % 60}"), "document": f"d{n}", "text": "Dear Dr. Busy, heart failure"}
    return _message("note", n, "2026-03-10T15:00", **said)


def _message(step: str, n: int, at: str, **more: object) -> Reading:
    source = Source(f"{step}-{n}", f"person-{n}", f"{at}:00+00:00", f"{at}:00.000000Z", f"{at}:00.000000Z")
    return Reading(source, step, (ReferralSignal(source=source, step=step, **more),))  # type: ignore[arg-type]


def _hub(folder: Path) -> Hub:
    return open_hub(load_settings(data=folder))


def _take(hub: Hub, readings: Sequence[Reading]) -> None:
    for batch in _batches(readings):
        with writing(hub.main) as transaction:
            apply_signals(transaction, hub, batch)


def _batches(readings: Sequence[Reading], size: int = BATCH) -> Iterable[Sequence[Reading]]:
    return (readings[at : at + size] for at in range(0, len(readings), size))

"""Messages come late, twice and in any order: what is known in the end is the same."""

import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Table, select

from hub.model import Json
from hub.services.context import Hub
from hub.services.operations.ledger import ledger
from hub.services.operations.replay import replay
from hub.store import schema
from hub.store.engine import reading
from tests.unit.services.hospital import HandClock, adt
from tests.unit.services.routed import opened, route, told

pytestmark = pytest.mark.usefixtures("each_database")

STORY = tuple(
    told(name)
    for name in (
        *("d1-referral", "a1-ed-arrival"),
        *("a3-ed-to-inpatient", "b1-discharge", "b2-cancel-discharge", "b3-discharge-again", "b4-discharge-summary"),
        *("c2-potassium-critical", "c3-potassium-corrected"),
        *("d2-accepted", "d3-scheduled", "d4-no-show", "d5-scheduled-again", "d6-note-without-number"),
    )
)
"""Every message moves something, and all are about one person: the first two show that two numbers are theirs."""

IDA = {"name": "Moss^Ida", "born": "19610203", "phone": ""}
UNLINKED = (
    adt("1", "A04", mrn="OLD", visit="V8", at="202603021240", **IDA),
    adt("2", "A06", mrn="OLD", visit="V8", at="202603021705", patient_class="I", **IDA),
    adt("3", "A40", mrn="NEW", at="202603031200", **IDA, more="MRG|OLD^^^MERCY^MR\r"),
    adt("4", "A08", mrn="OLD", visit="V8", at="202603040900", patient_class="I", **IDA),
    adt("5", "A01", mrn="NEW", visit="V9", at="202603051000", patient_class="I", **IDA),
    adt("6", "A11", mrn="NEW", visit="V9", at="202603051100", patient_class="I", **IDA),
    adt("7", "A03", mrn="NEW", visit="V8", at="202603061200", patient_class="I", **IDA),
)
MERGED = tuple(message.replace(b"14 Mill Street^^Fairview^NY^12508", b"") for message in UNLINKED)
"""A patient with two numbers that nothing links, who is merged in between; a visit under each, and one that never was.
"""


def rows(hub: Hub, table: Table) -> list[Json]:
    with reading(hub.main) as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def known(hub: Hub) -> Json:
    """All that is known, without what says in which order it came."""
    persons: dict[str, set[str]] = {}
    for row in rows(hub, schema.source_records):
        persons.setdefault(row["person_id"], set()).add(row["key"])
    names = {person: sorted(keys) for person, keys in persons.items()}
    states: dict[str, dict[str, Json]] = {}
    for table in (schema.encounters, schema.results, schema.referrals):
        states[table.name] = {
            row["id"]: {"person": names[row["person_id"]], "state": _timeless(orjson.loads(row["state"]))}
            for row in rows(hub, table)
        }
    tasks = [tuple(row[c] for c in ("id", "kind", "status", "due", "practice_id")) for row in rows(hub, schema.tasks)]
    suggested = [(row["referral_id"], row["status"]) for row in rows(hub, schema.suggestions)]
    return {"persons": sorted(names.values()), **states, "tasks": sorted(tasks), "suggested": sorted(suggested)}


def _timeless(state: Json) -> Json:
    """A state without what was told of it, and by which message and when the hub heard of it."""
    found: Json = state.get("state", state) if isinstance(state.get("state", ""), dict) else state
    return {k: _bare(v) for k, v in found.items() if k not in ("last", "told")}


def _bare(value: object) -> object:
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if k not in ("message_id", "received_at", "order")}
    return [_bare(v) for v in value] if isinstance(value, list) else value


def after(folder: Path, messages: Sequence[bytes]) -> Json:
    """What is known after these messages; in any case nobody was told twice, and a replay changes nothing."""
    clock = HandClock()
    with closing(opened(folder, clock=clock)) as hub:
        for message in messages:
            clock.forward(seconds=1)
            route(hub, message)
        found = known(hub)
        told_of = [(n["event_key"], n["version"], n["practice_id"]) for n in rows(hub, schema.notifications)]
        assert len(told_of) == len(set(told_of))
        (row,) = ledger(hub)
        assert (row.dead, row.held, row.waiting, row.balanced) == (0, 0, 0, True)
        report = replay(hub, ["all"])
        assert (report.transitions, report.notices, report.differences) == (0, 0, [])
        assert known(hub) == found
        return found


@pytest.mark.parametrize(("messages", "first"), [(STORY, 2), (MERGED, 0)], ids=["story", "merged"])
@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_repetition_end_the_same(
    tmp_path: Path, messages: tuple[bytes, ...], first: int, seed: int
) -> None:
    """Visits, results, referrals, tasks and persons do not depend on the order in which messages come, nor on how often
    each does; nobody is told twice of one event; a replay tells nobody and changes nothing."""
    dice = random.Random(seed)
    late = dice.sample(messages[first:], len(messages) - first) + dice.choices(messages, k=3)
    assert after(tmp_path / "shuffled", [*messages[:first], *late]) == after(tmp_path / "straight", messages)

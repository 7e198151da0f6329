"""Statements of one visit and what a hub tells of them, in the order in which they arrive."""

from collections.abc import Sequence
from typing import Any

from hub.model import CareEvent
from hub.routing.encounters.events import EncounterRecord, tell
from hub.routing.encounters.projection import fold
from hub.routing.encounters.state import EncounterState
from hub.routing.instants import instant
from hub.routing.statements import EncounterStatement, Source

PERSON = "person-harold"
_CLASSES = {"A04": "EMER", "A06": "IMP", "A07": "AMB"}


def stated(trigger: str, at: str, *, visit: str = "V778899", received: str = "", **said: Any) -> EncounterStatement:
    """A statement of ``at`` (ISO 8601 with offset) that arrives at once; its message id is unique in a story."""
    moment = instant(at, at)
    source = Source(f"{trigger} {at}", PERSON, at, moment, received or moment)
    return EncounterStatement(source, visit, trigger, **{"cls": _CLASSES.get(trigger, ""), **said})


def told(
    *arriving: EncounterStatement, history: Sequence[EncounterState] = (), silent: str = ""
) -> tuple[EncounterState, list[CareEvent]]:
    """The state after all statements in order of arrival, and all events."""
    record: EncounterRecord | None = None
    journal: list[EncounterStatement] = []
    events: list[CareEvent] = []
    for statement in arriving:
        journal.append(statement)
        record, happened = tell(record, fold(journal), statement.source, lambda: history, silent)
        events += happened
    assert record is not None
    return record.state, events


def kinds(events: Sequence[CareEvent], *, silent: bool = False) -> list[str]:
    """The kinds of the events that are told (or of all)."""
    return [event.kind for event in events if silent or not event.silent]

"""Statements and states in few words, for explanations."""

from dataclasses import replace
from typing import Any

import orjson

from hub.model import Json, stable_id
from hub.routing.encounters.events import of_visit
from hub.routing.encounters.state import EncounterState
from hub.routing.results import ResultState, spoken
from hub.routing.statements import MergeStatement, Statement, UnmergeStatement


def about(statement: Statement) -> Json:
    """What a statement is about; ``digest`` is the same when and only when it states the same (of whom is left out: a
    merge changes that, not what was stated)."""
    kind = type(statement).__name__.removesuffix("Statement").removesuffix("Signal").lower()
    subject = statement.survivor if isinstance(statement, MergeStatement | UnmergeStatement) else statement.subject
    stated = replace(statement, source=replace(statement.source, person_id=""))
    step = getattr(statement, "trigger", "") or getattr(statement, "step", "") or getattr(statement, "status", "")
    return {
        "kind": kind,
        "subject": subject,
        "step": step,
        "occurred_at": statement.source.occurred_at,
        "digest": stable_id(orjson.dumps(stated).decode()),
    }


def summary(state: EncounterState | ResultState) -> Json:
    """A state in the words of the facts, with what happened so far."""
    if isinstance(state, ResultState):
        return {"status": state.status, "values": [spoken(m.value) for m in state.values]}
    happened = [f"{m.kind} (taken back)" if m.cancelled else m.kind for m in state.milestones]
    return {**of_visit(state), "happened": happened}


def difference(before: Json, after: Json) -> tuple[Json, Json]:
    """The members that are not the same, as they were and as they are."""
    names = [name for name in after if _shown(after[name], before.get(name))]
    return {name: before[name] for name in names if name in before}, {name: after[name] for name in names}


def _shown(now: Any, was: Any) -> bool:
    return bool(now != was and (now or was))

"""The steps of an explanation, arranged as a page tells them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.services.operations.browse import NoticeRow
from hub.services.operations.explain import Explanation, Step


@dataclass(slots=True)
class Entry:
    """One thing that happened. With an event stand the rules that were held against it (those that matched, or could
    not be evaluated, and the ``others``) and the notices that came of it."""

    step: Step
    rules: list[Step] = field(default_factory=list)
    others: list[Step] = field(default_factory=list)
    notices: list[NoticeRow] = field(default_factory=list)


def entries(explanation: Explanation, notices: Sequence[NoticeRow]) -> list[Entry]:
    """The entries in order. Deliveries are shown with their notices, each with its event."""
    found: list[Entry] = []
    for step in explanation.steps:
        if step.name == "rule" and found:
            _rules(found[-1], step).append(step)
        elif step.name != "delivery":
            found.append(Entry(step, notices=_of(step, notices)))
    return found


def _rules(entry: Entry, rule: Step) -> list[Step]:
    said = rule.data or {}
    return entry.rules if said.get("matched") or said.get("error") else entry.others


def _of(step: Step, notices: Sequence[NoticeRow]) -> list[NoticeRow]:
    if step.name != "event" or step.data is None:
        return []
    key = (step.data["event_key"], step.data.get("version", 1))
    return [notice for notice in notices if (notice.event_key, notice.version) == key]

"""A report is the newest word on each of its observations.

Each observation keeps the order key of the statement that it comes from, so the state is the same whatever the order
of arrival, and no journal is needed. Told is: a report once when it is final (a critical value at once), then every
correction of what was told.

Flags are codes of v3-ObservationInterpretation (HL7 v2 table 0078); status is DiagnosticReport.status (FHIR R4).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hub.model import CareEvent, Json, stable_id
from hub.routing.events import RESULT_POSTED
from hub.routing.facts import facts
from hub.routing.statements import Coded, Party, ResultStatement, Source, Value

CRITICAL = frozenset({"HH", "LL", "AA"})
ABNORMAL = frozenset({"H", "L", "A", "HU", "LU", "<", ">", "R"})
FINAL = frozenset({"final", "amended", "corrected", "appended"})
WITHDRAWN = frozenset({"cancelled", "entered-in-error"})
SHOWN = 10
"""Unremarkable values that a notice carries."""

_UNSTATED, _NOBODY = Coded(), Party()

Order = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """An observation; ``order`` is empty when it comes from the newest statement of its report."""

    value: Value
    order: Order = ()


@dataclass(frozen=True, slots=True)
class ResultState:
    """What is known of a report."""

    subject: str
    code: Coded = _UNSTATED
    status: str = ""
    performer: Party = _NOBODY
    values: tuple[Measured, ...] = ()
    last: Order = ()

    @property
    def final(self) -> bool:
        if self.status in FINAL:
            return True
        return self.status in ("", "unknown") and all(m.value.status in FINAL for m in self.values)


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """A report as it is stored: the state and, by observation, the words and the flag that were last told."""

    state: ResultState
    version: int = 0
    told: dict[str, tuple[str, str]] = field(default_factory=dict)
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What was told of an observation and what is to be told now."""

    value: Value
    old: str
    old_flag: str
    new: str

    @property
    def flag_changed(self) -> bool:
        return self.old_flag != flag(self.value)

    @property
    def weight(self) -> tuple[int, bool]:
        return (rank(flag(self.value)), self.flag_changed)


def step(state: ResultState, s: ResultStatement) -> ResultState:
    """The report after one more statement, in whatever order they come."""
    order = s.source.order_key
    newest = order >= state.last
    known = {m.value.key: replace(m, order=m.order or state.last) for m in state.values}
    for value in s.values:
        if value.key not in known or order >= known[value.key].order:
            known[value.key] = Measured(value, order)
    last = order if newest else state.last
    values = tuple(replace(m, order=()) if m.order == last else m for m in known.values())
    if not newest:
        return replace(state, values=values)
    code = s.code if s.code != _UNSTATED else state.code
    performer = s.performer if s.performer != _NOBODY else state.performer
    return ResultState(state.subject, code, s.status, performer, values, last)


def tell(record: ResultRecord, source: Source, silent: str = "") -> tuple[ResultRecord, tuple[CareEvent, ...]]:
    """The record with what is now told, and the event, if there is something to tell."""
    state = record.state
    if state.status in WITHDRAWN:
        return _withdraw(record, source, silent)
    current = {m.value.key: m.value for m in state.values}
    changes = [
        _change(v, record.told[k]) for k, v in current.items() if k in record.told and _said(v) != record.told[k]
    ]
    added = [v for k, v in current.items() if k not in record.told]
    critical = any(flag(v) in CRITICAL for v in added)
    first = record.version == 0 or record.withdrawn
    if not (changes or critical or (state.final and (added or first))):
        return record, ()
    known = {k: _said(v) for k, v in current.items()}
    told = replace(record, version=record.version + 1, told=known, withdrawn=False)
    news = _corrected(changes) if changes else {"kind": _kind(added)}
    shown = [c.value for c in changes] + added if changes else added
    return told, (_event(told, source, {**_about(shown), **news}, silent),)


def short(code: Coded) -> str:
    """A test's name as people say it: LOINC's long names without their units and specimens."""
    return code.text.partition(" [")[0] or code.code


def spoken(value: Value) -> str:
    """``Potassium 6.1 mmol/L (HH)``."""
    mark = f" ({flag(value)})" if flag(value) not in ("", "N") else ""
    return f"{short(value.code)} {_words(value)}{mark}"


def flag(value: Value) -> str:
    """The interpretation code of an observation that stands."""
    return "" if value.status in WITHDRAWN else value.flag


def rank(code: str) -> int:
    return 2 if code in CRITICAL else 1 if code in ABNORMAL else 0


def _words(value: Value) -> str:
    if value.status in WITHDRAWN:
        return "withdrawn"
    return f"{value.value} {value.unit}".strip()


def _said(value: Value) -> tuple[str, str]:
    return (_words(value), flag(value))


def _change(value: Value, told: tuple[str, str]) -> Change:
    return Change(value, told[0], told[1], _words(value))


def _kind(values: Iterable[Value]) -> str:
    worst = max((rank(flag(v)) for v in values), default=0)
    return ("result-final", "result-abnormal", "result-critical")[worst]


def _about(values: list[Value]) -> Json:
    """The facts of the observations that an event is about: the remarkable ones first."""
    ordered = sorted(values, key=lambda v: -rank(flag(v)))
    remarkable = sum(rank(flag(v)) > 0 for v in ordered)
    worst = flag(ordered[0]) if ordered else ""
    return {
        "flag": worst,
        "critical": rank(worst) == 2,
        "abnormal": rank(worst) > 0,
        "values": [spoken(v) for v in ordered[: max(remarkable, SHOWN)]],
    }


def _corrected(changes: list[Change]) -> Json:
    main = max(changes, key=lambda c: c.weight)
    unit = f" {main.value.unit}"
    return {
        "kind": "result-corrected",
        "amended": True,
        "old_value": main.old.removesuffix(unit),
        "new_value": main.new.removesuffix(unit),
        "flag_changed": any(c.flag_changed for c in changes),
        "corrections": [_sentence(c) for c in changes],
    }


def _sentence(change: Change) -> str:
    old = f"{change.old} ({change.old_flag})" if change.old_flag else change.old
    new = f"{change.new} ({flag(change.value)})" if flag(change.value) else change.new
    return f"{short(change.value.code)} was {old}, is {new}"


def _withdraw(record: ResultRecord, source: Source, silent: str) -> tuple[ResultRecord, tuple[CareEvent, ...]]:
    if record.version == 0 or record.withdrawn:
        return record, ()
    told = replace(record, version=record.version + 1, told={}, withdrawn=True)
    news = {"kind": "result-corrected", "amended": True, "withdrawn": True, "flag_changed": True}
    return told, (_event(told, source, news, silent),)


def _event(record: ResultRecord, source: Source, news: Json, silent: str) -> CareEvent:
    state = record.state
    key = stable_id("result", state.subject)
    head = {
        "type": RESULT_POSTED,
        "version": record.version,
        "occurred_at": source.occurred_at,
        "received_at": source.received_at,
        "report": short(state.code),
        "report_code": state.code.code,
        "report_status": state.status,
        "performer": state.performer.name or state.performer.organization,
        "facility": state.performer.organization,
    }
    return CareEvent(
        event_key=key,
        type=RESULT_POSTED,
        kind=news["kind"],
        person_id=source.person_id,
        subject=state.subject,
        message_id=source.message_id,
        occurred_at=source.occurred_at,
        facts=facts({**head, **news}),
        version=record.version,
        corrects=key if news.get("amended") else "",
        silent=silent,
    )

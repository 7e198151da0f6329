from dataclasses import replace
from itertools import permutations

import orjson
import pytest

from hub.model import CareEvent
from hub.routing.codec import decode
from hub.routing.results import ResultRecord, ResultState, spoken, step, tell
from hub.routing.statements import Coded, ResultStatement, Source, Value

POTASSIUM = Coded("2823-3", "http://loinc.org", "Potassium [Moles/volume] in Serum or Plasma")
SODIUM = Coded("2951-2", "http://loinc.org", "Sodium [Moles/volume] in Serum or Plasma")


def value(words: str, flag: str = "N", *, code: Coded = POTASSIUM, status: str = "final") -> Value:
    return Value(code.code, code, words, "mmol/L", flag, status)


def report(minute: int, *values: Value, status: str = "final") -> ResultStatement:
    moment = f"2026-03-12T16:{minute:02}:00.000000Z"
    source = Source(f"message-{minute}", "person-harold", moment, moment, moment)
    return ResultStatement(source, "report-L55", POTASSIUM, status, values)


def told(*arriving: ResultStatement) -> list[CareEvent]:
    record = ResultRecord(ResultState("report-L55"))
    events: list[CareEvent] = []
    for statement in arriving:
        record, happened = tell(replace(record, state=step(record.state, statement)), statement.source)
        record = decode(ResultRecord, orjson.loads(orjson.dumps(record)))
        events += happened
    return events


@pytest.mark.parametrize(
    ("flag", "kind"),
    [("HH", "result-critical"), ("LL", "result-critical"), ("H", "result-abnormal"), ("N", "result-final")],
)
def test_a_final_report_is_named_by_its_worst_flag(flag: str, kind: str) -> None:
    """A final report is critical, abnormal or just final by the worst of its flags."""
    (event,) = told(report(1, value("6.1", flag), value("140", code=SODIUM)))
    assert (event.kind, event.facts["flag"]) == (kind, flag)


def test_a_correction_restates_what_was_told() -> None:
    """A corrected value is version 2 of the same result with old and new value, and says that the flag changed."""
    first, second = told(report(1, value("6.1", "HH")), report(2, value("5.1", "N"), status="corrected"))
    assert (second.kind, second.version) == ("result-corrected", 2)
    assert second.event_key == second.corrects == first.event_key
    assert (second.facts["old_value"], second.facts["new_value"]) == ("6.1", "5.1")
    assert second.facts["flag_changed"]
    assert second.facts["corrections"] == ["Potassium was 6.1 mmol/L (HH), is 5.1 mmol/L (N)"]


def test_a_preliminary_report_waits_for_the_final_one() -> None:
    """A preliminary report tells nothing, the final one is told once."""
    early = report(1, value("5.0", status="preliminary"), status="preliminary")
    assert [e.kind for e in told(early, report(2, value("5.0")), report(3, value("5.0")))] == ["result-final"]


def test_a_critical_value_does_not_wait() -> None:
    """A critical preliminary value is told at once, and not again when it becomes final."""
    early = report(1, value("6.9", "HH", status="preliminary"), status="preliminary")
    assert [e.kind for e in told(early, report(2, value("6.9", "HH")))] == ["result-critical"]


def test_a_late_original_does_not_undo_the_correction() -> None:
    """An original that arrives after its correction changes nothing and tells nothing."""
    events = told(report(2, value("5.1"), status="corrected"), report(1, value("6.1", "HH")))
    assert [e.kind for e in events] == ["result-final"]


def test_results_do_not_depend_on_the_order_of_arrival() -> None:
    """The same statements make the same report, whatever order they arrive in."""
    statements = [
        report(1, value("6.1", "HH")),
        report(2, value("140", code=SODIUM)),
        report(3, value("5.1"), status="corrected"),
    ]
    states = []
    for arriving in permutations(statements):
        state = ResultState("report-L55")
        for statement in arriving:
            state = step(state, statement)
        states.append({m.value.key: m.value.value for m in state.values} | {"": state.status})
    assert states == [states[0]] * 6


def test_a_value_that_joins_later_is_told_for_itself() -> None:
    """A value that a later message adds to a told report is told as what it is."""
    first, second = told(report(1, value("4.0")), report(2, value("4.0"), value("108", "LL", code=SODIUM)))
    assert (first.kind, second.kind, second.corrects) == ("result-final", "result-critical", "")
    assert second.facts["values"] == ["Sodium 108 mmol/L (LL)"]


def test_a_withdrawn_report_is_taken_back() -> None:
    """A cancelled report that was told is corrected once; told again when it comes back."""
    gone = report(2, status="cancelled")
    events = told(report(1, value("6.1", "HH")), gone, report(3, value("6.1", "HH")))
    assert [(e.kind, e.facts["withdrawn"]) for e in events] == [
        ("result-critical", False),
        ("result-corrected", True),
        ("result-critical", False),
    ]
    assert told(gone) == []


def test_a_value_is_spoken_with_its_flag() -> None:
    """A value reads as the short name, the value with unit, and the flag where it is remarkable."""
    assert spoken(value("6.1", "HH")) == "Potassium 6.1 mmol/L (HH)"
    assert spoken(value("4.2")) == "Potassium 4.2 mmol/L"
    assert spoken(value("4.2", status="cancelled")) == "Potassium withdrawn"

from typing import Any

import pytest

from hub.model import CareEvent, Recipient, Role, RuleDecision, Urgency
from hub.routing.facts import DEFAULTS, facts
from hub.routing.rules import compile_rule, compiled, decide, notices
from hub.settings import Notify, Rule

NOW = "2026-03-02T18:00:00.000000Z"


def rule(name: str = "ed-arrival", when: str = "event.class == 'EMER'", urgency: Urgency = Urgency.MEDIUM) -> Rule:
    notify = Notify(who=(Role.PCP,), urgency=urgency, wording="ed_arrival")
    return Rule(name=name, why="Because.", on=("encounter.admitted",), when=when, notify=notify)


def event(**said: Any) -> CareEvent:
    known = facts({"class": "EMER"} | said)
    at = "2026-03-02T12:40:00-05:00"
    return CareEvent("key", "encounter.admitted", "ed-arrival", "person", "visit", "message", at, known)


def everybody(_: tuple[Role, ...]) -> tuple[tuple[Recipient, ...], tuple[()]]:
    return (Recipient("panel-busy", Role.PCP, ("on the panel",)),), ()


def decision(when: str, **said: Any) -> RuleDecision:
    ((_, decided),) = decide([compile_rule(rule(when=when))], event(**said), everybody)
    return decided


def test_a_rule_sees_the_facts_that_it_asks_for() -> None:
    """A decision shows the values that the expression referred to, and no others."""
    decided = decision("event.class == 'EMER' && event.kind != 'event.unit'")
    assert decided.matched
    assert decided.values == {"class": "EMER", "kind": ""}


def test_a_rule_that_does_not_hold_tells_nobody() -> None:
    """A rule that does not hold shows the values and has no recipients."""
    decided = decision("event.class == 'IMP'")
    assert (decided.matched, decided.values, decided.recipients) == (False, {"class": "EMER"}, ())


@pytest.mark.parametrize(
    ("when", "error"),
    [
        ("event.nonsense == 'x'", "no fact is called 'nonsense'"),
        ("event.class ==", "Failed to parse"),
        ("event.class", "must be true or false"),
        ("event.length_of_stay_hours > 'x'", "TypeError"),
    ],
)
def test_a_broken_rule_says_so_and_stops_no_other(when: str, error: str) -> None:
    """A rule that cannot be evaluated has its error in its decision, and the next rule still decides."""
    ready = [compile_rule(rule("broken", when)), compile_rule(rule())]
    (_, broken), (_, sound) = decide(ready, event(), everybody)
    assert error in broken.error
    assert (broken.matched, sound.matched) == (False, True)


def test_rules_are_found_by_event_type() -> None:
    """A rule is held only against events of the types that it listens to."""
    assert [ready.rule.name for ready in compiled((rule(),))["encounter.admitted"]] == ["ed-arrival"]
    assert "encounter.discharged" not in compiled((rule(),))


def test_a_practice_gets_one_notice_of_an_event() -> None:
    """Two rules that tell the same practice give one notice: the more urgent one."""
    ready = [compile_rule(rule("one")), compile_rule(rule("two", urgency=Urgency.URGENT)), compile_rule(rule("three"))]
    (notice,) = notices(event(facility="MERCY"), decide(ready, event(), everybody), NOW)
    assert (notice.rule, notice.urgency, notice.title) == ("two", Urgency.URGENT, "Emergency arrival at MERCY")


def test_every_fact_has_a_default() -> None:
    """An expression may ask any event for any fact."""
    ready = compile_rule(rule(when=" && ".join(f"event.{name} == event.{name}" for name in DEFAULTS)))
    ((_, decided),) = decide([ready], event(), everybody)
    assert decided.matched
    assert decided.error == ""


def test_a_fact_that_nobody_knows_is_refused() -> None:
    """An event cannot carry a fact that rules could not know."""
    with pytest.raises(KeyError, match="nonsense"):
        facts({"nonsense": 1})


def test_rules_that_are_asked_at_once_answer_as_each_alone() -> None:
    """One program for all of a type says what each would say, comments and failures included: one that fails takes no
    other with it."""
    whens = ["true", "event.class == 'EMER' // emergency", "event['mood'] == 'good'", "event.days_since_discharge > 3"]
    for chosen in (whens, [w for w in whens if "mood" not in w]):
        rules = tuple(rule(f"rule-{n}", when) for n, when in enumerate(chosen))
        asked = event(**{"class": "EMER"})
        together = decide(compiled(rules)["encounter.admitted"], asked, everybody)
        alone = decide([compile_rule(each) for each in rules], asked, everybody)
        assert [d for _, d in together] == [d for _, d in alone]
        assert [d.matched for _, d in together][:2] == [True, True]

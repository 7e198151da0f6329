"""Rules: which events are told to whom, how soon and in which words. CEL over the flat facts of an event decides."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cel

from hub.fhir.labels import PART_2, PART_2_NOTICE
from hub.model import CareEvent, Json, Notification, NotTold, Recipient, Role, RuleDecision, Urgency
from hub.routing.wording.catalogue import word
from hub.settings import Rule

Attribution = Callable[[tuple[Role, ...]], tuple[tuple[Recipient, ...], tuple[NotTold, ...]]]
"""Who hears of the event under consideration, in these roles."""

_FACT = re.compile(r"\bevent\s*\.\s*([A-Za-z_]\w*)")
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_URGENCIES = list(Urgency)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule ready to be held against events; ``names`` are the facts that its expression refers to. ``error`` says why
    the expression cannot be understood."""

    rule: Rule
    program: Any
    names: tuple[str, ...]
    error: str = ""


class Listening(tuple[Compiled, ...]):
    """The rules that listen to one type of event, in their order."""

    together: Any = None
    """One program that answers for all of them at once, in a tenth of the time; None when it cannot be made."""


@lru_cache(maxsize=8)
def compiled(rules: tuple[Rule, ...]) -> Mapping[str, Listening]:
    """The rules by the event type that they listen to, in their order."""
    by_type: dict[str, list[Compiled]] = {}
    for rule in rules:
        ready = compile_rule(rule)
        for event_type in rule.on:
            by_type.setdefault(event_type, []).append(ready)
    return {event_type: _listening(ready) for event_type, ready in by_type.items()}


def _listening(ready: Iterable[Compiled]) -> Listening:
    listening = Listening(ready)
    if not any(one.error for one in listening):
        each = (f"({one.rule.when}\n)" for one in listening)  # on a line of its own: an expression may end in a comment
        listening.together = cel.compile(f"[{', '.join(each)}]")
    return listening


def compile_rule(rule: Rule) -> Compiled:
    """The rule with its expression compiled; an expression that is not CEL becomes its ``error``."""
    names = tuple(dict.fromkeys(_FACT.findall(_LITERAL.sub("''", rule.when))))
    try:
        return Compiled(rule, cel.compile(rule.when), names)
    except ValueError as error:
        return Compiled(rule, None, names, str(error).partition("\n")[0])


def decide(rules: Iterable[Compiled], event: CareEvent, attribution: Attribution) -> list[tuple[Rule, RuleDecision]]:
    """Each rule with what came of it. A rule that fails says so in its decision and does not stop the others."""
    ready = rules if isinstance(rules, Listening) else Listening(rules)
    answers = _at_once(ready, event.facts)
    return [(one.rule, _decision(one, event, attribution, answer)) for one, answer in zip(ready, answers, strict=True)]


def _at_once(rules: Listening, known: Json) -> Sequence[object]:
    """What each rule answers, by one program for all; where that is not to be had, nothing for each: one rule that
    fails would take the others with it, so that each is asked alone then."""
    alone = [None] * len(rules)
    if rules.together is None:
        return alone
    names = {name for one in rules for name in one.names if name in known}
    try:
        answers: list[object] = rules.together.execute({"event": {name: known[name] for name in names}})
    except Exception:  # noqa: BLE001 - which rule it was, and what is wrong with it, is found by asking each alone
        return alone
    return answers


def _decision(ready: Compiled, event: CareEvent, attribution: Attribution, answer: object) -> RuleDecision:
    """``answer`` is the rule's own where it is known already."""
    rule, facts = ready.rule, event.facts
    values = {name: facts[name] for name in ready.names if name in facts}
    matched, error = (answer, "") if isinstance(answer, bool) else _holds(ready, values)
    decision = RuleDecision(rule.name, rule.why, rule.when, values, matched, error=error)
    if not matched:
        return decision
    recipients, not_told = attribution(rule.notify.who)
    return replace(decision, recipients=recipients, not_told=not_told)


def _holds(ready: Compiled, values: Json) -> tuple[bool, str]:
    if ready.error:
        return False, ready.error
    try:
        held = ready.program.execute({"event": values})
    except KeyError as error:
        return False, f"no fact is called {error.args[0]!r}"
    except Exception as error:  # noqa: BLE001 - whatever an expression does, it is this rule's failure alone
        return False, f"{type(error).__name__}: {error}"
    if not isinstance(held, bool):
        return False, f"must be true or false, is {type(held).__name__}"
    return held, ""


def notices(event: CareEvent, decisions: Iterable[tuple[Rule, RuleDecision]], now: str) -> list[Notification]:
    """One notice for each practice: by the most urgent rule that tells it, with the reasons of all that do."""
    best: dict[str, tuple[Rule, Recipient]] = {}
    for rule, decision in decisions:
        for recipient in decision.recipients:
            known = best.get(recipient.practice_id)
            if known is None:
                best[recipient.practice_id] = (rule, recipient)
                continue
            more = _more_urgent(rule, known[0])
            first, second = (recipient, known[1]) if more else (known[1], recipient)
            merged = replace(first, reasons=tuple(dict.fromkeys((*first.reasons, *second.reasons))))
            best[recipient.practice_id] = (rule if more else known[0], merged)
    return [_notice(event, rule, recipient, now) for rule, recipient in best.values()]


def _more_urgent(rule: Rule, than: Rule) -> bool:
    return _URGENCIES.index(rule.notify.urgency) > _URGENCIES.index(than.notify.urgency)


def _notice(event: CareEvent, rule: Rule, recipient: Recipient, now: str) -> Notification:
    words = word(rule.notify.wording, event)
    return Notification(
        event_id=event.id,
        event_key=event.event_key,
        version=event.version,
        practice_id=recipient.practice_id,
        npi=recipient.npi,
        role=recipient.role,
        person_id=event.person_id,
        message_id=event.message_id,
        kind=event.kind,
        urgency=rule.notify.urgency,
        title=words.title,
        text=f"{words.text} {PART_2_NOTICE}" if PART_2 in event.facts["labels"] else words.text,
        rule=rule.name,
        reasons=recipient.reasons,
        occurred_at=event.occurred_at,
        created_at=now,
        facts=event.facts,
        corrects=event.corrects,
    )

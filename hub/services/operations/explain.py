"""What happened to a message and why (promise P7), as data and as lines to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hub.model import Json, MessageStatus, Stage
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.browse import MessageRow, MessageView, NoticeRow
from hub.services.routing.owners import APART

UNCHANGED = ("order_key", "source")
"""Members of a projection that only say where it comes from."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: its name (``received``, ``converted``, ``identity``, ``projection``, ``event``,
    ``rule``, ``delivery`` …), a sentence, more sentences below it, and the same as data."""

    name: str
    text: str
    details: tuple[str, ...] = ()
    data: Json | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A message and all steps, in the order in which they happened."""

    message: MessageRow
    steps: tuple[Step, ...]

    def lines(self) -> list[str]:
        """For a person, one step below the other."""
        message = self.message
        lines = [f"{message.type} {message.control_id} of feed {message.feed} ({message.id})"]
        for step in self.steps:
            lines.append(f"  {step.name:<11} {step.text}")
            lines.extend(f"  {'':<11}   {detail}" for detail in step.details)
        return lines


def explain(hub: Hub, wanted: str) -> Explanation:
    """What happened to the message of that id, prefix of an id, or control id. Raises ``NotFound``."""
    view = browse.show(hub, wanted)
    return Explanation(view.row, tuple(_steps(view)))


def _steps(view: MessageView) -> Iterator[Step]:
    row = view.row
    yield Step("received", f"{row.received_at} by {view.origin}", _repeats(view))
    yield from _ends(view)
    yield from _converted(view)
    yield from _routed(view)
    for notice in view.notices:
        yield from _deliveries(notice)


def _repeats(view: MessageView) -> tuple[str, ...]:
    again = [f"came again {moment}: booked as duplicate, changed nothing" for moment in view.duplicates]
    return (*again, *(f"the same control id was given to message {other}" for other in view.others))


def _ends(view: MessageView) -> Iterator[Step]:
    row = view.row
    if row.status == MessageStatus.WAITING:
        yield Step("waiting", "accepted and durable; not converted yet")
    elif row.status in (MessageStatus.HELD, MessageStatus.DEAD):
        held = view.traces.get(Stage.CONVERT, {}).get("held", {})
        findings = tuple(f"{one['path']}: {one['text']}" for one in held.get("findings", ()))
        yield Step(row.status, f"{row.code}: {row.reason}", findings)


def _converted(view: MessageView) -> Iterator[Step]:
    trace = view.traces.get(Stage.CONVERT)
    if trace is None or view.row.status == MessageStatus.HELD:
        return
    resources = len(view.bundle["entry"]) if view.bundle else 0
    issues = tuple(f"{i['severity']}: {i['path']}: {i['text']}" for i in trace["warnings"])
    yield Step("converted", f"to a FHIR bundle of {resources} resources", issues, {"warnings": trace["warnings"]})
    if identity := trace["identity"]:
        details = (*identity["evidence"], *(f"warning: {warning}" for warning in identity["warnings"]))
        yield Step("identity", f"person {identity['person_id']} by rule {identity['rule']}", details, identity)


def _routed(view: MessageView) -> Iterator[Step]:
    trace = view.traces.get(Stage.ROUTE)
    if trace is None:
        if view.row.status == MessageStatus.CONVERTED:
            yield Step("waiting", "not routed yet")
        return
    for subject, own in trace.get("subjects", {}).items():
        if own != subject:
            yield Step("apart", f"{subject}: {APART} as {own}")
    for projection in trace.get("projections", []):
        changes = tuple(_changes(projection.get("before"), projection.get("after")))
        text = f"{projection['kind']} {projection['subject']}"
        yield Step("projection", text if changes else f"{text}: unchanged", changes, projection)
    yield from map(_referral, trace.get("referrals", []))
    for happened in trace.get("events", []):
        yield from _event(happened)
    if none := trace.get("none"):
        yield Step("no event", str(none))


def _referral(signal: Json) -> Step:
    """Which referral a signal found and by what, what it moved, or why it did not; who else was looked at."""
    name = signal["number"] or signal["subject"] or "no referral"
    moved = signal["before"] != signal["after"]
    states = f"{signal['before']} → {signal['after']}" + (" (inferred)" if signal["inferred"] else "")
    text = f"{name}: {signal['step']}: {states if moved else signal['evidence'] or 'known already'}"
    found = (f"found by {signal['matched_by']} {signal['key']}",) if signal["matched_by"] else ()
    others = (f"{c['number'] or c['referral_id']}: {'fits: ' * c['fits']}{c['why']}" for c in signal["candidates"])
    return Step("referral", text, (*found, *others), signal)


def _event(happened: Json) -> Iterator[Step]:
    event = happened["event"]
    silent = (f"silent: {event['silent']}",) if event.get("silent") else ()
    yield Step("event", f"{event['type']} ({event['kind']}) at {event['occurred_at']}", silent, event)
    for decision in happened.get("decisions", []):
        yield _decision(decision)


def _decision(decision: Json) -> Step:
    saw = ", ".join(f"{name} = {value!r}" for name, value in decision["values"].items())
    verdict = f"failed ({decision['error']})" if decision.get("error") else _verdict(decision)
    details = (
        f"why: {decision['why']}",
        f"when: {decision['when']}" + (f"  with {saw}" if saw else ""),
        *(
            f"told: {r['practice_id']} as {r['role']}: {'; '.join(r['reasons'])}"
            for r in decision.get("recipients", [])
        ),
        *(f"not told: {other['who']}: {other['reason']}" for other in decision.get("not_told", [])),
    )
    return Step("rule", f"{decision['rule']}: {verdict}", details, decision)


def _verdict(decision: Json) -> str:
    return "matched" if decision["matched"] else "did not match"


def _deliveries(notice: NoticeRow) -> Iterator[Step]:
    for delivery in notice.deliveries:
        outcome = " ".join(filter(None, (delivery.state, delivery.changed_at, delivery.receipt, delivery.error)))
        yield Step(
            "delivery", f"{notice.practice} by {delivery.channel}: {outcome}", (f"{notice.urgency}: {notice.title}",)
        )


def _changes(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The members that differ, as ``name: before → after``."""
    if before == after:
        return
    if isinstance(after, dict) and isinstance(before, dict | None):
        known = before or {}
        for name in [*known, *(n for n in after if n not in known)]:
            if name not in UNCHANGED:
                yield from _changes(known.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif before or after:
        yield f"{path}: {_short(before)} → {_short(after)}"


def _short(value: Any) -> str:
    text = "(nothing)" if value in (None, "", [], {}) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"

"""Why did this practice not hear of that patient? Each event with what came of it at the practice, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hub.errors import NotFound
from hub.model import Json, Stage
from hub.services.context import Hub
from hub.services.practice import notices
from hub.services.practice.notices import NoticeRow
from hub.store import messages as booked
from hub.store import persons
from hub.store.engine import reading
from hub.store.schema import events, messages, notifications, panel

NEWEST = 50
"""So many events are looked at, the newest first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One event, or one message that none came of: when, what, by which message (its control id), whether the practice
    was told (``told``, ``not sent``, ``not told``, ``not known``), and why."""

    at: str
    what: str
    message: str
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What there is to say about a patient at a practice; ``panel`` are sentences on how the practice knows him."""

    practice: str
    panel: tuple[str, ...]
    answers: tuple[Answer, ...]

    def lines(self) -> list[str]:
        """For a person, the newest first."""
        said = [f"{self.practice}: {sentence}" for sentence in self.panel]
        for answer in self.answers:
            said.append(f"{answer.at}  {answer.what} (message {answer.message}): {answer.verdict}")
            said += [f"    {reason}" for reason in answer.reasons]
        return said


def why_not(hub: Hub, patient: str, practice_id: str) -> WhyNot:
    """What the practice heard of the patient (a person id or an identifier) and what it did not, and why. Raises
    ``NotFound`` when nobody is known by that."""
    with reading(hub.main) as connection:
        found = persons.matching(connection, patient)
        if not found:
            raise NotFound(f"nobody is known by {patient!r}: no message and no panel has named such a patient")
        rows = _events(connection, found)
        told = _told(hub, connection, practice_id, found)
        traces = booked.traces_by(connection, Stage.ROUTE, list({row.message_id for row in rows}))
        known = tuple(_on_panel(connection, practice_id, found))
        unheard = list(_unheard(connection, found))
    asked = hub.site.practice(practice_id).name
    answers = [_answer(row, told, traces.get(row.message_id, {}), practice_id, asked) for row in rows]
    answers = sorted([*answers, *unheard], key=lambda a: a.at, reverse=True)
    return WhyNot(asked, known, tuple(answers[:NEWEST]))


def _events(connection: Connection, found: set[str]) -> Sequence[Any]:
    of_person = select(messages.c.id).where(messages.c.person_id.in_(found))
    columns = (events.c.id, events.c.event_key, events.c.version, events.c.type, events.c.kind, events.c.silent)
    query = select(*columns, events.c.occurred_at, events.c.message_id, messages.c.control_id).join(
        messages, messages.c.id == events.c.message_id
    )
    newest = query.where(events.c.message_id.in_(of_person)).order_by(events.c.occurred_at.desc())
    return connection.execute(newest.limit(NEWEST)).all()


def _told(hub: Hub, connection: Connection, practice_id: str, found: set[str]) -> dict[tuple[str, int], NoticeRow]:
    mine = [notifications.c.practice_id == practice_id, notifications.c.person_id.in_(found)]
    return {(n.event_key, n.version): n for n in notices.of(hub, connection, mine, 10 * NEWEST)}


def _answer(row: Any, told: dict[tuple[str, int], NoticeRow], trace: Json, practice_id: str, practice: str) -> Answer:
    what = f"{row.type} ({row.kind})"
    notice = told.get((row.event_key, row.version))
    if notice:
        sent = any(d.state not in ("dropped", "failed") for d in notice.deliveries) or not notice.deliveries
        ways = tuple(f"{d.channel}: {d.state} {d.receipt or d.error}".rstrip() for d in notice.deliveries)
        return Answer(row.occurred_at, what, row.control_id, "told" if sent else "not sent", (*notice.reasons, *ways))
    if row.silent:
        return Answer(row.occurred_at, what, row.control_id, "not told", (row.silent,))
    happened: Json = next((h for h in trace.get("events", ()) if h["event"]["event_key"] == row.event_key), {})
    why = tuple(_reasons(happened.get("decisions", ()), practice_id, practice))
    return Answer(row.occurred_at, what, row.control_id, "not told", why or (f"no rule listens to {row.type}",))


def _reasons(decisions: Sequence[Json], practice_id: str, practice: str) -> Iterator[str]:
    """Rule by rule; of one that matched, what is said of this practice, else who was considered."""
    for decision in decisions:
        name = f"rule {decision['rule']}"
        if decision.get("error"):
            yield f"{name} failed: {decision['error']}"
        elif not decision["matched"]:
            saw = ", ".join(f"{key} = {value!r}" for key, value in decision["values"].items())
            yield f"{name} did not match: {decision['when']}" + (f" with {saw}" if saw else "")
        else:
            considered = decision.get("not_told", ())
            mine = [n for n in considered if n["who"] in (practice, practice_id)]
            yield from (f"{name}: {n['who']}: {n['reason']}" for n in mine or considered)
            if not mine:
                others = ", ".join(r["practice_id"] for r in decision.get("recipients", ()))
                yield f"{name} told {others or 'nobody'}: nothing leads to this practice"


def _on_panel(connection: Connection, practice_id: str, found: set[str]) -> Iterator[str]:
    columns = (panel.c.start_date, panel.c.end_date, panel.c.pcp_npi, panel.c.outcome)
    query = select(*columns).where(panel.c.practice_id == practice_id, panel.c.person_id.in_(found))
    rows = connection.execute(query).all()
    for row in rows:
        bounds = " ".join(f"{word} {day}" for word, day in (("from", row.start_date), ("to", row.end_date)) if day)
        yield f"on its panel ({row.outcome}), PCP NPI {row.pcp_npi} {bounds}".rstrip()
    if not rows:
        yield "the patient is not on its panel"


def _unheard(connection: Connection, found: set[str]) -> Iterator[Answer]:
    """Messages that came to no event: held, dead, or not processed yet."""
    columns = (messages.c.received_at, messages.c.type, messages.c.control_id, messages.c.status, messages.c.reason)
    query = select(*columns).where(messages.c.person_id.in_(found), messages.c.status.in_(("held", "dead", "waiting")))
    for row in connection.execute(query.order_by(messages.c.received_at.desc()).limit(NEWEST)):
        yield Answer(row.received_at, row.type, row.control_id, "not known", (f"{row.status}: {row.reason}",))

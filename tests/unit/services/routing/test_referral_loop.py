"""Scenario D (a loop with a missed visit, then a replay) and REF-2201 of scenario C, on a real database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Table, func, select

from hub.errors import NotAllowed, NotFound
from hub.formats.referral_code import referral_key
from hub.model import Json, stable_id
from hub.routing.statements import Coded, DocumentStatement, Party, Reading, ReferralSignal, Source, Statement
from hub.services.context import Hub
from hub.services.practice import referrals
from hub.services.routing.referrals import ReferralOutcome, apply_signals
from hub.settings import load_settings
from hub.store import referrals as store
from hub.store import schema
from hub.store.engine import reading, writing
from hub.wiring import open_hub
from tests import databases

pytestmark = pytest.mark.usefixtures("each_database")

HAROLD = "person-harold"
BUSY = Party("1234567893", "Dr. Busy", "Busy Family Medicine")
LOVE = Party("1111111112", "Dr. Love", "Love Cardiology Group")
PLACER, APPOINTMENT = "urn:oid:1.2.3.4|REF-2207", "urn:carering:feed:cardionet|AP9"
CONSULT = Coded("11488-4", "http://loinc.org", "Consult note")

PRACTICES = {
    "panel-busy": ("Busy Family Medicine", "1234567893", "Dr. Busy"),
    "love-cardiology": ("Love Cardiology Group", "1111111112", "Dr. Love"),
}


RULE = """
name: referral-note
why: A loop is closed by whoever opened it.
"on": [referral.note-received]
notify: {who: referrer, urgency: medium, wording: referral}
"""


class SetClock:
    """A clock that a test sets."""

    def __init__(self, now: str) -> None:
        self.set(now)

    def set(self, now: str) -> None:
        self._now = datetime.fromisoformat(now)

    def now(self) -> datetime:
        return self._now


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2026-03-20T17:00:00-04:00")


@pytest.fixture
def hub(tmp_path: Path, clock: SetClock) -> Iterator[Hub]:
    rules, folder = tmp_path / "config" / "rules", tmp_path / "config" / "practices"
    rules.mkdir(parents=True)
    folder.mkdir()
    (rules / "note.yaml").write_text(RULE)
    for practice, (name, npi, clinician) in PRACTICES.items():
        lines = (
            f"id: {practice}",
            f"name: {name}",
            "time_zone: America/New_York",
            f'clinicians: [{{npi: "{npi}", name: {clinician}}}]',
        )
        (folder / f"{practice}.yaml").write_text("\n".join(lines))
    data = tmp_path / "var"
    settings = load_settings(config=tmp_path / "config", data=data, database_url=databases.url(data))
    with closing(open_hub(settings, clock)) as opened:
        yield opened


def source(when: str, message: str) -> Source:
    text = f"{when}:00-04:00"
    instant = datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Source(message, HAROLD, text, instant, instant)


def message(name: str, statement: Statement) -> Reading:
    return Reading(statement.source, name, (statement,))


def signal(name: str, when: str, step: str, **more: object) -> Reading:
    return message(name, ReferralSignal(source=source(when, name), step=step, **more))  # type: ignore[arg-type]


def order(name: str, when: str, number: str, system: str, priority: str) -> Reading:
    key = f"{system}|{number}"
    parties = {"referrer": BUSY, "referred_to": LOVE, "reason": "Exertional dyspnea?"}
    subject = stable_id("ServiceRequest", key)
    named = {"keys": (key,), "subject": subject, "number": number, "priority": priority, "due": "2026-03-23"}
    return signal(name, when, "requested", **named, **parties)


def appointment(name: str, when: str, start: str) -> Reading:
    keys = {"keys": ("urn:carering:feed:cardionet|REF-2207",), "number": "REF-2207", "learned": (APPOINTMENT,)}
    return signal(name, when, "scheduled", appointment_at=start, **keys)


def note(name: str, when: str, **more: object) -> Reading:
    statement = DocumentStatement(
        source=source(when, name),
        subject=f"doc-{name}",
        type=CONSULT,
        author=LOVE,
        dated=when[:10],
        **more,  # type: ignore[arg-type]
    )
    return message(name, statement)


REF_2201 = [
    order("c0", "2026-02-10T09:00", "REF-2201", "urn:carering:feed:referrals-csv", "urgent"),
    note("c1", "2026-02-24T10:00", referral_keys=("urn:carering:feed:fax|REF-2201",), confidence=0.97),
]
SCENARIO_D = [
    order("d1", "2026-03-09T10:00", "REF-2207", "urn:oid:1.2.3.4", "routine"),
    signal("d2", "2026-03-10T09:00", "accepted", keys=(PLACER,), subject=stable_id("ServiceRequest", PLACER)),
    appointment("d3", "2026-03-11T09:00", "2026-03-17T10:00:00-04:00"),
    signal("d4", "2026-03-17T11:00", "no-show", learned=(APPOINTMENT,)),
    appointment("d5", "2026-03-18T09:00", "2026-03-20T10:00:00-04:00"),
    note("d6", "2026-03-20T15:00"),
]


def take(hub: Hub, readings: Sequence[Reading]) -> dict[str, ReferralOutcome]:
    with writing(hub.main) as transaction:
        return apply_signals(transaction, hub, readings)


def one_by_one(hub: Hub, readings: Sequence[Reading]) -> dict[str, ReferralOutcome]:
    return {name: outcome for each in readings for name, outcome in take(hub, [each]).items()}


Apply = Callable[[Hub, Sequence[Reading]], dict[str, ReferralOutcome]]


def types(outcomes: dict[str, ReferralOutcome]) -> list[str]:
    return [event.type for outcome in outcomes.values() for event in outcome.events]


def bodies(hub: Hub, table: Table) -> list[Json]:
    with reading(hub.main) as connection:
        return [orjson.loads(body) for body in connection.execute(select(table.c.body)).scalars()]


@pytest.mark.parametrize("apply", [take, one_by_one])
def test_scenario_d_ends_closed_and_a_replay_does_nothing(hub: Hub, clock: SetClock, apply: Apply) -> None:
    """The loop goes from the order over a missed visit and a suggested note to closed; a replay does nothing."""
    outcomes = apply(hub, [*REF_2201, *SCENARIO_D])
    assert types(outcomes)[2:] == [
        f"referral.{step}" for step in ("requested", "accepted", "scheduled", "no-show", "scheduled")
    ]
    (suggestion,) = referrals.suggestions(hub)
    assert (suggestion.number, suggestion.message_id, suggestion.candidates) == ("REF-2207", "d6", 1)
    assert referrals.confirm(hub, suggestion.id, "coordinator").row.state == "note-received"
    clock.set("2026-03-21T09:00:00-04:00")
    view = referrals.review(hub, "REF-2207", "Dr. Busy")
    assert (view.row.state, view.row.open, view.row.task_status) == ("closed", False, "completed")
    assert view.measures == {"days_to_schedule": 2, "days_to_note": 11, "days_to_review": 12, "no_shows": 1}
    clock.set("2026-03-22T09:00:00-04:00")
    again = apply(hub, [*REF_2201, *SCENARIO_D])
    assert sum(outcome.transitions for outcome in again.values()) == 0
    assert types(again) == []
    assert referrals.show(hub, "REF-2207") == view
    assert referrals.suggestions(hub) == []


def test_the_note_of_ref_2201_waits_for_its_review(hub: Hub) -> None:
    """A faxed note with the number of a CSV referral is its answer at once, and stays open until the PCP reviews it."""
    outcomes = take(hub, REF_2201)
    assert types(outcomes) == ["referral.requested", "referral.note-received"]
    (step,) = outcomes["c1"].steps
    assert (step["matched_by"], step["before"], step["after"]) == ("number", "requested", "note-received")
    (row,) = referrals.worklist(hub)
    assert (row.number, row.state, row.owner, row.next_action) == (
        "REF-2201",
        "note-received",
        "pcp",
        "review the note",
    )
    assert (row.due_at, row.overdue_days, row.inferred) == ("2026-02-25", 23, True)
    with reading(hub.main) as connection:
        (open_referral,) = store.open_referrals(connection, [HAROLD])[HAROLD]
    assert (open_referral.referred_to_npi, open_referral.number) == (LOVE.npi, "REF-2201")
    assert referrals.review(hub, "REF-2201", "Dr. Busy").row.state == "closed"
    assert referrals.worklist(hub) == []
    assert len(referrals.worklist(hub, open_only=False)) == 1


def test_an_act_is_an_event_that_is_told(hub: Hub) -> None:
    """What an operator does is an event of the note's message, published once, and told to the referrer's practice."""
    take(hub, [*REF_2201, *SCENARIO_D])
    (suggestion,) = referrals.suggestions(hub)
    referrals.confirm(hub, suggestion.id[:8], "coordinator")
    (event,) = bodies(hub, schema.events)
    assert (event["kind"], event["message_id"]) == ("referral-note-received", "d6")
    (notice,) = bodies(hub, schema.notifications)
    assert (notice["practice_id"], notice["facts"]["referral_number"]) == ("panel-busy", "REF-2207")
    for stream in (schema.stream_events, schema.stream_notifications):
        with reading(hub.main) as connection:
            assert connection.execute(select(func.count()).select_from(stream)).scalar() == 1


def test_a_missed_visit_is_a_task_for_the_referrers_practice(hub: Hub) -> None:
    """The no-show is an outreach task of the practice that referred, until there is a new appointment."""
    take(hub, SCENARIO_D[:4])
    (task,) = referrals.tasks(hub)
    assert (task.kind, task.practice, task.due, task.overdue_days) == ("outreach", "panel-busy", "2026-03-18", 2)
    take(hub, SCENARIO_D[4:5])
    assert referrals.tasks(hub) == []
    assert [t.status for t in referrals.show(hub, "REF-2207").tasks] == ["done"]


def test_the_worklist_of_a_practice_has_both_sides(hub: Hub) -> None:
    """A practice sees what it sent and what was sent to it, nothing else."""
    take(hub, SCENARIO_D[:1])
    for practice, length in (("panel-busy", 1), ("love-cardiology", 1), ("kidney-nephrology", 0)):
        assert len(referrals.worklist(hub, practice=practice)) == length


def test_the_worklist_has_what_is_due_soonest_first(hub: Hub, clock: SetClock) -> None:
    """A page has so many referrals, the soonest due first, of all or of whoever has to do the next thing."""
    urgent = order("o2", "2026-03-09T10:00", "REF-2", "urn:oid:1.2.3.4", "urgent")
    take(hub, [*SCENARIO_D[:4], *REF_2201, urgent])
    assert [r.number for r in referrals.worklist(hub)] == ["REF-2201", "REF-2", "REF-2207"]
    assert [r.number for r in referrals.worklist(hub, limit=1)] == ["REF-2201"]
    assert [r.number for r in referrals.worklist(hub, owner="coordinator")] == ["REF-2207"]
    assert [r.number for r in referrals.worklist(hub, practice="love-cardiology", owner="pcp", limit=5)] == ["REF-2201"]
    assert referrals.counts(hub) == (3, 3)
    clock.set("2026-03-09T17:00:00-04:00")
    assert referrals.counts(hub) == (3, 1)


def test_the_digest_says_to_whom_what_is_overdue_has_gone(hub: Hub, clock: SetClock) -> None:
    """What was due longest has gone furthest up; what is in time is not in it."""
    clock.set("2026-03-20T17:00:00-04:00")
    fresh = order("o3", "2026-03-20T10:00", "REF-3", "urn:oid:1.2.3.4", "routine")
    take(hub, [*SCENARIO_D[:4], *REF_2201, fresh])
    late = referrals.overdue(hub, "panel-busy")
    assert {who: [r.number for r in rows] for who, rows in late.items()} == {
        "manager": ["REF-2201"],
        "coordinator": ["REF-2207"],
    }
    assert referrals.overdue(hub, "nobody") == {}


def test_the_timeline_keeps_evidence_and_who_acted(hub: Hub) -> None:
    """The story of a referral names each step with its states, what moved nothing, and the operator."""
    take(hub, SCENARIO_D)
    (suggestion,) = referrals.suggestions(hub)
    timeline = referrals.confirm(hub, suggestion.id, "coordinator").timeline
    assert [(t.before, t.after) for t in timeline][-2:] == [("scheduled", "note-received"), ("note-received",) * 2]
    assert (timeline[-1].by, timeline[-1].evidence) == ("coordinator", "an operator matched the note")


def test_operators_are_held_to_the_states(hub: Hub) -> None:
    """What is not possible in the present state is refused by name, as is what nothing is called."""
    take(hub, SCENARIO_D)
    with pytest.raises(NotAllowed, match="REF-2207 is scheduled"):
        referrals.review(hub, "REF-2207", "Dr. Busy")
    with pytest.raises(NotAllowed, match="reason"):
        referrals.close_without_note(hub, "REF-2207", " ", "Dr. Busy")
    with pytest.raises(NotFound):
        referrals.show(hub, "REF-9999")
    with pytest.raises(NotFound):
        referrals.confirm(hub, "no-such-suggestion", "coordinator")


def test_closing_without_a_note_and_reopening(hub: Hub) -> None:
    """A loop may end without a note, with a reason, and be reopened where it stood; a suggestion is decided once."""
    take(hub, SCENARIO_D)
    (suggestion,) = referrals.suggestions(hub)
    referrals.reject(hub, suggestion.id, "coordinator")
    with pytest.raises(NotAllowed, match="rejected already"):
        referrals.confirm(hub, suggestion.id, "coordinator")
    closed = referrals.close_without_note(hub, "REF-2207", "patient moved away", "Dr. Busy").row
    assert (closed.state, closed.status_reason, closed.task_status) == (
        "closed-no-note",
        "patient moved away",
        "failed",
    )
    reopened = referrals.reopen(hub, closed.id[:10], "Dr. Busy", "came back to town")
    assert (reopened.row.state, reopened.timeline[-1].by, reopened.timeline[-1].note) == (
        "scheduled",
        "Dr. Busy",
        "came back to town",
    )
    expired = referrals.close_without_note(hub, "REF-2207", "the authorization ran out", "coordinator", expired=True)
    assert (expired.row.state, expired.row.open) == ("expired", False)
    with pytest.raises(NotAllowed, match="is expired"):
        referrals.close_without_note(hub, "REF-2207", "again", "coordinator", expired=True)


def booked(hub: Hub, *names: str) -> None:
    """The messages are booked as the convert stage does it."""
    with writing(hub.main) as transaction:
        for name in names:
            known = dict.fromkeys((c.name for c in schema.messages.c if not c.nullable), "")
            numbers = {c.name: 0 for c in schema.messages.c if str(c.type) in ("INTEGER", "BIGINT", "FLOAT", "BOOLEAN")}
            transaction.execute(schema.messages.insert().values(**known | numbers | {"id": name, "person_id": HAROLD}))


def test_a_wrong_note_is_taken_off_and_linked_to_the_right_referral(hub: Hub, clock: SetClock) -> None:
    """A note that a wrong number brought to a referral is taken off and linked to another; both stories tell it."""
    wrong = note("wrong-note", "2026-03-20T15:00", referral_keys=(PLACER,))
    other = order("other-order", "2026-03-09T10:00", "REF-9", "urn:oid:1.2.3.4", "routine")
    take(hub, [*SCENARIO_D[:5], other, wrong])
    booked(hub, "wrong-note")
    assert referrals.show(hub, "REF-2207").row.state == "note-received"
    taken_off = referrals.unlink(hub, "REF-2207", "wrong-note", "coordinator")
    assert (taken_off.row.state, taken_off.timeline[-1].step, taken_off.timeline[-1].by) == (
        "scheduled",
        "unlinked",
        "coordinator",
    )
    assert take(hub, [wrong])["wrong-note"].transitions == 0
    linked = referrals.link(hub, "REF-9", "wrong-note", "coordinator")
    assert (linked.row.state, linked.row.note_status) == ("note-received", "final")
    with pytest.raises(NotAllowed, match="brought no note"):
        referrals.unlink(hub, "REF-2207", "wrong-note", "coordinator")
    with pytest.raises(NotAllowed, match="nothing that waits"):
        referrals.link(hub, "REF-9", "wrong-note", "coordinator")
    with pytest.raises(NotFound):
        referrals.link(hub, "REF-9", "no-such-message", "coordinator")


def test_a_note_moves_from_one_referral_to_another_in_one_act(hub: Hub) -> None:
    """Linking a note that another referral has takes it off there."""
    other = order("other-order", "2026-03-09T10:00", "REF-9", "urn:oid:1.2.3.4", "routine")
    take(hub, [*SCENARIO_D[:5], other, note("wrong-note", "2026-03-20T15:00", referral_keys=(PLACER,))])
    booked(hub, "wrong-note")
    assert referrals.link(hub, "REF-9", "wrong-note", "coordinator").row.state == "note-received"
    assert referrals.show(hub, "REF-2207").row.state == "scheduled"


def test_the_code_of_a_cover_sheet_finds_its_referral(hub: Hub) -> None:
    """A fax that carries nothing but the hub's own code answers that referral."""
    take(hub, SCENARIO_D[:2])
    own = referral_key(referrals.show(hub, "REF-2207").row.id)
    outcomes = take(hub, [note("fax", "2026-03-20T15:00", referral_keys=(own,))])
    assert outcomes["fax"].steps[0]["matched_by"] == "key"
    assert referrals.show(hub, "REF-2207").row.state == "note-received"


def test_an_appointment_before_its_referral_is_joined_across_batches(hub: Hub) -> None:
    """Appointment messages that come days before the order are joined when it comes, in another batch."""
    assert types(take(hub, [SCENARIO_D[3], SCENARIO_D[2]])) == []
    assert types(take(hub, SCENARIO_D[:1])) == ["referral.requested", "referral.scheduled", "referral.no-show"]
    with reading(hub.main) as connection:
        assert store.journals(connection, [store.held_subject(HAROLD)]) == []


def test_messages_that_say_nothing_of_referrals_cost_nothing(hub: Hub) -> None:
    """A batch without referrals has no outcome."""
    assert take(hub, [Reading(source("2026-03-09T10:00", "a1"), "A08")]) == {}


def test_what_waits_follows_a_merge(hub: Hub) -> None:
    """After two persons became one, what waited for the retired one is joined with the survivor's referral."""
    take(hub, [SCENARIO_D[2]])
    with writing(hub.main) as transaction:
        store.move_held(transaction, HAROLD, "survivor")
    ordered = replace(SCENARIO_D[0].source, person_id="survivor")
    (statement,) = SCENARIO_D[0].statements
    take(hub, [Reading(ordered, "O19", (replace(statement, source=ordered),))])
    assert referrals.show(hub, "REF-2207").row.state == "scheduled"


def test_tasks_are_cancelled_by_id(hub: Hub) -> None:
    """A row with an id and a status alone changes the status of a task that is there."""
    task = {"kind": "tcm", "person_id": HAROLD, "subject": "visit", "practice_id": "panel-busy", "due": "2026-03-11"}
    with writing(hub.main) as transaction:
        store.save_tasks(transaction, [{"id": "t", "status": "open", "body": {"title": "Call"}, **task}])
    assert [t.title for t in referrals.tasks(hub)] == ["Call"]
    with writing(hub.main) as transaction:
        store.save_tasks(transaction, [{"id": "t", "status": "cancelled"}])
    assert referrals.tasks(hub) == []


def test_a_referral_has_a_cover_sheet(hub: Hub) -> None:
    """The sheet is named for the referral and is a PDF with its code."""
    take(hub, SCENARIO_D[:1])
    name, sheet = referrals.cover(hub, "REF-2207")
    assert name == "referral-REF-2207.pdf"
    assert sheet.startswith(b"%PDF")

"""The route stage: bundles move visits, reports, documents and referrals, and what is new in them is told by rule.

A batch is loaded with few queries, decided in memory message by message, and written at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import orjson
from sqlalchemy import Connection

from hub.model import CareEvent, Json, Record, Stage, Stream
from hub.routing import documents, merges, results
from hub.routing.encounters import events as encounter_events
from hub.routing.encounters.state import DISCHARGE, EncounterState
from hub.routing.events import REPLAYED
from hub.routing.explain import about, difference, summary
from hub.routing.reading.message import read
from hub.routing.statements import (
    DocumentStatement,
    EncounterStatement,
    MergeStatement,
    Reading,
    ResultStatement,
    UnmergeStatement,
)
from hub.routing.tasks import stay_tasks
from hub.services.context import Hub
from hub.services.outputs import Outputs
from hub.services.records import event_record, notification_record
from hub.services.routing import notices as route_notices
from hub.services.routing.notices import Decided, Deciding, Happened
from hub.services.routing.owners import Owners
from hub.services.routing.referrals import ReferralOutcome, apply_signals
from hub.services.routing.state import Reports, Visits
from hub.store import events, messages, referrals
from hub.store.engine import utc_text

MERGES = (MergeStatement, UnmergeStatement)


@dataclass(slots=True)
class Turn:
    """One message on its way through the stage: what it states, what that changed, what happened."""

    reading: Reading
    source: str
    silent: str = ""
    redeliver: frozenset[str] = frozenset()
    replayed: bool = False
    subjects: dict[str, str] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    projections: list[Json] = field(default_factory=list)
    referrals: list[Json] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)


def route_batch(transaction: Connection, hub: Hub, records: Sequence[Record]) -> Outputs:
    """Routes a batch of ``hub.fhir``: writes states, events, notices and traces; returns the records to publish."""
    turns = [_turn(record) for record in records]
    _keep_apart(transaction, turns)
    readings = [turn.reading for turn in turns]
    persons = {reading.source.person_id for reading in readings} - {""}
    visits = Visits(transaction, readings, any(turn.silent == REPLAYED for turn in turns))
    reports = Reports(transaction, readings)
    for turn in turns:
        _fold(turn, visits, reports)
    _merge(transaction, turns)
    before = referrals.open_referrals(transaction, persons) if persons else {}
    for message_id, outcome in apply_signals(transaction, hub, readings).items():
        _refer(turns, message_id, outcome)
    decided, tasks = _decide(transaction, hub, turns, before, visits)
    now = utc_text(hub.clock.now())
    visits.save(transaction, now)
    reports.save(transaction, now)
    route_notices.save(transaction, [d for each in decided for d in each])
    referrals.save_tasks(transaction, tasks)
    messages.trace(transaction, Stage.ROUTE, dict(map(_trace, turns, decided)))
    return Outputs([r for turn, each in zip(turns, decided, strict=True) for r in _records(each, turn.source, now)])


def publish_events(transaction: Connection, hub: Hub, happened: Sequence[CareEvent], source: str) -> list[Decided]:
    """Decides, writes and publishes events that no message brought: an operator's act on a referral."""
    persons = {event.person_id for event in happened}
    before = referrals.open_referrals(transaction, persons) if persons else {}
    each = [Happened(event) for event in happened]
    deciding = Deciding(transaction, hub, each, before)
    decided = [deciding.decide(h) for h in each]
    route_notices.save(transaction, decided)
    for stream, record in _records(decided, source, utc_text(hub.clock.now())):
        hub.streams.publish(transaction, stream, [record])
    return decided


def catch_up(transaction: Connection, hub: Hub, happened: Sequence[CareEvent], source: str) -> int:
    """Tells of events, by what is known by now, whoever has not been told; returns how many notices that are."""
    before = referrals.open_referrals(transaction, {event.person_id for event in happened}) if happened else {}
    each = [Happened(event) for event in happened]
    deciding = Deciding(transaction, hub, each, before)
    notices = [notice for h in each for notice in deciding.decide(h).notices]
    told = events.told_ids(transaction, [notice.id for notice in notices])
    fresh = [notice for notice in notices if notice.id not in told]
    events.save_notifications(transaction, fresh)
    hub.streams.publish(transaction, Stream.NOTIFICATIONS, [notification_record(notice) for notice in fresh])
    return len(fresh)


def _turn(record: Record) -> Turn:
    head = record.headers
    bundle = orjson.loads(record.value)
    reading = read(bundle, head["id"], head.get("subject", ""), head["time"], head["authority"])
    replayed = head.get("replay") == "1"
    again = frozenset(filter(None, head.get("redeliver", "").split(",")))
    return Turn(reading, head["source"], reading.silent or (REPLAYED if replayed else ""), again, replayed)


def _keep_apart(transaction: Connection, turns: Sequence[Turn]) -> None:
    """A number that two patients share is a subject of its own for the second one."""
    owners = Owners(transaction, [turn.reading for turn in turns])
    again = [turn.reading.source.message_id for turn in turns if turn.replayed]
    noted = messages.traces_by(transaction, Stage.ROUTE, again) if again else {}
    for turn in turns:
        before = noted.get(turn.reading.source.message_id, {})
        turn.reading, turn.subjects = owners.settle(turn.reading, before.get("subjects", {}))


# --- what a message moves --------------------------------------------------------------------------------------


def _fold(turn: Turn, visits: Visits, reports: Reports) -> None:
    for position, statement in enumerate(turn.reading.statements):
        if isinstance(statement, EncounterStatement):
            _visit(turn, visits, position, statement)
        elif isinstance(statement, ResultStatement):
            _result(turn, reports, statement)
        elif isinstance(statement, DocumentStatement):
            _document(turn, visits, reports, statement)


def _visit(turn: Turn, visits: Visits, position: int, statement: EncounterStatement) -> None:
    source = statement.source
    known = visits.get(statement.subject)
    state = visits.take((source.message_id, position), statement)
    if state is None:
        turn.unmoved.append("the same was stated before")
        return
    record, happened = encounter_events.tell(
        known, state, source, lambda: visits.others(source.person_id, state.subject), turn.silent
    )
    visits.keep(record, source.person_id)
    _add(turn, happened, turn.reading.named_pcps or state.pcps)
    _project(turn, "encounter", state.subject, known.state if known else None, state)
    if not happened:
        turn.unmoved.append("the visit is where it was")


def _result(turn: Turn, reports: Reports, statement: ResultStatement) -> None:
    known = reports.result(statement.subject)
    record = replace(known, state=results.step(known.state, statement))
    record, happened = results.tell(record, statement.source, turn.silent)
    if record != known:
        reports.keep(record, statement.source.person_id)
    _add(turn, happened, turn.reading.named_pcps)
    _project(turn, "result", statement.subject, known.state, record.state)
    if not happened:
        waits = record.version == 0
        turn.unmoved.append("the report is not final and not critical" if waits else "what was told of it still holds")


def _document(turn: Turn, visits: Visits, reports: Reports, statement: DocumentStatement) -> None:
    known = reports.document(statement.subject)
    visit = visits.get(statement.encounter)
    silent = turn.silent or (visit.state.withheld if visit else "")
    record, happened = documents.tell(known, statement, visit.state if visit else None, silent)
    if record != known:
        reports.keep(record, statement.source.person_id)
    _add(turn, happened, turn.reading.named_pcps or (visit.state.pcps if visit else ()))
    if not happened:
        turn.unmoved.append("what was told of the document still holds" if known.told else "the document is not final")


def _merge(transaction: Connection, turns: Sequence[Turn]) -> None:
    """Merges are told once; the records of both persons were put together when the message was converted."""
    said = [(turn, s) for turn in turns for s in turn.reading.statements if isinstance(s, MERGES)]
    known = events.known(transaction, (merges.merge_key(s) for _, s in said)) if said else set()
    for turn, statement in said:
        happened = merges.tell(statement, known, turn.silent)
        known |= {event.event_key for event in happened}
        _add(turn, happened, ())
        if not happened:
            turn.unmoved.append("that was said of the two before")


def _refer(turns: Iterable[Turn], message_id: str, outcome: ReferralOutcome) -> None:
    turn = next(t for t in turns if t.reading.source.message_id == message_id)
    turn.referrals = outcome.steps
    happened = [replace(e, silent=turn.silent) if turn.silent else e for e in outcome.events]
    _add(turn, happened, turn.reading.named_pcps)


def _add(turn: Turn, happened: Iterable[CareEvent], named_pcps: tuple[tuple[str, str], ...]) -> None:
    turn.happened += [Happened(event, named_pcps, turn.redeliver) for event in happened]


def _project(
    turn: Turn,
    kind: str,
    subject: str,
    before: EncounterState | results.ResultState | None,
    after: EncounterState | results.ResultState,
) -> None:
    was, now = difference(summary(before) if before else {}, summary(after))
    turn.projections.append({"subject": subject, "kind": kind, "before": was, "after": now})


# --- what is told ----------------------------------------------------------------------------------------------


def _decide(
    transaction: Connection,
    hub: Hub,
    turns: Sequence[Turn],
    before: dict[str, list[referrals.OpenReferral]],
    visits: Visits,
) -> tuple[list[list[Decided]], list[Json]]:
    """Decides the events of each message, in order; and the tasks that follow from where the visits stand by now."""
    happened = [h for turn in turns for h in turn.happened]
    if not happened:
        return [[] for _ in turns], []
    deciding = Deciding(transaction, hub, happened, before)
    decided = [[deciding.decide(h) for h in turn.happened] for turn in turns]
    told = [h for turn in turns if not turn.silent for h in turn.happened]
    return decided, [task for h in told for task in _tasks(deciding, visits, h)]


def _tasks(deciding: Deciding, visits: Visits, happened: Happened) -> Iterable[Json]:
    """Whatever happened to a visit may change what its discharges call for, even when nobody is told of it."""
    visit = visits.get(happened.event.subject)
    if visit is None or not any(m.family == DISCHARGE for m in visit.state.milestones):
        return ()
    return stay_tasks(visit.state, happened.event.person_id, deciding.pcp(happened))


def _records(decided: Iterable[Decided], source: str, now: str) -> Iterator[tuple[Stream, Record]]:
    for each in decided:
        yield Stream.EVENTS, event_record(each.event, source, now)
        for notice in each.notices:
            yield Stream.NOTIFICATIONS, notification_record(notice)


def _trace(turn: Turn, decided: Sequence[Decided]) -> tuple[str, Json]:
    """What ``hub explain`` shows of the stage (promise P7)."""
    none = "" if decided else "; ".join(turn.unmoved) or "it says nothing of visits, results, documents or referrals"
    if none and turn.referrals:
        none = "no referral was moved"
    return turn.reading.source.message_id, {
        "trigger": turn.reading.trigger,
        "statements": [about(s) for s in turn.reading.statements],
        "subjects": turn.subjects,
        "projections": turn.projections,
        "referrals": turn.referrals,
        "events": [
            {
                "event": d.event,
                "decisions": d.decisions,
                "notices": [{"id": n.id, "practice_id": n.practice_id, "title": n.title} for n in d.notices],
            }
            for d in decided
        ],
        "none": none,
    }

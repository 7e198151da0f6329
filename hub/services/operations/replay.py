"""Replay: messages are converted and routed again with what is configured now, silently (promise P6).

A message that comes out as it was leaves everything as it is. One that comes out otherwise is published again, marked
as a replay; what is known is corrected, and nobody is told unless practices are named.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import orjson
from sqlalchemy import ColumnElement, Connection, true

from hub.errors import NotFound, TransientError
from hub.model import Json, MessageStatus, Record, Stage, Stream
from hub.services.context import Hub
from hub.services.conversion import convert, converted
from hub.services.conversion.converted import PANEL, Converted
from hub.services.identity import people
from hub.services.operations import lookup
from hub.services.outputs import Outputs
from hub.services.routing import route
from hub.store import deliveries, messages, schema
from hub.store.engine import reading, utc_text, writing

ALL = "all"
REPLAY_HEADER, REDELIVER_HEADER = "replay", "redeliver"
"""What marks a replayed record of ``hub.fhir``, and (comma-separated) the practices that are told nevertheless."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What came out otherwise than before: ``what`` is ``bundle``, ``person``, ``status``, ``statements``, ``event`` or
    ``notice``; ``text`` has no patient data."""

    message_id: str
    control_id: str
    what: str
    text: str


@dataclass(slots=True)
class ReplayReport:
    """What a replay found. ``transitions`` and ``notices`` count the care events and notices that are new by it;
    ``unchanged`` messages came out as they were; ``skipped`` ones are still on their way through the stages;
    ``would_tell`` counts by practice the notices that it hears of again when it is named, ``redelivered`` the
    deliveries that were queued for that."""

    dry_run: bool
    messages: int = 0
    unchanged: int = 0
    skipped: int = 0
    bundles_changed: int = 0
    statements_changed: int = 0
    transitions: int = 0
    notices: int = 0
    redelivered: int = 0
    would_tell: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


def replay(hub: Hub, selection: Sequence[str], *, dry_run: bool = False, redeliver: Sequence[str] = ()) -> ReplayReport:
    """Replays messages by id, prefix of an id or control id; ``all``, or all of a status (``held``).

    A dry run does the same in one transaction that is rolled back; the stages wait as long. ``redeliver`` names the
    practices that are told again. Raises ``NotFound``.
    """
    rows = _select(hub, selection)
    ready = [row for row in rows if _is_ready(row)]
    report = ReplayReport(dry_run, messages=len(ready), skipped=len(rows) - len(ready))
    batches = [ready[i : i + hub.settings.batch] for i in range(0, len(ready), hub.settings.batch)]
    run = _Run(hub, report, tuple(redeliver))
    if dry_run:
        with _rolled_back(hub) as transaction:
            for batch in batches:
                run.replay(transaction, batch)
    else:
        for batch in batches:
            with writing(hub.main) as transaction:
                run.replay(transaction, batch)
            hub.streams.flush()
    report.unchanged = report.messages - len({d.message_id for d in report.differences})
    return report


def _is_ready(row: Json) -> bool:
    """Whether a message can be converted again: its first conversion is routed, and a row of a panel is loaded again
    by sending the panel again."""
    return row["type"] != PANEL and (bool(row["routed"]) or row["status"] != MessageStatus.CONVERTED)


def _select(hub: Hub, selection: Sequence[str]) -> list[Json]:
    wanted: dict[str, Json] = {}
    for word in selection:
        for row in _named(hub, word):
            wanted[row["id"]] = row
    return sorted(wanted.values(), key=lambda row: (row["raw_partition"], row["raw_offset"]))


def _named(hub: Hub, word: str) -> list[Json]:
    condition: ColumnElement[bool]
    if word == ALL:
        condition = true()
    elif word in (MessageStatus.CONVERTED, MessageStatus.HELD, MessageStatus.DEAD):
        condition = schema.messages.c.status == word
    else:
        row = lookup.find(hub, word).row
        if row["status"] == MessageStatus.WAITING:
            raise NotFound(f"message {row['id']} waits for its first conversion")
        return [row]
    with reading(hub.main) as connection:
        return messages.selected(connection, condition)


@contextmanager
def _rolled_back(hub: Hub) -> Iterator[Connection]:
    with writing(hub.main) as transaction:
        yield transaction
        transaction.rollback()


@dataclass(frozen=True, slots=True)
class _Run:
    """One replay: what it works with and what it reports to."""

    hub: Hub
    report: ReplayReport
    redeliver: tuple[str, ...]

    def replay(self, transaction: Connection, rows: Sequence[Json]) -> None:
        """Converts, compares, publishes what has changed, and routes; all of one batch."""
        before = {row["id"]: row for row in rows}
        batch = self._convert(transaction, list(before.values()))
        bundles = {record.headers["id"]: self._marked(record) for record in batch.bundles}
        for row in batch.rows:
            self._compare(transaction, before[row["id"]], row, batch.traces[row["id"]], bundles)
        people.add(transaction, batch.persons, utc_text(self.hub.clock.now()))
        self._route(transaction, list(bundles.values()), before)
        self._tell_again(transaction, list(before))

    def _convert(self, transaction: Connection, rows: Sequence[Json]) -> convert.Batch:
        again = []
        for row in rows:
            record = self.hub.streams.fetch(Stream.RAW, row["raw_partition"], row["raw_offset"])
            if record is None:
                raise NotFound(f"message {row['id']} is no longer in the raw log")
            again += self._attempt(row, record)
        reused = {row["id"] for row in rows if row["code"] == convert.REUSED}
        return convert.settle(transaction, again, lambda raw: convert.REUSED_WARNING if raw.id in reused else None)

    def _attempt(self, row: Json, record: Record) -> list[Converted]:
        try:
            return [converted.convert(self.hub, record)]
        except Exception as error:  # noqa: BLE001 - one message that breaks its mapper must not end the replay (P8)
            self._differs(row, "status", f"conversion fails now: {type(error).__name__}")
            return []

    def _compare(
        self, transaction: Connection, before: Json, now: Json, trace: Json, bundles: dict[str, Record]
    ) -> None:
        """Books what came out otherwise. A message that was converted stays so: its effects are there."""
        message_id = before["id"]
        if now["status"] != before["status"]:
            self._differs(before, "status", f"{before['status']} → {now['status']} {now['code']}".rstrip())
        if now["status"] != MessageStatus.CONVERTED:
            return
        if not self._same_bundle(before, now, bundles[message_id]):
            kept = {name: before[name] for name in ("routed", "fhir_partition", "fhir_offset")}
            messages.rebook(transaction, [{**now, **kept}])
            messages.trace(transaction, Stage.CONVERT, {message_id: trace})
            self.hub.streams.publish(transaction, Stream.FHIR, [bundles[message_id]])

    def _same_bundle(self, before: Json, now: Json, record: Record) -> bool:
        published = lookup.bundle_record(self.hub, before)
        if before["status"] == MessageStatus.CONVERTED and before["person_id"] != now["person_id"]:
            self._differs(before, "person", f"{before['person_id']} → {now['person_id']}")
        elif published and published.value == record.value:
            return bool(before["status"] == now["status"])
        self.report.bundles_changed += 1
        self._differs(before, "bundle", _changed_resources(published, record))
        return False

    def _route(self, transaction: Connection, records: list[Record], before: dict[str, Json]) -> None:
        """Routes again; traces of messages that state what they stated stay as they are. A batch in which a record
        fails is halved until that one stands alone."""
        if not records:
            return
        ids = [record.headers["id"] for record in records]
        noted = messages.traces_by(transaction, Stage.ROUTE, ids)
        point = transaction.begin_nested()
        try:
            outputs = route.route_batch(transaction, self.hub, records)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - one message that breaks routing must not end the replay (P8)
            point.rollback()
            if len(records) == 1:
                self._differs(before[ids[0]], "status", f"routing fails now: {type(error).__name__}")
                return
            self._route(transaction, records[: len(records) // 2], before)
            self._route(transaction, records[len(records) // 2 :], before)
            return
        self._report(outputs, before)
        restated = self._restated(transaction, noted, before)
        if outputs.records or restated:
            point.commit()
            messages.trace(transaction, Stage.ROUTE, {i: noted[i] for i in noted if i not in restated})
            for stream, record in outputs.records:
                self.hub.streams.publish(transaction, stream, [record])
        else:
            point.rollback()

    def _restated(self, transaction: Connection, noted: dict[str, Json], before: dict[str, Json]) -> set[str]:
        """The messages that state otherwise than before."""
        now = messages.traces_by(transaction, Stage.ROUTE, list(before))
        restated = {i for i in now if now[i].get("statements") != noted.get(i, {}).get("statements")}
        for message_id in restated:
            self.report.statements_changed += 1
            self._differs(before[message_id], "statements", "states otherwise")
        return restated

    def _report(self, outputs: Outputs, before: dict[str, Json]) -> None:
        for stream, record in outputs.records:
            said = orjson.loads(record.value)
            row = before.get(said.get("message_id", ""), {"id": "", "control_id": ""})
            if stream is Stream.EVENTS:
                self.report.transitions += 1
                self._differs(row, "event", f"{said['type']} ({said['kind']})")
            elif stream is Stream.NOTIFICATIONS:
                self.report.notices += 1
                self._differs(row, "notice", f"{said['practice_id']}: {said['kind']}")

    def _tell_again(self, transaction: Connection, message_ids: Sequence[str]) -> None:
        told = deliveries.told(transaction, message_ids)
        for practice, count in Counter(row.practice_id for row in told).items():
            self.report.would_tell[practice] = self.report.would_tell.get(practice, 0) + count
        again = [row.id for row in told if row.practice_id in self.redeliver]
        self.report.redelivered += deliveries.requeue(transaction, again, utc_text(self.hub.clock.now()))

    def _marked(self, record: Record) -> Record:
        marks = {REPLAY_HEADER: "1", REDELIVER_HEADER: ",".join(self.redeliver)}
        return replace(record, headers={**record.headers, **{name: mark for name, mark in marks.items() if mark}})

    def _differs(self, row: Json, what: str, text: str) -> None:
        self.report.differences.append(Difference(row["id"], row["control_id"], what, text))


def _changed_resources(published: Record | None, now: Record) -> str:
    """Which resources of the bundle are new, gone or different, by type."""
    old = _resources(published.value) if published else {}
    new = _resources(now.value)
    marks = [("new", new.keys() - old.keys(), new), ("gone", old.keys() - new.keys(), old)]
    marks.append(("changed", {i for i in old.keys() & new.keys() if old[i] != new[i]}, new))
    words = [f"{what} {', '.join(sorted({of[i]['resourceType'] for i in ids}))}" for what, ids, of in marks if ids]
    return "; ".join(words) or "the same resources in another order"


def _resources(bundle: bytes) -> dict[str, Json]:
    return {entry["fullUrl"]: entry["resource"] for entry in orjson.loads(bundle)["entry"]}

"""Persons who were taken for one: by whom, since when, and what is to be given back when they are two after all."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, or_, select, update

from hub.model import Json, Stage
from hub.store.persons import in_parts
from hub.store.referrals import held_subject
from hub.store.schema import (
    encounters,
    events,
    identity_merges,
    identity_reviews,
    messages,
    notifications,
    panel,
    referrals,
    results,
    statements,
    tasks,
    traces,
)
from hub.store.upsert import upsert

_REVIEW = ("id", "person_a", "person_b", "status")


class Merge(NamedTuple):
    """A merge, or that there is none any more (``undone_at``); ``at`` is when the newest statement about the two was
    made (UTC text). ``body`` has the keys of the retired person's source records (``records``, and ``created`` those
    that only the merge made), the ``messages`` and ``panel`` rows that were that person's, the ``reviews`` as they
    were, ``why``, the line of evidence that the records got, and ``into``: the survivor's key that was named."""

    id: str
    survivor: str
    retired: str
    message_id: str
    by: str
    at: str
    undone_at: str
    undone_by: str
    body: Json

    @property
    def holds(self) -> bool:
        return not self.undone_at and self.survivor != self.retired


def save(transaction: Connection, merge: Merge) -> None:
    """Writes a merge, new or as it stands now."""
    upsert(transaction, identity_merges, [{**merge._asdict(), "body": orjson.dumps(merge.body)}])


def of(connection: Connection, merge_id: str) -> Merge | None:
    """The merge of exactly this id."""
    return next(iter(_merges(connection, identity_merges.c.id == merge_id)), None)


def called(connection: Connection, beginning: str) -> list[Merge]:
    """The merges whose id begins so."""
    return _merges(connection, identity_merges.c.id.startswith(beginning, autoescape=True))


def newest(connection: Connection, person_id: str, limit: int) -> list[Merge]:
    """The merges of a person, or of all, newest first."""
    either = or_(identity_merges.c.survivor == person_id, identity_merges.c.retired == person_id)
    return _merges(connection, either if person_id else identity_merges.c.id != "", limit)


def _merges(connection: Connection, condition: ColumnElement[bool], limit: int = 100) -> list[Merge]:
    query = select(identity_merges).where(condition).order_by(identity_merges.c.at.desc(), identity_merges.c.id)
    rows = connection.execute(query.limit(limit)).mappings().all()
    return [Merge(**{**row, "body": orjson.loads(row["body"])}) for row in rows]


# --- what a person has ----------------------------------------------------------------------------------------


def messages_of(connection: Connection, person_id: str, since: str = "") -> list[str]:
    """The messages of a person that were received since then."""
    mine = (messages.c.person_id == person_id) & (messages.c.received_at >= since)
    return list(connection.execute(select(messages.c.id).where(mine)).scalars())


def panel_of(connection: Connection, person_id: str) -> list[str]:
    """The rows of panels that are a person's."""
    return list(connection.execute(select(panel.c.id).where(panel.c.person_id == person_id)).scalars())


def reviews_of(connection: Connection, person_id: str) -> list[Json]:
    """The pairs of a person as they stand."""
    table = identity_reviews
    mine = or_(table.c.person_a == person_id, table.c.person_b == person_id)
    query = select(*(table.c[name] for name in _REVIEW)).where(mine)
    return [dict(zip(_REVIEW, row, strict=True)) for row in connection.execute(query)]


def noted(connection: Connection, stage: Stage, message_ids: Iterable[str]) -> dict[str, Json]:
    """What a stage wrote down of any number of messages."""
    query = select(traces.c.message_id, traces.c.body).where(traces.c.stage == stage.value)
    return {
        message_id: orjson.loads(body)
        for part in in_parts(message_ids)
        for message_id, body in connection.execute(query.where(traces.c.message_id.in_(part)))
    }


def referrals_of(connection: Connection, person_id: str) -> dict[str, set[str]]:
    """The referrals of a person, each with the messages that moved it."""
    found: dict[str, set[str]] = {}
    query = (
        select(referrals.c.id, statements.c.message_id)
        .join(statements, statements.c.subject == referrals.c.id)
        .where(referrals.c.person_id == person_id)
    )
    for referral_id, message_id in connection.execute(query):
        found.setdefault(referral_id, set()).add(message_id)
    return found


# --- giving it to somebody else -------------------------------------------------------------------------------


def give_messages(transaction: Connection, holder: str, to: str, message_ids: Iterable[str]) -> None:
    """Messages with the events and notices that came of them; what is not the holder's stays where it is."""
    ids = list(message_ids)
    for column in (messages.c.id, events.c.message_id, notifications.c.message_id):
        _give(transaction, column, ids, holder, to)
    for part in in_parts(ids):
        waiting = (statements.c.subject == held_subject(holder)) & statements.c.message_id.in_(part)
        transaction.execute(update(statements).where(waiting).values(subject=held_subject(to)))


def give_subjects(transaction: Connection, holder: str, to: str, subjects: Iterable[str]) -> None:
    """Visits, results, documents and referrals with their tasks, and what happened to them without a message."""
    ids = list(subjects)
    for column in (encounters.c.id, results.c.id, referrals.c.id, tasks.c.subject, events.c.subject):
        _give(transaction, column, ids, holder, to)
    for part in in_parts(ids):
        of_subjects = notifications.c.event_key.in_(select(events.c.event_key).where(events.c.subject.in_(part)))
        mine = of_subjects & (notifications.c.person_id == holder)
        transaction.execute(update(notifications).where(mine).values(person_id=to))


def give_panel(transaction: Connection, holder: str, to: str, ids: Iterable[str]) -> None:
    """Rows of panels."""
    _give(transaction, panel.c.id, ids, holder, to)


def restore_reviews(transaction: Connection, rows: Sequence[Json], linked: str) -> None:
    """The pairs as they were, but for what somebody has decided since; ``linked`` is the status of those that are
    settled because their two persons were one."""
    table = identity_reviews
    for row in rows:
        one = table.c.id == row["id"]
        transaction.execute(update(table).where(one).values(person_a=row["person_a"], person_b=row["person_b"]))
        settled = one & (table.c.status == linked) & (table.c.decided_by == "")
        transaction.execute(update(table).where(settled).values(status=row["status"]))


def _give(transaction: Connection, column: Any, ids: Iterable[str], holder: str, to: str) -> None:
    table = column.table
    for part in in_parts(ids):
        mine = column.in_(part) & (table.c.person_id == holder)
        transaction.execute(update(table).where(mine).values(person_id=to))

"""Referrals: their journals and states, the keys that name them, what was suggested, and the tasks that follow.

Signals that wait for a referral are in the journal under the subject ``held/<person>``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, func, or_, select, update

from hub.model import Json
from hub.store.schema import NEVER, referral_keys, referrals, statements, suggestions, tasks
from hub.store.upsert import insert_new, upsert

JOURNAL = "referral"
HELD = "referral-held"
SUGGESTION_COLUMNS = ("id", "referral_id", "message_id", "status", "created_at", "decided_by")
AT_ONCE = 500
"""So many ids a query names."""
_PLACE = (statements.c.subject, statements.c.message_id, statements.c.position)


class ReferralRow(NamedTuple):
    """A referral as stored; ``state`` is its fold as JSON, with the milestones that were told under ``told``. The rest
    is what the worklist is found and ordered by."""

    id: str
    person_id: str
    status: str
    open: bool
    number: str
    state: Json
    due_at: str = NEVER
    owner: str = ""
    referrer_npi: str = ""
    referred_npi: str = ""
    referred_group: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """A practice as referrals name it: its clinicians, and its name in small letters."""

    npis: tuple[str, ...]
    group: str


class JournalRow(NamedTuple):
    """One signal of a journal: who it is about, its place in its message, when it happened (UTC text)."""

    subject: str
    message_id: str
    position: int
    occurred_at: str
    body: Any


@dataclass(frozen=True, slots=True)
class OpenReferral:
    """An open referral as attribution needs it: who else looks after this person."""

    id: str
    number: str
    status: str
    referred_to_npi: str
    referred_to_name: str
    referred_to_organization: str
    referrer_npi: str


def held_subject(person_id: str) -> str:
    """Under which subject the journal keeps signals of a person that no referral claims yet."""
    return f"held/{person_id}"


# --- reading ---------------------------------------------------------------------------------------------------


def ids_by_key(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The referrals that are known under these keys."""
    wanted = list(set(keys))
    if not wanted:
        return {}
    query = select(referral_keys.c.key, referral_keys.c.referral_id).where(referral_keys.c.key.in_(wanted))
    return {row.key: row.referral_id for row in connection.execute(query)}


def of(
    connection: Connection, persons: Iterable[str] = (), ids: Iterable[str] = (), numbers: Iterable[str] = ()
) -> list[ReferralRow]:
    """The referrals of these persons, with these ids or with these numbers."""
    conditions = [
        column.in_(values)
        for column, values in (
            (referrals.c.person_id, list(persons)),
            (referrals.c.id, list(ids)),
            (referrals.c.number, list(numbers)),
        )
        if values
    ]
    return _referrals(connection, or_(*conditions)) if conditions else []


def beginning(connection: Connection, prefix: str) -> list[ReferralRow]:
    """The referrals whose ids begin like this."""
    return _referrals(connection, referrals.c.id.startswith(prefix, autoescape=True))


def worklist(
    connection: Connection, open_only: bool, sides: Sides | None = None, owner: str = "", limit: int = 0
) -> list[ReferralRow]:
    """Referrals, the soonest due first, no more than ``limit`` if there is one: those that still need somebody or all,
    of one practice or of all, whose next step is somebody's or anybody's."""
    conditions: list[ColumnElement[bool]] = [referrals.c.open.is_(True)] if open_only else []
    if owner:
        conditions.append(referrals.c.owner == owner)
    found: set[tuple[str, str]] = set()
    for side in _sides(sides) if sides else (None,):  # each by an index of its own
        query = select(referrals.c.due_at, referrals.c.id).where(*conditions, *(() if side is None else (side,)))
        query = query.order_by(referrals.c.due_at, referrals.c.id)
        found.update((r.due_at, r.id) for r in connection.execute(query.limit(limit) if limit else query))
    wanted = [referral_id for _, referral_id in sorted(found)[: limit or None]]
    rows = {
        row.id: row for at in range(0, len(wanted), AT_ONCE) for row in of(connection, ids=wanted[at : at + AT_ONCE])
    }
    return [rows[referral_id] for referral_id in wanted]


def _sides(sides: Sides) -> Iterable[ColumnElement[bool]]:
    if sides.npis:
        yield referrals.c.referrer_npi.in_(sides.npis)
        yield referrals.c.referred_npi.in_(sides.npis)
    yield referrals.c.referred_group == sides.group


def counts(connection: Connection, today: str) -> tuple[int, int]:
    """How many referrals are open, and how many of them were due before today (a date)."""
    late = func.coalesce(func.sum(case((referrals.c.due_at < today, 1), else_=0)), 0)
    opened, overdue = connection.execute(select(func.count(), late).where(referrals.c.open.is_(True))).one()
    return int(opened), int(overdue)


def journals(connection: Connection, subjects: Iterable[str]) -> list[JournalRow]:
    """The signals under these subjects (referrals, or ``held_subject`` of persons)."""
    columns = (*_PLACE, statements.c.occurred_at, statements.c.body)
    query = select(*columns).where(statements.c.subject.in_(list(subjects)))
    return [JournalRow(*r[:4], orjson.loads(r[4])) for r in connection.execute(query)]


def suggested(
    connection: Connection, *, ids: Iterable[str] = (), referral_ids: Iterable[str] = (), status: str = ""
) -> list[Json]:
    """The bodies of suggestions with these ids, or for these referrals, or of this status, the oldest first."""
    wanted = suggestions.c.id.in_(list(ids)) | suggestions.c.referral_id.in_(list(referral_ids))
    wanted = wanted | (suggestions.c.status == status) if status else wanted
    query = select(suggestions.c.body).where(wanted).order_by(suggestions.c.created_at, suggestions.c.id)
    return [orjson.loads(body) for body in connection.execute(query).scalars()]


def open_tasks(connection: Connection) -> list[Json]:
    """Tasks that are open, the soonest due first."""
    return _tasks(connection, tasks.c.status == "open")


def tasks_of(connection: Connection, subject: str) -> list[Json]:
    """The tasks of a referral or an encounter, the soonest due first."""
    return _tasks(connection, tasks.c.subject == subject)


def _tasks(connection: Connection, condition: ColumnElement[bool]) -> list[Json]:
    rows = connection.execute(select(tasks).where(condition).order_by(tasks.c.due, tasks.c.id))
    return [{**row, "body": orjson.loads(row["body"])} for row in rows.mappings()]


def open_referrals(connection: Connection, person_ids: Iterable[str]) -> dict[str, list[OpenReferral]]:
    """By person, the referrals whose specialist is looking after them (declined ones are not)."""
    by_person: dict[str, list[OpenReferral]] = {}
    mine = referrals.c.person_id.in_(list(person_ids)) & referrals.c.open.is_(True)
    for row in _referrals(connection, mine & (referrals.c.status != "declined")):
        by_person.setdefault(row.person_id, []).append(_open_referral(row))
    return by_person


def _open_referral(row: ReferralRow) -> OpenReferral:
    asked = row.state["referred_to"]
    return OpenReferral(
        id=row.id,
        number=row.number,
        status=row.status,
        referred_to_npi=asked["npi"],
        referred_to_name=asked["name"],
        referred_to_organization=asked["organization"],
        referrer_npi=row.state["referrer"]["npi"],
    )


def _referrals(connection: Connection, condition: ColumnElement[bool]) -> list[ReferralRow]:
    columns = (
        referrals.c.id,
        referrals.c.person_id,
        referrals.c.status,
        referrals.c.open,
        referrals.c.number,
        referrals.c.state,
    )
    rows = connection.execute(select(*columns).where(condition).order_by(referrals.c.id))
    return [ReferralRow(*r[:5], orjson.loads(r[5])) for r in rows]


# --- writing ---------------------------------------------------------------------------------------------------


def save_referrals(transaction: Connection, rows: Sequence[ReferralRow], now: str) -> None:
    """Writes referrals and the keys that they are known by; a key stays with the referral that had it first."""
    upsert(
        transaction,
        referrals,
        [row._asdict() | {"state": orjson.dumps(row.state), "changed_at": now} for row in rows],
    )
    insert_new(
        transaction, referral_keys, [{"key": key, "referral_id": row.id} for row in rows for key in row.state["keys"]]
    )


def save_journal(
    transaction: Connection, written: Sequence[JournalRow], gone: Sequence[tuple[str, str, int]] = ()
) -> None:
    """Writes signals (``body`` is what ``orjson`` can write) and removes those at the places that are ``gone``."""
    if gone:
        at = [column == bindparam(f"at_{column.name}") for column in _PLACE]
        places = [dict(zip(("at_subject", "at_message_id", "at_position"), place, strict=True)) for place in gone]
        transaction.execute(delete(statements).where(*at), places)
    rows = [row._asdict() | {"kind": _kind(row.subject), "body": orjson.dumps(row.body)} for row in written]
    upsert(transaction, statements, rows)


def _kind(subject: str) -> str:
    return HELD if subject.startswith(held_subject("")) else JOURNAL


def save_suggestions(transaction: Connection, rows: Sequence[Json]) -> None:
    """Writes complete suggestions; ``body`` is JSON."""
    upsert(transaction, suggestions, [row | {"body": orjson.dumps(row["body"])} for row in rows])


def save_tasks(transaction: Connection, rows: Sequence[Json]) -> None:
    """Writes complete tasks (``body`` is JSON); a row with ``id`` and ``status`` alone changes the status of one that
    is there."""
    whole = [row | {"body": orjson.dumps(row["body"])} for row in rows if "body" in row]
    upsert(transaction, tasks, whole)
    changes = [{"task": row["id"], "now": row["status"]} for row in rows if "body" not in row]
    if changes:
        transaction.execute(
            update(tasks).where(tasks.c.id == bindparam("task")).values(status=bindparam("now")), changes
        )


def move_held(transaction: Connection, retired: str, survivor: str) -> None:
    """What waits for the retired person waits for the survivor."""
    waiting = statements.c.subject == held_subject(retired)
    transaction.execute(update(statements).where(waiting).values(subject=held_subject(survivor)))

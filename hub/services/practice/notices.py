"""Notices as a practice sees them, and its steps on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from hub.errors import NotFound, PermanentError
from hub.model import DeliveryState, Notification
from hub.services.context import Hub
from hub.services.delivery.ways import ESCALATION, INBOX
from hub.services.records import notification
from hub.store import deliveries, persons, schema
from hub.store.engine import reading, utc_text, writing

LEAST_PREFIX = 8
"""Characters of a notice's id that are enough to ask for it."""

_ORDER = list(DeliveryState)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A notice on its way through one channel."""

    channel: str
    state: str
    attempts: int
    next_at: str
    receipt: str
    error: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice with its deliveries; ``state`` is how far the furthest of them is."""

    id: str
    practice_id: str
    practice: str
    person_id: str
    patient: str
    kind: str
    urgency: str
    role: str
    title: str
    text: str
    reasons: tuple[str, ...]
    rule: str
    event_key: str
    version: int
    occurred_at: str
    created_at: str
    message_id: str
    state: str
    deliveries: tuple[DeliveryRow, ...]


def notifications(
    hub: Hub, practice: str = "", patient: str = "", limit: int = 50, urgency: str = ""
) -> list[NoticeRow]:
    """Notices, newest first."""
    with reading(hub.main) as connection:
        where: list[Any] = [schema.notifications.c.practice_id == practice] if practice else []
        if urgency:
            where.append(schema.notifications.c.urgency == urgency)
        if patient:
            where.append(schema.notifications.c.person_id.in_(persons.matching(connection, patient)))
        return of(hub, connection, where, limit)


def notice(hub: Hub, notice_id: str) -> NoticeRow:
    """One notice by its id or a unique prefix of it. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        found = of(hub, connection, [schema.notifications.c.id.between(notice_id, f"{notice_id}g")], limit=2)
    if len(found) != 1 or len(notice_id) < LEAST_PREFIX:
        raise NotFound(f"no single notice has the id {notice_id!r}")
    return found[0]


def acknowledge(hub: Hub, notice_id: str, by: str) -> NoticeRow:
    """Somebody of the practice has seen the notice: its inbox delivery becomes acknowledged."""
    known = notice(hub, notice_id)
    if all(d.channel != INBOX for d in known.deliveries):
        raise PermanentError(f"practice {known.practice_id} has no inbox to acknowledge this notice in")
    with writing(hub.main) as transaction:
        now = utc_text(hub.clock.now())
        deliveries.acknowledge(transaction, known.id, INBOX, by, now)
        deliveries.drop_waiting(transaction, known.id, ESCALATION, f"acknowledged by {by}", now)
    return notice(hub, known.id)


def of(hub: Hub, connection: Connection, where: Sequence[Any], limit: int) -> list[NoticeRow]:
    """The notices for which all conditions hold, newest first."""
    table = schema.notifications
    query = select(table.c.body, table.c.person_id).where(*where)
    rows = connection.execute(query.order_by(table.c.created_at.desc(), table.c.id).limit(limit))
    found = [notification(row.body, row.person_id) for row in rows]
    patients = persons.displays(connection, {n.person_id for n in found})
    by_notice: dict[str, list[DeliveryRow]] = {}
    for row in deliveries.of_notices(connection, [n.id for n in found]):
        by_notice.setdefault(row.notification_id, []).append(_delivery(row))
    return [_row(hub, n, patients.get(n.person_id, {}).get("name", ""), tuple(by_notice.get(n.id, ()))) for n in found]


def _row(hub: Hub, notice: Notification, patient: str, on_the_way: tuple[DeliveryRow, ...]) -> NoticeRow:
    states = [DeliveryState(d.state) for d in on_the_way]
    return NoticeRow(
        id=notice.id,
        practice_id=notice.practice_id,
        practice=hub.site.practice(notice.practice_id).name,
        person_id=notice.person_id,
        patient=patient,
        kind=notice.kind,
        urgency=notice.urgency.value,
        role=notice.role.value,
        title=notice.title,
        text=notice.text,
        reasons=notice.reasons,
        rule=notice.rule,
        event_key=notice.event_key,
        version=notice.version,
        occurred_at=notice.occurred_at,
        created_at=notice.created_at,
        message_id=notice.message_id,
        state=_furthest(states).value,
        deliveries=on_the_way,
    )


def _furthest(states: Sequence[DeliveryState]) -> DeliveryState:
    """How far the notice has come; failed only where every channel failed."""
    under_way = [s for s in states if s not in (DeliveryState.FAILED, DeliveryState.DROPPED)]
    if states and not under_way:
        return DeliveryState.FAILED if DeliveryState.FAILED in states else DeliveryState.DROPPED
    return max(under_way, key=_ORDER.index, default=DeliveryState.QUEUED)


def _delivery(row: Any) -> DeliveryRow:
    return DeliveryRow(
        channel=row.channel,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        receipt=row.receipt,
        error=row.error,
        changed_at=row.changed_at,
    )

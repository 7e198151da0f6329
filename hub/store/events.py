"""Care events and notices, and what decides who is told: panels and earlier notices."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import Connection, select

from hub.model import CareEvent, Notification
from hub.store.schema import events, notifications, panel
from hub.store.upsert import insert_new

ON_PANEL = ("matched", "new")
"""Outcomes of panel rows that name a person; an ambiguous row never tells anybody."""


def save_events(transaction: Connection, happened: Sequence[CareEvent]) -> None:
    """Writes events; one that is there already stays as it is."""
    rows = [
        {
            "id": event.id,
            "event_key": event.event_key,
            "version": event.version,
            "type": event.type,
            "kind": event.kind,
            "person_id": event.person_id,
            "subject": event.subject,
            "message_id": event.message_id,
            "occurred_at": event.occurred_at,
            "silent": event.silent,
            "body": orjson.dumps(event),
        }
        for event in happened
    ]
    insert_new(transaction, events, rows)


def save_notifications(transaction: Connection, notices: Sequence[Notification]) -> None:
    """Writes notices; one that is there already stays as it is."""
    rows = [
        {
            "id": notice.id,
            "event_key": notice.event_key,
            "version": notice.version,
            "practice_id": notice.practice_id,
            "person_id": notice.person_id,
            "message_id": notice.message_id,
            "kind": notice.kind,
            "urgency": notice.urgency.value,
            "created_at": notice.created_at,
            "body": orjson.dumps(notice),
        }
        for notice in notices
    ]
    insert_new(transaction, notifications, rows)


def of_person(connection: Connection, person_id: str) -> list[CareEvent]:
    """All that happened to a person."""
    found = connection.execute(select(events.c.body).where(events.c.person_id == person_id)).scalars()
    return [CareEvent(**orjson.loads(body)) for body in found]


def told_ids(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Which of these notices there are."""
    return set(connection.execute(select(notifications.c.id).where(notifications.c.id.in_(list(ids)))).scalars())


def known(connection: Connection, event_keys: Iterable[str]) -> set[str]:
    """Which of these event keys have happened."""
    query = select(events.c.event_key).where(events.c.event_key.in_(list(event_keys)))
    return set(connection.execute(query).scalars())


def told(connection: Connection, event_keys: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """By event key, the practices that were told of it and for which clinician (NPI), each once."""
    columns = (notifications.c.event_key, notifications.c.practice_id, notifications.c.body)
    query = select(*columns).where(notifications.c.event_key.in_(list(event_keys))).order_by(notifications.c.created_at)
    by_key: dict[str, dict[str, str]] = {}
    for key, practice_id, body in connection.execute(query):
        by_key.setdefault(key, {}).setdefault(practice_id, orjson.loads(body)["npi"])
    return {key: list(practices.items()) for key, practices in by_key.items()}


def on_panels(connection: Connection, person_ids: Iterable[str]) -> dict[str, list[tuple[str, str, str, str]]]:
    """By person, the panel rows that name them: practice, PCP's NPI, start and end date."""
    columns = (panel.c.person_id, panel.c.practice_id, panel.c.pcp_npi, panel.c.start_date, panel.c.end_date)
    named = panel.c.person_id.in_(list(person_ids)) & panel.c.outcome.in_(ON_PANEL)
    by_person: dict[str, list[tuple[str, str, str, str]]] = {}
    for person_id, *row in connection.execute(select(*columns).where(named).order_by(panel.c.id)):
        by_person.setdefault(person_id, []).append((row[0], row[1], row[2], row[3]))
    return by_person

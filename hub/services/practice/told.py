"""What a practice may read at the FHIR end: what it was told, and what its notices refer to."""

from typing import Any

from sqlalchemy import Connection, select

from hub.errors import NotFound
from hub.fhir.backport.notification import addressed, communication
from hub.fhir.backport.topics import FOCUS
from hub.model import Json, Notification, Origin
from hub.services.context import Hub
from hub.services.delivery.origins import origins
from hub.services.records import notification
from hub.store.engine import reading
from hub.store.schema import events, notifications, panel

READABLE = ("Communication", *FOCUS.values())
"""The types of what notifications refer to."""
MOST = 100


def read(hub: Hub, practice_id: str, kind: str, resource_id: str) -> Json:
    """One resource as the newest notice of it says. Raises ``NotFound``, too, for what another practice was told."""
    with reading(hub.main) as connection:
        row = _notice(connection, practice_id, kind, resource_id)
    if row is None:
        raise NotFound(f"this practice was not told of a {kind} {resource_id!r}")
    notice = notification(row.body, row.person_id)
    message = _bundle(hub, row.message_id)
    shown = [communication(notice, message), *addressed(message)]
    for resource in shown:
        if resource["resourceType"] == kind and resource["id"] == resource_id:
            return resource
    raise NotFound(f"this practice was not told of a {kind} {resource_id!r}")


def communications(hub: Hub, practice_id: str, count: int) -> list[Json]:
    """What the practice was told, newest first."""
    mine = select(notifications).where(notifications.c.practice_id == practice_id)
    newest = mine.order_by(notifications.c.created_at.desc(), notifications.c.id).limit(min(count, MOST))
    with reading(hub.main) as connection:
        rows = connection.execute(newest).all()
    behind = origins(hub, {row.message_id for row in rows}, frozenset({"bundle"}))
    return [communication(_typed(row), behind.get(row.message_id, Origin()).bundle) for row in rows]


def panel_group(hub: Hub, practice_id: str) -> Json:
    """The practice's panel as a Group: whom its notices are about."""
    members = select(panel.c.person_id).where(panel.c.practice_id == practice_id, panel.c.person_id.is_not(None))
    with reading(hub.main) as connection:
        persons = sorted(set(connection.execute(members).scalars()))
    return {
        "resourceType": "Group",
        "id": practice_id,
        "type": "person",
        "actual": True,
        "name": hub.site.practice(practice_id).name,
        "quantity": len(persons),
        **({"member": [{"entity": {"reference": f"Patient/{p}"}} for p in persons]} if persons else {}),
    }


def _notice(connection: Connection, practice_id: str, kind: str, resource_id: str) -> Any:
    query = select(notifications).where(notifications.c.practice_id == practice_id)
    if kind == "Communication":
        return connection.execute(query.where(notifications.c.id == resource_id)).one_or_none()
    about = select(events.c.event_key).where(events.c.subject == resource_id)
    newest = query.where(notifications.c.event_key.in_(about)).order_by(notifications.c.created_at.desc())
    return connection.execute(newest.limit(1)).first()


def _bundle(hub: Hub, message_id: str) -> Json:
    return origins(hub, {message_id}, frozenset({"bundle"})).get(message_id, Origin()).bundle


def _typed(row: Any) -> Notification:
    return notification(row.body, row.person_id)

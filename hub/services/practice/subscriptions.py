"""A practice's FHIR subscriptions: made, changed and ended by its programs, and asked for what they missed."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from hub.errors import NotFound, Undeliverable
from hub.fhir.backport.notification import Event, Subscription, bundle, status
from hub.fhir.backport.subscription import CONTENTS, EMPTY, Unsupported, Wanted, read
from hub.fhir.build import compact
from hub.fhir.check import check
from hub.model import DeliveryState, Json, Origin, stable_id
from hub.services.context import Hub
from hub.services.delivery.origins import origins
from hub.services.delivery.subscribers import REQUESTED
from hub.services.delivery.ways import SUBSCRIPTION
from hub.services.records import notification
from hub.store import deliveries as sent
from hub.store import endpoints, subscriptions
from hub.store.engine import reading, utc_text, writing
from hub.store.schema import deliveries, notifications
from hub.transport.http_client import Reach, check_reachable

MOST_EVENTS = 100
"""Events in one answer to ``$events``; who wants more asks from the next number on."""


def create(hub: Hub, practice_id: str, resource: Json) -> Json:
    """A new subscription in state ``requested``: its handshake follows. Raises ``Unsupported``."""
    now = utc_text(hub.clock.now())
    subscription_id = stable_id("subscription", practice_id, now, orjson.dumps(resource).decode())
    return _save(hub, practice_id, subscription_id, resource, now)


def update(hub: Hub, practice_id: str, subscription_id: str, resource: Json) -> Json:
    """The subscription as it is to be from now on, begun anew with a handshake; its count goes on. Raises ``NotFound``
    and ``Unsupported``."""
    with reading(hub.main) as connection:
        known = _mine(connection, practice_id, subscription_id)
    return _save(hub, practice_id, subscription_id, resource, known.created_at)


def _save(hub: Hub, practice_id: str, subscription_id: str, resource: Json, created_at: str) -> Json:
    _check(hub, resource)
    now = utc_text(hub.clock.now())
    kept = {**resource, "id": subscription_id, "status": REQUESTED}
    kept.pop("error", None)
    row = {
        "id": subscription_id,
        "practice_id": practice_id,
        "status": REQUESTED,
        "error": "",
        "resource": orjson.dumps(kept),
        "created_at": created_at,
        "changed_at": now,
    }
    with writing(hub.main) as transaction:
        subscriptions.save(transaction, row)
        endpoints.ensure(transaction, [(subscription_id, practice_id, SUBSCRIPTION)], now)
        endpoints.change(transaction, subscription_id, wake_at=now, next_at=now, failures=0, error="")
        return _shown(subscriptions.get(transaction, subscription_id))


def _check(hub: Hub, resource: Json) -> None:
    """Valid R4, supported, and where it may be posted to."""
    problems = [("structure", problem.text, problem.path) for problem in check(resource)]
    if problems:
        raise Unsupported(problems)
    wanted = read(resource, hub.clock.now())
    try:
        check_reachable(wanted.endpoint, Reach(hub.settings.private_networks))
    except Undeliverable as error:
        raise Unsupported([("security", str(error), "Subscription.channel.endpoint")]) from None


def find(hub: Hub, practice_id: str, subscription_id: str) -> Json:
    """One subscription of the practice. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        return _shown(_mine(connection, practice_id, subscription_id))


def every(hub: Hub, practice_id: str) -> list[Json]:
    """All subscriptions of the practice, oldest first."""
    with reading(hub.main) as connection:
        return [_shown(row) for row in subscriptions.of(connection, [practice_id])]


def delete(hub: Hub, practice_id: str, subscription_id: str) -> None:
    """Ends a subscription: nothing more is sent. Raises ``NotFound``."""
    with writing(hub.main) as transaction:
        _mine(transaction, practice_id, subscription_id)
        subscriptions.remove(transaction, subscription_id)
        now = utc_text(hub.clock.now())
        sent.give_up(transaction, subscription_id, now, "the subscription was deleted", now)
        endpoints.change(transaction, subscription_id, wake_at="")


def statuses(hub: Hub, practice_id: str, ids: Sequence[str] = ()) -> Json:
    """``$status``: a searchset of the statuses of these subscriptions (none named: of all)."""
    with reading(hub.main) as connection:
        rows = [r for r in subscriptions.of(connection, [practice_id]) if not ids or r.id in ids]
        shown = [status(_subscription(hub, connection, row), "query-status") for row in rows]
    entries = [{"fullUrl": f"urn:uuid:{s['id']}", "resource": s, "search": {"mode": "match"}} for s in shown]
    return compact({"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries})


def events(hub: Hub, practice_id: str, subscription_id: str, *, since: int, until: int, content: str = "") -> Json:
    """``$events``: what happened from number ``since`` to ``until`` (0: to the newest), delivered or not; as much of
    each as the subscription, or ``content``, says. Raises ``NotFound`` and ``Unsupported``."""
    if content and content not in CONTENTS:
        raise Unsupported([("value", f"must be one of {', '.join(CONTENTS)}", "content")])
    with reading(hub.main) as connection:
        row = _mine(connection, practice_id, subscription_id)
        subscription = _subscription(hub, connection, row)
        found = _numbered(connection, subscription_id, since, until)
    content = content or _wanted(hub, row).content
    behind = origins(hub, {r.message_id for r in found}, frozenset() if content == EMPTY else frozenset({"bundle"}))
    told = [
        Event(r.number, notification(r.body, r.person_id), behind.get(r.message_id, Origin()).bundle) for r in found
    ]
    return bundle(subscription, "query-event", told, content, utc_text(hub.clock.now()))


def resend(hub: Hub, practice_id: str, subscription_id: str, since: int, until: int) -> int:
    """``$resend``: these events are queued again, under their numbers; returns how many those are. Raises
    ``NotFound``."""
    now = utc_text(hub.clock.now())
    with writing(hub.main) as transaction:
        _mine(transaction, practice_id, subscription_id)
        found = _numbered(transaction, subscription_id, since, until)
        again = {"state": DeliveryState.QUEUED.value, "attempts": 0, "next_at": now, "changed_at": now}
        chosen = deliveries.c.id.in_([row.id for row in found])
        transaction.execute(deliveries.update().where(chosen).values(**again))
    return len(found)


def _numbered(connection: Connection, subscription_id: str, since: int, until: int) -> Sequence[Any]:
    columns = (deliveries.c.id, deliveries.c.number)
    of_notice = (notifications.c.body, notifications.c.person_id, notifications.c.message_id)
    query = (
        select(*columns, *of_notice)
        .join(notifications, deliveries.c.notification_id == notifications.c.id)
        .where(deliveries.c.endpoint == subscription_id, deliveries.c.number >= since)
        .order_by(deliveries.c.number)
        .limit(MOST_EVENTS)
    )
    return connection.execute(query.where(deliveries.c.number <= until) if until else query).all()


def _mine(connection: Connection, practice_id: str, subscription_id: str) -> Any:
    """Of another practice's subscriptions nobody is told that they exist."""
    row = subscriptions.get(connection, subscription_id)
    if row is None or row.practice_id != practice_id:
        raise NotFound(f"no subscription has the id {subscription_id!r}")
    return row


def _shown(row: Any) -> Json:
    resource: Json = orjson.loads(row.resource)
    return {**resource, "status": row.status, **({"error": row.error} if row.error else {})}


def _wanted(hub: Hub, row: Any) -> Wanted:
    return read(orjson.loads(row.resource), hub.clock.now(), again=True)


def _subscription(hub: Hub, connection: Connection, row: Any) -> Subscription:
    endpoint = endpoints.get(connection, row.id)
    topic = _wanted(hub, row).topic
    return Subscription(
        row.id, topic, hub.settings.fhir_base, row.status, endpoint.numbered, row.error or endpoint.error
    )

"""The bundles that a subscriber gets: type ``history``, of which the first entry is the subscription's status."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hub.fhir.backport import PROFILES
from hub.fhir.backport.subscription import EMPTY, FULL, ID_ONLY
from hub.fhir.backport.topics import FOCUS, TOPIC, topic_of
from hub.fhir.build import URN, compact
from hub.model import Json, Notification, Urgency, stable_id

PRIORITY = {Urgency.LOW: "routine", Urgency.MEDIUM: "routine", Urgency.HIGH: "urgent", Urgency.URGENT: "stat"}
"""Communication.priority (FHIR R4, request-priority)."""

_OWN = ("MessageHeader", "Provenance", "OperationOutcome", "Parameters")
"""What a message bundle says of itself."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told: the id of the subscription, its topic and status, and how many events there were; ``base`` is the
    URL of the FHIR end where it can be read."""

    id: str
    topic: str
    base: str
    status: str = "active"
    numbered: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a subscription: its number, its notice, and the message bundle behind it (empty: not known)."""

    number: int
    notice: Notification
    bundle: Json


def bundle(subscription: Subscription, kind: str, events: Sequence[Event], content: str, at: str) -> Json:
    """A notification bundle. ``kind`` is ``handshake``, ``heartbeat``, ``event-notification`` or ``query-event``;
    ``at`` is a FHIR instant."""
    identity = (subscription.id, kind, at, *(str(e.number) for e in events))
    entries = [_status_entry(subscription, kind, events, content, identity)]
    seen: dict[str, Json] = {}
    for event in events:
        for entry in _entries(event, content, subscription.base):
            seen.setdefault(entry["fullUrl"], entry)
    return {
        "resourceType": "Bundle",
        "id": stable_id("notification-bundle", *identity),
        "meta": {"profile": [f"{PROFILES}backport-subscription-notification-r4"]},
        "type": "history",
        "timestamp": at,
        "entry": [*entries, *seen.values()],
    }


def status(subscription: Subscription, kind: str, events: Sequence[Event] = (), content: str = EMPTY) -> Json:
    """The status as a Parameters resource (backport-subscription-status-r4)."""
    reference = f"{subscription.base}/Subscription/{subscription.id}"
    parameters: list[Json] = [
        {"name": "subscription", "valueReference": {"reference": reference}},
        {"name": "topic", "valueCanonical": TOPIC + subscription.topic},
        {"name": "status", "valueCode": subscription.status},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(subscription.numbered)},
        *(_event(event, content, subscription.base) for event in events),
    ]
    if subscription.error:
        parameters.append({"name": "error", "valueCodeableConcept": {"text": subscription.error}})
    return {
        "resourceType": "Parameters",
        "id": stable_id("subscription-status", subscription.id, kind, str(subscription.numbered)),
        "meta": {"profile": [f"{PROFILES}backport-subscription-status-r4"]},
        "parameter": parameters,
    }


def _status_entry(
    subscription: Subscription, kind: str, events: Sequence[Event], content: str, identity: tuple[str, ...]
) -> Json:
    url = f"{subscription.base}/Subscription/{subscription.id}/$status"
    said = {**status(subscription, kind, events, content), "id": stable_id("status-entry", *identity)}
    return {
        "fullUrl": URN + said["id"],
        "resource": said,
        "request": {"method": "GET", "url": url},
        "response": {"status": "200"},
    }


def _event(event: Event, content: str, base: str) -> Json:
    parts: list[Json] = [
        {"name": "event-number", "valueString": str(event.number)},
        {"name": "timestamp", "valueInstant": event.notice.created_at},
    ]
    if content != EMPTY:
        focus, *more = _references(event)
        parts.append({"name": "focus", "valueReference": {"reference": f"{base}/{focus}"}})
        parts += [{"name": "additional-context", "valueReference": {"reference": f"{base}/{m}"}} for m in more]
    return {"name": "notification-event", "part": parts}


def _references(event: Event) -> list[str]:
    """What the event is about, and the notice in words."""
    about = focus(event.notice, event.bundle)
    told = f"Communication/{event.notice.id}"
    return [f"{about['resourceType']}/{about['id']}", told] if about else [told]


def focus(notice: Notification, message: Json) -> Json | None:
    """The resource of the message that the notice is about."""
    wanted = FOCUS.get(topic_of(notice), "")
    return next((r for r in _resources(message) if r["resourceType"] == wanted), None)


def _entries(event: Event, content: str, base: str) -> Iterator[Json]:
    if content == ID_ONLY:
        for reference in _references(event):
            yield {
                "fullUrl": f"{base}/{reference}",
                "request": {"method": "GET", "url": reference},
                "response": {"status": "200"},
            }
    if content == FULL:
        for resource in (*addressed(event.bundle), communication(event.notice, event.bundle)):
            reference = f"{resource['resourceType']}/{resource['id']}"
            yield {
                "fullUrl": f"{base}/{reference}",
                "resource": resource,
                "request": {"method": "PUT", "url": reference},
                "response": {"status": "200"},
            }


def addressed(message: Json) -> list[Json]:
    """The resources of a message, which refer to one another by ``Type/id`` and no longer by ``urn:uuid:``."""
    resources = list(_resources(message))
    places = {URN + r["id"]: f"{r['resourceType']}/{r['id']}" for r in _resources(message, ())}
    return [_readdressed(r, places) for r in resources]


def _resources(message: Json, without: Iterable[str] = _OWN) -> Iterator[Json]:
    for entry in message.get("entry", []):
        if entry["resource"]["resourceType"] not in without:
            yield entry["resource"]


def _readdressed(element: Any, places: dict[str, str]) -> Any:
    if isinstance(element, dict):
        return {
            name: places.get(value, value)
            if name == "reference" and isinstance(value, str)
            else _readdressed(value, places)
            for name, value in element.items()
        }
    return [_readdressed(each, places) for each in element] if isinstance(element, list) else element


def communication(notice: Notification, message: Json) -> Json:
    """The notice in words as a Communication (FHIR R4): its title and text, and what it is about."""
    patients = [r for r in _resources(message) if r["resourceType"] == "Patient"]
    about = focus(notice, message)
    return compact(
        {
            "resourceType": "Communication",
            "id": notice.id,
            "identifier": [{"system": "urn:carering:event-key", "value": f"{notice.event_key}/{notice.version}"}],
            "status": "completed",
            "category": [{"coding": [{"system": "urn:carering:notice-kind", "code": notice.kind}]}],
            "priority": PRIORITY[notice.urgency],
            "subject": {"reference": f"Patient/{patients[0]['id']}"} if patients else None,
            "about": [{"reference": f"{about['resourceType']}/{about['id']}"}] if about else None,
            "sent": notice.created_at,
            "reasonCode": [{"text": reason} for reason in notice.reasons],
            "payload": [{"contentString": text} for text in (notice.title, notice.text) if text],
        }
    )

"""A notice as a message bundle for ``$process-message`` (Da Vinci Unsolicited Notifications STU 1.1).

The hub is an intermediary: the message is its own, with a new id, and a Provenance says who was first to say it. What
is taken back or restated has no mechanism there: the codes are our own, and the Provenance names the message that it
supersedes.
"""

from collections.abc import Iterator
from typing import Any

from hub.fhir.build import URN, compact, reference
from hub.fhir.systems import TERMINOLOGY
from hub.model import Json, Notification, Origin, stable_id

EVENTS = "http://hl7.org/fhir/us/davinci-alerts/CodeSystem/notification-event"
OWN_EVENTS = "urn:carering:notification-event"
PROFILES = "http://hl7.org/fhir/us/davinci-alerts/StructureDefinition/"
PARTICIPANT = TERMINOLOGY + "provenance-participant-type"

ADMIT, TRANSFER, DISCHARGE = "notification-admit", "notification-transfer", "notification-discharge"
LAB_REPORT, SUMMARY, TREATMENT, REFERRAL = (
    *("notification-lab-report", "notification-summary-report"),
    *("notification-tx-change", "notification-referral"),
)

_BY_KIND = {
    **dict.fromkeys(("ed-arrival", "inpatient-admit", "observation", "ed-to-inpatient"), ADMIT),
    **dict.fromkeys(("transfer-in", "transfer-out"), TRANSFER),
    **dict.fromkeys(("discharge", "death"), DISCHARGE),
    "treatment-change": TREATMENT,
}
_BY_TYPE = {"result": LAB_REPORT, "document": SUMMARY, "referral": REFERRAL}
_OURS = {
    "cancel-admit": "admit-cancelled",
    "cancel-discharge": "discharge-cancelled",
    "cancel-transfer": "transfer-cancelled",
    "inpatient-to-outpatient": "amended",
    "document-retracted": "document-retracted",
}
_FOCUS = {LAB_REPORT: "DiagnosticReport", SUMMARY: "DocumentReference", TREATMENT: "DocumentReference"}
_ENCOUNTER, _SERVICE = "Encounter", "ServiceRequest"
_STATUS = {"admit-cancelled": "cancelled", "discharge-cancelled": "in-progress"}
"""Encounter.status where something is taken back."""

_ENVELOPE = ("MessageHeader", "Provenance", "OperationOutcome", "Parameters")


def message(notice: Notification, origin: Origin, practice: str, endpoint: str) -> Json:
    """The bundle for a practice at its endpoint. Raises ``ValueError`` when the message behind the notice is gone."""
    ours = {"resourceType": "Organization", "id": stable_id("carering"), "active": True, "name": "Carering"}
    event = event_coding(notice)
    resources = [_restated(r, event["code"]) for r in _contents(origin.bundle)]
    focus = _focus(event["code"], notice, resources)
    if focus is None:
        raise ValueError("the message behind the notice has nothing that the notice is about")
    receiver = {"resourceType": "Organization", "id": stable_id("practice", notice.practice_id), "name": practice}
    header = _header(notice, event, focus, (ours, receiver), endpoint)
    listed = [header, focus, *(r for r in resources if r is not focus), ours, receiver]
    listed.append(_provenance(notice, header, ours, _author(origin.bundle, resources) or ours, origin.supersedes))
    return compact(
        {
            "resourceType": "Bundle",
            "id": stable_id("process-message", notice.id),
            "meta": {"profile": [f"{PROFILES}notifications-bundle"]},
            "identifier": origin.bundle.get("identifier"),
            "type": "message",
            "timestamp": notice.created_at,
            "entry": [{"fullUrl": URN + r["id"], "resource": r} for r in listed],
        }
    )


def event_coding(notice: Notification) -> Json:
    """MessageHeader.eventCoding: a code of Da Vinci, or one of our own where something is taken back or restated."""
    code = "amended" if notice.facts.get("amended") else _OURS.get(notice.kind, "")
    if code:
        return {"system": OWN_EVENTS, "code": code}
    family = str(notice.facts.get("type", "")).partition(".")[0]
    return {"system": EVENTS, "code": _BY_KIND.get(notice.kind) or _BY_TYPE.get(family, ADMIT)}


def header_id(notification_id: str) -> str:
    """The id of the MessageHeader by which a notice was told."""
    return stable_id("message-header", notification_id)


def _contents(bundle: Json) -> Iterator[Json]:
    for entry in bundle.get("entry", ()):
        if entry["resource"]["resourceType"] not in _ENVELOPE:
            yield entry["resource"]


def _author(bundle: Json, resources: list[Json]) -> Json | None:
    """Who sent the message behind the notice."""
    sender = bundle["entry"][0]["resource"].get("sender", {}).get("reference", "")
    return next((r for r in resources if URN + r["id"] == sender), None)


def _restated(resource: Json, code: str) -> Json:
    if resource["resourceType"] == _ENCOUNTER and code in _STATUS:
        return {**resource, "status": _STATUS[code]}
    return resource


def _focus(code: str, notice: Notification, resources: list[Json]) -> Json | None:
    of_type = {"result": "DiagnosticReport", "document": "DocumentReference", "referral": _SERVICE}
    family = str(notice.facts.get("type", "")).partition(".")[0]
    wanted = _FOCUS.get(code) or of_type.get(family, _ENCOUNTER)
    return next((r for r in resources if r["resourceType"] == wanted), None)


def _header(notice: Notification, event: Json, focus: Json, parties: tuple[Json, Json], endpoint: str) -> Json:
    ours, receiver = parties
    return {
        "resourceType": "MessageHeader",
        "id": header_id(notice.id),
        "meta": {"profile": [f"{PROFILES}{_profile(event['code'])}"]},
        "text": {"status": "additional", "div": _narrative(notice)},
        "eventCoding": event,
        "destination": [{"name": receiver["name"], "endpoint": endpoint, "receiver": reference(receiver)}],
        "sender": reference(ours),
        **_who(focus),
        "source": {"name": "Carering", "software": "Carering", "endpoint": "urn:carering:hub"},
        "responsible": reference(ours),
        "reason": {"text": "; ".join(notice.reasons)},
        "focus": [reference(focus)],
    }


def _who(focus: Json) -> Json:
    """The clinician in charge as MessageHeader.author, where the visit has one."""
    charged = [p["individual"] for p in focus.get("participant", ()) if "individual" in p]
    return {"author": charged[0]} if charged and focus["resourceType"] == _ENCOUNTER else {}


def _profile(code: str) -> str:
    visit = code in (ADMIT, TRANSFER, DISCHARGE) or code.endswith("-cancelled")
    return "admit-notification-messageheader" if visit else "notifications-messageheader"


def _narrative(notice: Notification) -> str:
    said = " ".join(filter(None, (f"{notice.title}.", notice.text)))
    escaped = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escaped}</p></div>'


def _provenance(notice: Notification, header: Json, ours: Json, author: Json, supersedes: str) -> Json:
    removed = notice.kind.startswith("cancel-") or notice.kind == "document-retracted"
    role = "removal" if removed else "revision"
    earlier: list[Any] = (
        [{"role": role, "what": {"identifier": {"system": "urn:ietf:rfc:3986", "value": URN + header_id(supersedes)}}}]
        if supersedes
        else []
    )
    return compact(
        {
            "resourceType": "Provenance",
            "id": stable_id("provenance", notice.id),
            "target": [reference(header)],
            "occurredDateTime": notice.occurred_at,
            "recorded": notice.created_at,
            "agent": [_agent("author", author), _agent("assembler", ours)],
            "entity": earlier,
        }
    )


def _agent(role: str, who: Json) -> Json:
    return {"type": {"coding": [{"system": PARTICIPANT, "code": role}]}, "who": reference(who)}

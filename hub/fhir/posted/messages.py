"""What a body holds as messages: one, or one for each entry of a batch, whose entries have nothing to do with another
(FHIR R4, section 3.1.0.11)."""

from dataclasses import dataclass, replace

from hub.fhir.ids import identifier_key
from hub.fhir.posted.entries import entries
from hub.fhir.posted.faults import faults
from hub.fhir.posted.subject import Someone, patients
from hub.fhir.posted.text import read_json, written
from hub.model import Json


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """One message: its ``text``, of which ``body`` is the tree. ``type`` is that of its resource, or ``Bundle/`` and
    the type of bundle, ``control_id`` what the sender numbers it by, ``key`` the patient's identifier
    (``system|value``) by which order is kept. ``number`` is its place among the entries of a batch, from 0."""

    text: bytes
    body: Json
    type: str
    control_id: str
    key: str
    number: int = 0

    def at(self, number: int) -> "PostedMessage":
        """The same in another place."""
        return replace(self, number=number)


def messages_of(text: bytes, body: Json, feed: str) -> list[PostedMessage]:
    """The messages of a body that ``faults`` finds nothing wrong in; patients come first, because others refer to
    them."""
    if not _is_batch(body):
        return [_message(text, body, feed, 0)]
    alone = [{**body, "entry": [entry]} for entry in body["entry"]]
    made = [_message(written(one), one, feed, number) for number, one in enumerate(alone)]
    return sorted(made, key=lambda message: message.type != "Patient")


def messages_in_text(text: bytes, feed: str) -> list[PostedMessage]:
    """The messages of a text that may be anything: what cannot be taken is one message, and conversion says what is
    wrong in it. Raises ``Unreadable`` for what is no JSON."""
    body = read_json(text)
    if faults(body, feed):
        return [PostedMessage(text, body, "", "", "")]
    return messages_of(text, body, feed)


def _is_batch(body: Json) -> bool:
    return bool(body["resourceType"] == "Bundle" and body["type"] == "batch")


def _message(text: bytes, body: Json, feed: str, number: int) -> PostedMessage:
    posted = entries(body, feed, "")
    someone = next(iter(patients(posted, feed)), None)
    kind = posted[0].kind if _is_batch(body) or body["resourceType"] != "Bundle" else f"Bundle/{body['type']}"
    return PostedMessage(text, body, kind, _control_id(body), _order_key(someone, feed), number)


def _control_id(body: Json) -> str:
    """The identifier of a bundle, the id of a message's header, or the version of a resource: what is another one each
    time. Nothing where the sender does not number what it posts."""
    if body["resourceType"] != "Bundle":
        version = body.get("meta", {}).get("versionId", "")
        return f"{body['resourceType']}/{body['id']}/_history/{version}" if version and "id" in body else ""
    header: str = body["entry"][0]["resource"].get("id", "") if body["type"] == "message" else ""
    number: str = body.get("identifier", {}).get("value", "")
    return "" if _is_batch(body) else number or header


def _order_key(someone: Someone | None, feed: str) -> str:
    """The patient's address in the sender's system, which most of what it posts names him by; else a number of his."""
    if someone is None:
        return ""
    given = not (someone.entry and someone.entry.assigned)
    of_feed = identifier_key({}, feed)
    keys = [key for key in someone.keys if "|" in key]
    return min(keys, key=lambda key: (key.startswith(of_feed) is not given, key), default="")

"""How the things that flow are written to streams: the value is the body, the headers are CloudEvents attributes."""

from datetime import datetime

import orjson

from hub.model import CareEvent, Format, Notification, RawMessage, Record, Role, Urgency
from hub.store.engine import utc_text


def dtm(moment: datetime) -> str:
    """A moment in UTC as HL7 v2 DTM, to the second."""
    text = moment.isoformat()
    return f"{text[:4]}{text[5:7]}{text[8:10]}{text[11:13]}{text[14:16]}{text[17:19]}+0000"


def raw_record(message: RawMessage) -> Record:
    """A raw message as a record of ``hub.raw``: the bytes as received, all that is known of them in the headers."""
    return Record(
        key=message.key,
        value=message.body,
        headers={
            "id": message.id,
            "source": f"feed/{message.feed}",
            "type": f"raw.{message.format}",
            "time": utc_text(message.received_at),
            "feed": message.feed,
            "format": message.format,
            "messagetype": message.type,
            "sender": message.sender,
            "controlid": message.control_id,
            "sha256": message.sha256,
            "origin": message.origin,
        },
    )


def raw_message(record: Record) -> RawMessage:
    """The raw message that ``raw_record`` wrote."""
    head = record.headers
    return RawMessage(
        id=head["id"],
        feed=head["feed"],
        format=Format(head["format"]),
        type=head["messagetype"],
        key=record.key,
        sender=head["sender"],
        control_id=head["controlid"],
        sha256=head["sha256"],
        received_at=datetime.fromisoformat(head["time"]),
        origin=head["origin"],
        body=record.value,
    )


def event_record(event: CareEvent, source: str, now: str) -> Record:
    """A care event as a record of ``hub.events``; ``source`` is the feed or operator that it comes from, ``now`` UTC
    text."""
    return Record(
        key=event.person_id or event.subject,
        value=orjson.dumps(event),
        headers={
            "id": event.id,
            "source": source,
            "type": event.type,
            "time": now,
            "subject": event.person_id,
        },
    )


def notification_record(notice: Notification) -> Record:
    """A notice as a record of ``hub.notifications``."""
    return Record(
        key=notice.person_id,
        value=orjson.dumps(notice),
        headers={
            "id": notice.id,
            "source": f"message/{notice.message_id}",
            "type": f"notification.{notice.kind}",
            "time": notice.created_at,
            "subject": notice.person_id,
            "practice": notice.practice_id,
        },
    )


def notification(body: bytes, person_id: str = "") -> Notification:
    """The notice that ``notification_record`` wrote; ``person_id`` is whose it is now, after a merge."""
    said = orjson.loads(body)
    said["person_id"] = person_id or said["person_id"]
    typed = {"role": Role(said["role"]), "urgency": Urgency(said["urgency"]), "reasons": tuple(said["reasons"])}
    return Notification(**{**said, **typed})

"""The things that flow, and their states.

``RawMessage`` → ``Conversion`` (a FHIR R4 message bundle) → ``CareEvent`` → ``Notification`` → ``Delivery``.
All of them are immutable values; JSON is what crosses a stream. Times are ISO 8601 texts with an offset where
they came from a sender (the text is evidence) and aware UTC ``datetime`` where the hub took them itself.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha1
from typing import Any

Json = dict[str, Any]

NAMESPACE = uuid.UUID("6f1c7a52-6a0e-5d0c-9d5b-0c6b8f3f2b11")
"""The root of all deterministic ids (RFC 9562 version 5)."""
_ROOT = sha1(NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def stable_id(*parts: str) -> str:
    """The uuid5 over what makes a thing the thing (promise P5): same parts, same id."""
    # ``str(uuid.uuid5(NAMESPACE, …))`` written out: a message has dozens of ids, and this takes a quarter of the time
    hashed = _ROOT.copy()
    hashed.update("\x1f".join(parts).encode())
    digest = hashed.hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{_VARIANT[digest[16]]}{digest[17:20]}-{digest[20:32]}"


class Stream(StrEnum):
    """The names of the streams; they are the Kafka topics too."""

    RAW = "hub.raw"
    FHIR = "hub.fhir"
    EVENTS = "hub.events"
    NOTIFICATIONS = "hub.notifications"
    DEAD = "hub.dead"


class Stage(StrEnum):
    """The stages that read a stream and keep a position in it."""

    CONVERT = "convert"
    ROUTE = "route"
    DELIVER = "deliver"


READS = {Stage.CONVERT: Stream.RAW, Stage.ROUTE: Stream.FHIR, Stage.DELIVER: Stream.NOTIFICATIONS}
"""Which stream each stage reads."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a stream. ``headers`` are CloudEvents attributes: id, source, type, time, subject."""

    key: str
    value: bytes
    headers: dict[str, str]
    partition: int = 0
    offset: int = -1


class Format(StrEnum):
    """How the bytes of a raw message are to be read."""

    HL7V2 = "hl7v2"
    CSV = "csv"
    DOCUMENT = "document"
    FHIR = "fhir"


class MessageStatus(StrEnum):
    """The one accounted end of an accepted message (promise P3); ``waiting`` is not an end yet."""

    WAITING = "waiting"
    CONVERTED = "converted"
    DUPLICATE = "duplicate"
    HELD = "held"
    DEAD = "dead"


class FileOutcome(StrEnum):
    """What became of a file as a whole: all of it was taken in, nothing because its bytes had been before, a part, or
    nothing because it is not what its feed says; ``under-way`` is not an end yet."""

    UNDER_WAY = "under-way"
    TAKEN = "taken"
    REPEATED = "repeated"
    PARTLY = "partly"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The bytes as received.

    ``id`` is a ``stable_id`` over feed, sender, control id and content hash, so a resend has the same id.
    ``key`` is the sender's patient identifier (or the id, without one): order holds per key.
    ``type`` is ``ADT^A01`` for HL7 v2, ``referral`` and the like for CSV rows, the media type for documents, the type
    of resource or bundle (``Task``, ``Bundle/transaction``) for FHIR.
    ``sender`` is ``application|facility`` as sent (MSH-3|MSH-4); ``origin`` says how it came in, without patient data.
    """

    id: str
    feed: str
    format: Format
    type: str
    key: str
    sender: str
    control_id: str
    sha256: str
    received_at: datetime
    origin: str
    body: bytes


class Severity(StrEnum):
    """OperationOutcome.issue.severity (FHIR R4)."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Issue:
    """What was noticed in a message; ``path`` is its v2 path (``PID-3[2].4``), ``text`` has no patient data."""

    severity: Severity
    code: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a raw message became: the FHIR R4 message ``Bundle`` and what was noticed on the way."""

    bundle: Json
    issues: tuple[Issue, ...] = ()


class Urgency(StrEnum):
    """How soon a recipient should know."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class CareEvent:
    """A change in the projected state of an encounter, a result, a document or a referral.

    ``event_key`` identifies the happening (an encounter's first discharge) and never repeats; ``version`` rises
    when the same happening is restated with other contents. ``type`` is what rules listen to
    (``encounter.discharged``), ``kind`` the catalogue's finer name. ``facts`` is the flat projection that rules see.
    ``corrects`` is the event key of what this one cancels or corrects. ``silent`` says why nobody is to be told.
    """

    event_key: str
    type: str
    kind: str
    person_id: str
    subject: str
    message_id: str
    occurred_at: str
    facts: Json
    version: int = 1
    corrects: str = ""
    silent: str = ""

    @property
    def id(self) -> str:
        return stable_id("event", self.event_key, str(self.version))


class Role(StrEnum):
    """In which role someone hears of an event; the names that a rule's ``who`` may use."""

    PCP = "pcp"
    SPECIALIST = "specialist"
    REFERRER = "referrer"
    ORIGINAL = "original-recipients"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A practice that is told, in which role, and why (``reasons`` are sentences a person can check)."""

    practice_id: str
    role: Role
    reasons: tuple[str, ...]
    npi: str = ""


@dataclass(frozen=True, slots=True)
class NotTold:
    """Someone who was considered and is not told, and why."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class RuleDecision:
    """One rule held against one event: the values it saw and what came of it (promise P7)."""

    rule: str
    why: str
    when: str
    values: Json
    matched: bool
    recipients: tuple[Recipient, ...] = ()
    not_told: tuple[NotTold, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """A care event for one recipient, with the reasons."""

    event_id: str
    event_key: str
    version: int
    practice_id: str
    npi: str
    role: Role
    person_id: str
    message_id: str
    kind: str
    urgency: Urgency
    title: str
    text: str
    rule: str
    reasons: tuple[str, ...]
    occurred_at: str
    created_at: str
    facts: Json = field(default_factory=dict)
    corrects: str = ""
    """The event key of what this cancels or corrects."""

    @property
    def id(self) -> str:
        return stable_id("notification", self.event_key, str(self.version), self.practice_id)


@dataclass(frozen=True, slots=True)
class Origin:
    """What is behind a notice: the FHIR ``bundle`` and the ``raw`` bytes of its message, and the id of the notice that
    it ``supersedes``; each only for channels that need it, and empty where there is none."""

    bundle: Json = field(default_factory=dict)
    raw: bytes = b""
    supersedes: str = ""


class DeliveryState(StrEnum):
    """Delivered is not seen: opened, acknowledged and actioned are the recipient's steps. Dropped is what was not to be
    sent after all, with the reason."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ACTIONED = "actioned"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification on its way through one channel of a practice. ``number`` is its place among all that were ever
    queued for that endpoint, from 1; ``patient`` are demographics for display: name, birth_date, sex, identifiers."""

    id: str
    notification: Notification
    channel: str
    options: Json
    patient: Json
    number: int = 0
    origin: Origin = Origin()

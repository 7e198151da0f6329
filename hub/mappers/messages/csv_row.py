"""One row of a table → a bundle. The kind of row is the feed's ``type``: ``referral`` is a row of a referral worklist.

The body is JSON: ``{"fields": {name: text}, "line": 12, "file": "…", "problem": "…"}``.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from hub.errors import Unreadable
from hub.fhir.build import compact, period
from hub.fhir.codes import DATA_ABSENT, GENDER
from hub.fhir.ids import FEED, identifier_key, uri
from hub.fhir.order_codes import REFERRAL
from hub.fhir.systems import EVENT
from hub.formats.names import PersonName
from hub.mappers.context import Context
from hub.mappers.envelope import Header, conversion
from hub.mappers.people import add_patient, clinician_reference, numbered
from hub.mappers.referral import (
    ACCEPTED,
    APPOINTMENT_CANCELLED,
    CANCELLED,
    DECLINED,
    NO_SHOW,
    NOTE_RECEIVED,
    REQUESTED,
    SCHEDULED,
    Progress,
    referral_task,
)
from hub.model import Conversion, Json, RawMessage
from hub.settings import Feed

TYPES = ("referral",)
"""The kinds of rows that are known."""
REQUIRED = ("referral_id", "status", "last", "first", "dob")
FIELDS = frozenset(
    {
        *REQUIRED,
        *("referral_authority", "status_at", "sent_at", "due", "appt_dt", "priority", "reason", "note"),
        *("mrn", "mrn_authority", "middle", "suffix", "sex", "phone"),
        *("referring_npi", "referring_name", "referring_org"),
        *("referred_to_npi", "referred_to_name", "referred_to_org"),
    }
)
"""The names that ``columns`` and ``constants`` of a feed of referral rows may give to cells."""
STATUSES: dict[str, tuple[Progress, str, str]] = {
    "sent": (REQUESTED, "active", ""),
    "accepted": (ACCEPTED, "active", ""),
    "declined": (DECLINED, "revoked", ""),
    "scheduled": (SCHEDULED, "active", "booked"),
    "no-show": (NO_SHOW, "active", "noshow"),
    "appointment-cancelled": (APPOINTMENT_CANCELLED, "active", "cancelled"),
    "cancelled": (CANCELLED, "revoked", "cancelled"),
    "note-received": (NOTE_RECEIVED, "completed", "fulfilled"),
    "completed": (NOTE_RECEIVED, "completed", "fulfilled"),
}
"""The words of the column ``status``: progress of the Task, status of the ServiceRequest, status of the Appointment."""
PRIORITIES = {"": "", "routine": "routine", "urgent": "urgent", "asap": "asap", "stat": "stat", "emergency": "stat"}


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a row, without surrounding white space; the feed's constants fill what is empty."""

    fields: dict[str, str]
    line: int
    feed: Feed

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def path(self, name: str) -> str:
        """``row 12: dob``."""
        return f"row {self.line}: {name}"

    def date(self, name: str) -> str:
        """A date of the feed's format, or empty. Raises ``Unreadable`` for anything else."""
        return self.moment(name)[:10]

    def moment(self, name: str) -> str:
        """A date of the feed's format, with the feed's offset when a time follows it. Raises ``Unreadable``."""
        text = self[name]
        if not text:
            return ""
        for form in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S%z", " %H:%M%z"):
            if found := _parsed(text, self.feed.date_format + form):
                local = found if found.tzinfo else found.replace(tzinfo=self.feed.zone)
                return local.isoformat() if form else local.date().isoformat()
        raise Unreadable(f"not a date of the form {self.feed.date_format}", code="value", path=self.path(name))

    def one_of(self, name: str, allowed: list[str]) -> str:
        """The field in lower case. Raises ``Unreadable`` when it is not one of those."""
        if (value := self[name].lower().replace("_", "-")) in allowed:
            return value
        raise Unreadable(f"must be one of: {', '.join(a for a in allowed if a)}", code="value", path=self.path(name))


def convert_row(raw: RawMessage, feed: Feed) -> Conversion:
    """The bundle of one row. Raises ``Unreadable`` for a row that cannot be read, naming row and field."""
    row = _row(raw, feed)
    if raw.type not in TYPES:
        raise Unreadable(f"the hub knows rows of type {', '.join(TYPES)}", code="unknown-type", path=f"row {row.line}")
    return _referral(row, Context(replace(raw, sender=raw.sender or feed.name), feed))


def _row(raw: RawMessage, feed: Feed) -> Row:
    try:
        body = orjson.loads(raw.body)
        line, problem, fields = int(body["line"]), body.get("problem", ""), body.get("fields") or {}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable("the row is not the JSON that a table reader makes", path="row") from None
    if problem:
        raise Unreadable(str(problem), code="broken-row", path=f"row {line}")
    stated = {str(name): str(value).strip() for name, value in fields.items() if str(value).strip()}
    return Row({**feed.constants, **stated}, line, feed)


def _referral(row: Row, ctx: Context) -> Conversion:
    for name in REQUIRED:
        if not row[name]:
            raise Unreadable("a value is required", code="101", path=row.path(name))
    status = row.one_of("status", list(STATUSES))
    _patient(row, ctx)
    number = numbered(row["referral_id"], row["referral_authority"], "PLAC", ctx)
    ctx.event_time = row.moment("status_at") or (row.moment("sent_at") if status == "sent" else "")
    progress, order_status, visit_status = STATUSES[status]
    request = _request(row, number, order_status, ctx)
    booked = bool(row["appt_dt"]) and bool(visit_status)
    said = ACCEPTED if booked and progress is SCHEDULED else progress  # the appointment itself says that it is booked
    task = referral_task(said, request, ctx, identifiers=[number], reason=row["note"])
    ctx.focus.extend([request, task])
    if booked:
        ctx.focus.append(_appointment(row, request, visit_status, ctx))
    return conversion(ctx, _header(ctx))


def _header(ctx: Context) -> Header:
    return Header(
        event={"system": EVENT, "code": "referral"},
        source=ctx.feed.name,
        source_uri=FEED + uri(ctx.feed.name),
        occurred=ctx.event_time,
    )


def _patient(row: Row, ctx: Context) -> Json:
    name = PersonName(row["last"], tuple(part for part in (row["first"], row["middle"]) if part), "", row["suffix"])
    mrn = numbered(row["mrn"], row["mrn_authority"], "MR", ctx)
    gender = ctx.translate(GENDER, row["sex"][:1].upper(), row.path("sex"))
    return add_patient(name, row.date("dob"), gender, ctx, mrn=mrn, phone=row["phone"])


def _request(row: Row, number: Json, status: str, ctx: Context) -> Json:
    referred_to = clinician_reference(row["referred_to_npi"], row["referred_to_name"], row["referred_to_org"], ctx)
    return ctx.add(
        {
            "resourceType": "ServiceRequest",
            "identifier": [number],
            "status": status,
            "intent": "order",
            "category": [{"coding": [REFERRAL]}],
            "priority": PRIORITIES[row.one_of("priority", list(PRIORITIES))],
            "subject": ctx.subject,
            "occurrencePeriod": period(end=row.moment("due")),
            "authoredOn": row.moment("sent_at"),
            "requester": clinician_reference(row["referring_npi"], row["referring_name"], row["referring_org"], ctx),
            "performer": [referred_to] if referred_to else None,
            "reasonCode": [{"text": row["reason"]}] if row["reason"] else None,
            "note": [{"text": row["note"]}] if row["note"] else None,
        },
        identifier_key(number, ctx.feed.name),
    )


def _appointment(row: Row, request: Json, status: str, ctx: Context) -> Json:
    """The visit, known by the referral and its start: a row has no number for it."""
    start = row.moment("appt_dt")
    if "T" not in start:
        ctx.warn(row.path("appt_dt"), "value", "no time of day: the start of the day stands for it")
        start = datetime.fromisoformat(start).replace(tzinfo=ctx.feed.zone).isoformat()
    who = request.get("performer", ())
    return ctx.add(
        {
            "resourceType": "Appointment",
            "status": status,
            "start": start,
            "_end": {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]},
            "basedOn": [{**ctx.reference(request), "identifier": request["identifier"][0]}],
            "participant": [compact({"actor": actor, "status": "accepted"}) for actor in (ctx.subject, *who)],
        },
        request["id"],
        start,
    )


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007  the feed's zone is added where the text has none
    except ValueError:
        return None

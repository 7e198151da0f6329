"""A row of a referral worklist → ServiceRequest, Task and Appointment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
    EXPIRED,
    NO_SHOW,
    NOTE_RECEIVED,
    REQUESTED,
    REVIEWED,
    SCHEDULED,
    Progress,
    referral_task,
)
from hub.mappers.rows.row import Row
from hub.model import Conversion, Json, stable_id

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
    "reviewed": (REVIEWED, "completed", "fulfilled"),
    "expired": (EXPIRED, "revoked", ""),
}
"""The words of the column ``status``: progress of the Task, status of the ServiceRequest, status of the Appointment."""
PRIORITIES = {"": "", "routine": "routine", "urgent": "urgent", "asap": "asap", "stat": "stat", "emergency": "stat"}


def referral_row(row: Row, ctx: Context) -> Conversion:
    """The referral, its patient and how far it is. Raises ``Unreadable`` naming row and field."""
    status, number = _begun(row, ctx)
    ctx.event_time = row.moment("status_at") or (row.moment("sent_at") if status == "sent" else "")
    request = _request(row, number, STATUSES[status][1], ctx)
    ctx.focus.append(request)
    visit = Visit({**ctx.reference(request), "identifier": number}, request["id"], request.get("performer", ()))
    return _progress(row, status, request, visit, ctx)


def referral_status_row(row: Row, ctx: Context) -> Conversion:
    """How far a referral is that is known by its number. Raises ``Unreadable`` naming row and field."""
    status, number = _begun(row, ctx)
    ctx.event_time = row.moment("status_at")
    request_id = stable_id("ServiceRequest", identifier_key(number, ctx.feed.name))
    return _progress(row, status, None, Visit({"identifier": number}, request_id), ctx)


@dataclass(frozen=True, slots=True)
class Visit:
    """The appointment of a referral: the Reference to the referral, its id, and who is seen beside the patient."""

    based_on: Json
    request_id: str
    who: Sequence[Json] = ()


def _begun(row: Row, ctx: Context) -> tuple[str, Json]:
    """The word in ``status`` and the number of the referral, when the patient is in the bundle."""
    status = row.one_of("status", list(STATUSES))
    _patient(row, ctx)
    return status, numbered(row["referral_id"], row["referral_authority"], "PLAC", ctx)


def _progress(row: Row, status: str, request: Json | None, visit: Visit, ctx: Context) -> Conversion:
    progress, _, visit_status = STATUSES[status]
    booked = bool(row["appt_dt"]) and bool(visit_status)
    said = ACCEPTED if booked and progress is SCHEDULED else progress  # the appointment itself says that it is booked
    number = visit.based_on["identifier"]
    ctx.focus.append(referral_task(said, request, ctx, identifiers=[number], reason=row["note"]))
    if booked:
        ctx.focus.append(_appointment(row, visit, visit_status, ctx))
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
    gender = ctx.translate(GENDER, row.meant("sex")[:1].upper(), row.path("sex"))
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


def _appointment(row: Row, visit: Visit, status: str, ctx: Context) -> Json:
    """The visit, known by the referral and its start: a row has no number for it."""
    start = row.moment("appt_dt")
    if "T" not in start:
        ctx.warn(row.path("appt_dt"), "value", "no time of day: the start of the day stands for it")
        start = datetime.fromisoformat(start).replace(tzinfo=ctx.feed.zone).isoformat()
    return ctx.add(
        {
            "resourceType": "Appointment",
            "status": status,
            "start": start,
            "_end": {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]},
            "basedOn": [visit.based_on],
            "participant": [compact({"actor": actor, "status": "accepted"}) for actor in (ctx.subject, *visit.who)],
        },
        visit.request_id,
        start,
    )

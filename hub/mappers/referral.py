"""A referral in FHIR terms, whatever it was written in: ServiceRequest and the Task that says how far it is.

The codes of ``Task.businessStatus`` are those of the 360X state diagram (BSeR, harmonised with IHE 360X).
"""

from dataclasses import dataclass
from datetime import datetime

from hub.fhir.build import compact
from hub.fhir.ids import identifier_key
from hub.fhir.systems import CARERING_REFERRAL, TASK_CODE
from hub.mappers.context import Context
from hub.model import Json


@dataclass(frozen=True, slots=True)
class Progress:
    """``status`` is Task.status (FHIR R4), ``business`` the 360X code, ``words`` the hub's name of the state."""

    status: str
    business: str = ""
    words: str = ""


REQUESTED = Progress("requested", "", "requested")
RECEIVED = Progress("received", "2.0", "received")
ACCEPTED = Progress("accepted", "3.0", "accepted")
DECLINED = Progress("rejected", "4.0", "declined")
SCHEDULED = Progress("in-progress", "5.1.1", "scheduled")
NO_SHOW = Progress("in-progress", "5.1.2", "no-show")
APPOINTMENT_CANCELLED = Progress("in-progress", "5.1.3", "appointment-cancelled")
INTERIM_NOTE = Progress("in-progress", "5.1.4", "interim-note")
CANCEL_REQUESTED = Progress("cancelled", "5.2", "cancel-requested")
CANCELLED = Progress("cancelled", "6.0", "cancelled")
EXPIRED = Progress("cancelled", "6.0", "expired")
NOTE_RECEIVED = Progress("completed", "7.0", "note-received")
REVIEWED = Progress("completed", "7.0", "reviewed")
ON_HOLD = Progress("on-hold", "", "on-hold")
IN_ERROR = Progress("entered-in-error", "", "entered-in-error")


def referral_task(
    progress: Progress, request: Json | None, ctx: Context, *, identifiers: list[Json], reason: str = ""
) -> Json:
    """Adds the Task of a referral (code fulfill, focus the ServiceRequest); one referral has one Task, whoever tells
    of it. Without a ServiceRequest in the bundle the focus is its number (the first of ``identifiers``, which make the
    Task this one; without any the ServiceRequest does). ``reason`` is said only where it explains a refusal, a
    cancellation or a delay."""
    known = request or {}
    return ctx.add(
        {
            "resourceType": "Task",
            "identifier": identifiers,
            "status": progress.status,
            "statusReason": {"text": reason} if reason and progress.status in _EXPLAINED else None,
            "businessStatus": _business(progress),
            "intent": "order",
            "priority": known.get("priority"),
            "code": {"coding": [{"system": TASK_CODE, "code": "fulfill"}]},
            "focus": ctx.reference(request) if request else {"identifier": identifiers[0]},
            "for": ctx.subject,
            "authoredOn": known.get("authoredOn"),
            "lastModified": _modified(ctx.event_time, known.get("authoredOn", "")),
            "requester": known.get("requester"),
            "owner": next(iter(known.get("performer", ())), None),
            "restriction": _due(known),
        },
        identifier_key(identifiers[0], ctx.feed.name) if identifiers else known["id"],
    )


def _modified(moment: str, authored: str) -> str:
    """When the message tells of it; FHIR R4 allows no time before the request was written (Task, invariant inv-1)."""
    if "T" not in moment:
        return ""
    if "T" in authored:
        earlier = datetime.fromisoformat(moment) < datetime.fromisoformat(authored)
    else:
        earlier = moment[: len(authored)] < authored
    return "" if earlier else moment


_EXPLAINED = {"rejected", "cancelled", "on-hold", "failed"}


def _business(progress: Progress) -> Json:
    coding = {"system": CARERING_REFERRAL, "code": progress.business} if progress.business else None
    return compact({"coding": [coding] if coding else None, "text": progress.words})


def _due(request: Json) -> Json | None:
    end = request.get("occurrencePeriod", {}).get("end")
    return {"period": {"end": end}} if end else None

"""How the steps of a referral are told."""

from hub.model import Json
from hub.routing.instants import spoken
from hub.routing.wording.phrases import Words, labelled, text

_STEPS = {
    "requested": ("sent", "Sent"),
    "received": ("received", "Received"),
    "accepted": ("accepted", "Accepted"),
    "declined": ("declined", "Declined"),
    "scheduled": ("appointment made", "Appointment made"),
    "no-show": ("appointment missed", "The patient did not come"),
    "appointment-cancelled": ("appointment cancelled", "Appointment cancelled"),
    "interim-note": ("interim note", "Interim note of"),
    "note-received": ("note received", "Note received"),
    "note-retracted": ("note retracted", "The note was retracted"),
    "cancel-requested": ("to be cancelled", "To be cancelled, asked"),
    "cancelled": ("CANCELLED", "CANCELLED:"),
    "closed": ("closed", "Closed"),
    "closed-no-note": ("closed without a note", "Closed without a note"),
    "expired": ("EXPIRED", "Expired"),
    "reopened": ("reopened", "Reopened"),
}
"""Of each step: how it ends a title, and how it stands before a time."""

_NEXT = {
    "declined": "Refer to somebody else within one business day",
    "no-show": "Reach the patient and find a new date",
    "appointment-cancelled": "A new date is needed",
    "note-received": "Review the note: your review closes the referral",
    "note-retracted": "The referral is open again",
}


def referral(facts: Json) -> Words:
    """A step of a referral: what happened, about what, and what comes next."""
    step = facts["referral_step"]
    said, began = _STEPS.get(step, (step, step))
    to = facts["referred_to"] or facts["referred_to_organization"]
    number = f"Referral {facts['referral_number']}".rstrip()
    title = f"{number}{f' to {to}' if to else ''}: {said}"
    appointment = labelled("Appointment", spoken(facts["appointment_at"])) if _has_date(facts) else ""
    due = labelled("Due", spoken(facts["due"])) if step in ("requested", "received") and facts["due"] else ""
    question = labelled("Question", facts["referral_reason"])
    when = f"{began} {spoken(facts['occurred_at'])}"
    return Words(title, text(when, appointment, due, question, facts["note"], _NEXT.get(step, "")))


def _has_date(facts: Json) -> bool:
    return bool(facts["appointment_at"]) and facts["referral_step"] in ("scheduled", "no-show", "appointment-cancelled")

"""The catalogue of care events: what can happen, and of which type each kind is (rules listen to types)."""

ADMITTED = "encounter.admitted"
CLASS_CHANGED = "encounter.class-changed"
TRANSFERRED = "encounter.transferred"
DISCHARGED = "encounter.discharged"
ADMIT_CANCELLED = "encounter.admit-cancelled"
DISCHARGE_CANCELLED = "encounter.discharge-cancelled"
TRANSFER_CANCELLED = "encounter.transfer-cancelled"
RESULT_POSTED = "result.posted"
DOCUMENT_POSTED = "document.posted"
DOCUMENT_RETRACTED = "document.retracted"
TREATMENT_CHANGED = "treatment.changed"
PATIENT_MERGED = "patient.merged"
PATIENT_UNMERGED = "patient.unmerged"

REFERRAL = "referral."
"""Followed by the step: the state that a referral reached, or ``reopened`` or ``note-retracted``."""
REFERRAL_STEPS = (
    "requested",
    "received",
    "accepted",
    "declined",
    "scheduled",
    "no-show",
    "appointment-cancelled",
    "interim-note",
    "note-received",
    "note-retracted",
    "cancel-requested",
    "cancelled",
    "closed",
    "closed-no-note",
    "expired",
    "reopened",
)

TYPES = frozenset(
    {
        ADMITTED,
        CLASS_CHANGED,
        TRANSFERRED,
        DISCHARGED,
        ADMIT_CANCELLED,
        DISCHARGE_CANCELLED,
        TRANSFER_CANCELLED,
        RESULT_POSTED,
        DOCUMENT_POSTED,
        DOCUMENT_RETRACTED,
        TREATMENT_CHANGED,
        PATIENT_MERGED,
        PATIENT_UNMERGED,
        *(REFERRAL + step for step in REFERRAL_STEPS),
    }
)
"""What a rule may listen to."""

REPLAYED = "replayed: nobody is told again"
"""Why events of a replayed message are silent (promise P6)."""

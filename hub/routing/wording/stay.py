"""How a stay ended, how long it was, and what is to be done by when."""

from datetime import timedelta

from hub.model import Json
from hub.routing.business_days import add_business_days
from hub.routing.instants import MONTHS, day

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def left_at(facts: Json) -> str:
    """When the patient left."""
    return str(facts["discharged_at"] or facts["occurred_at"])


def after(facts: Json) -> str:
    """How long the stay was."""
    return f" after {facts['length_of_stay']}" if facts["length_of_stay"] else ""


_CARED_FOR_ELSEWHERE = frozenset({"post-acute", "hospice", "acute-care", "died"})


def transitional_care(facts: Json) -> tuple[str, ...]:
    """When the practice is to act: CMS transitional care management, by the facility's local dates."""
    left = day(left_at(facts))
    if left is None or facts["class"] not in ("IMP", "OBSENC") or facts["disposition_group"] in _CARED_FOR_ELSEWHERE:
        return ()
    contact = add_business_days(left, 2)
    within_7, within_14 = left + timedelta(days=7), left + timedelta(days=14)
    return (
        f"Contact the patient by {WEEKDAYS[contact.weekday()]} {contact.day} {MONTHS[contact.month - 1]}",
        f"Visit by {within_7.day} {MONTHS[within_7.month - 1]} (99496) or "
        f"{within_14.day} {MONTHS[within_14.month - 1]} (99495)",
    )

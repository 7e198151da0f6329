"""What someone is to do by when: transitional care after a discharge, the next step of a referral that got stuck.

CMS transitional care management: contact within two business days of the discharge, a visit within seven (99496) or
fourteen (99495) days, by the facility's local dates.
"""

from datetime import timedelta

from hub.model import CareEvent, Json, stable_id
from hub.routing.business_days import add_business_days
from hub.routing.dispositions import group
from hub.routing.instants import day
from hub.routing.referral_states import State
from hub.routing.referrals import Happening, Referral, event_key

INPATIENT = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC"})
HOME = frozenset({"home", "home-health", "against-advice", "other", ""})
"""Groups of dispositions after which the practice looks after the patient: no hospital, facility or hospice does."""
STUCK_BUSINESS_DAYS = 1


def tasks_for(event: CareEvent, practice_id: str = "") -> list[Json]:
    """The rows of ``tasks`` that an event of an encounter calls for; a cancelled discharge cancels its task.

    A row that only cancels has ``id`` and ``status`` alone.
    """
    if event.type == "encounter.discharge-cancelled" and event.corrects:
        return [{"id": _tcm_id(event.corrects), "status": "cancelled"}]
    return [_tcm_task(event, practice_id)] if _calls_for_tcm(event) else []


def _calls_for_tcm(event: CareEvent) -> bool:
    known = event.facts
    leaves = event.type == "encounter.discharged" and known["class"] in INPATIENT and not known["deceased"]
    return leaves and group(known["disposition"]) in HOME and day(_discharged(event)) is not None


def _discharged(event: CareEvent) -> str:
    return event.facts["discharged_at"] or event.occurred_at


def _tcm_id(key: str) -> str:
    return stable_id("task", "tcm", key)


def _tcm_task(event: CareEvent, practice_id: str) -> Json:
    left = day(_discharged(event))
    assert left is not None
    contact = add_business_days(left, 2).isoformat()
    return {
        "id": _tcm_id(event.event_key),
        "kind": "tcm",
        "person_id": event.person_id,
        "subject": event.subject,
        "practice_id": practice_id,
        "status": "open",
        "due": contact,
        "body": {
            "title": "Transitional care: contact the patient",
            "discharged_at": _discharged(event),
            "contact_by": contact,
            "visit_by_99496": (left + timedelta(days=7)).isoformat(),
            "visit_by_99495": (left + timedelta(days=14)).isoformat(),
        },
    }


def referral_tasks(referral_id: str, person_id: str, referral: Referral, practice_id: str) -> list[Json]:
    """One task for each time the referral got stuck: open while it still is, done once it went on."""
    stuck = [h for h in referral.milestones if h.after in (State.NO_SHOW, State.DECLINED)]
    return [_stuck_task(referral_id, person_id, referral, h, practice_id) for h in stuck]


def _stuck_task(referral_id: str, person_id: str, referral: Referral, at: Happening, practice_id: str) -> Json:
    missed = [h for h in referral.milestones if h.after is State.NO_SHOW]
    kind, title = _DECLINED if at.after is State.DECLINED else _AGAIN if at in missed[1:] else _MISSED
    begun = day(at.occurred_at)
    return {
        "id": stable_id("task", kind, event_key(referral_id, at.label)),
        "kind": kind,
        "person_id": person_id,
        "subject": referral_id,
        "practice_id": practice_id,
        "status": "open" if at is referral.milestones[-1] else "done",
        "due": add_business_days(begun, STUCK_BUSINESS_DAYS).isoformat() if begun else "",
        "body": {"title": title, "referral": referral.number, "since": at.occurred_at, "reason": at.note},
    }


_MISSED = ("outreach", "Reach the patient: the appointment was missed")
_AGAIN = ("pcp-decision", "Decide how to go on: an appointment was missed again")
_DECLINED = ("re-refer", "Refer to somebody else: the referral was declined")

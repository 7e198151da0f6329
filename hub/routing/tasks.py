"""What someone is to do by when: transitional care after a discharge.

CMS transitional care management: contact within two business days of the discharge, a visit within seven (99496) or
fourteen (99495) days, by the facility's local dates.
"""

from datetime import timedelta

from hub.model import Json, stable_id
from hub.routing.business_days import add_business_days
from hub.routing.encounters.dispositions import group
from hub.routing.encounters.state import DISCHARGE, EncounterState, Milestone
from hub.routing.instants import day

INPATIENT = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC"})
HOME = frozenset({"home", "home-health", "against-advice", "other", ""})
"""Groups of dispositions after which the practice looks after the patient: no hospital, facility or hospice does."""


def stay_tasks(state: EncounterState, person_id: str, practice_id: str) -> list[Json]:
    """The rows of ``tasks`` that a visit calls for as it stands: one for each discharge, cancelled where that was taken
    back. A row that only cancels has ``id`` and ``status`` alone."""
    discharges = (m for m in state.milestones if m.family == DISCHARGE)
    return [_tcm_task(state, m, person_id, practice_id) for m in discharges]


def _tcm_task(state: EncounterState, discharge: Milestone, person_id: str, practice_id: str) -> Json:
    at = discharge.at if discharge.cancelled else state.discharged_at or discharge.at
    left = day(at)
    key = discharge.key(state.subject)
    named = {"id": stable_id("task", "tcm", key), "status": "cancelled" if discharge.cancelled else "open"}
    if left is None or not practice_id or not _calls_for_tcm(state, discharge):
        return {**named, "status": "cancelled"}
    contact = add_business_days(left, 2).isoformat()
    return {
        **named,
        "kind": "tcm",
        "person_id": person_id,
        "subject": state.subject,
        "practice_id": practice_id,
        "due": contact,
        "body": {
            "title": "Transitional care: contact the patient",
            "discharged_at": at,
            "contact_by": contact,
            "visit_by_99496": (left + timedelta(days=7)).isoformat(),
            "visit_by_99495": (left + timedelta(days=14)).isoformat(),
        },
    }


def _calls_for_tcm(state: EncounterState, discharge: Milestone) -> bool:
    went_home = discharge.kind == "discharge" and group(discharge.disposition) in HOME
    return went_home and discharge.cls in INPATIENT and not state.deceased

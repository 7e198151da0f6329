import pytest

from hub.model import Json
from hub.routing.encounters.state import DISCHARGE, EncounterState, Milestone
from hub.routing.tasks import stay_tasks


def stay(*, disposition: str = "01", cancelled: bool = False, kind: str = "discharge", cls: str = "IMP") -> Json:
    """The task of a stay that ended on 9 March."""
    at = "2026-03-09T16:05:00-04:00"
    milestone = Milestone(DISCHARGE, 1, kind, at, "m", cls, disposition=disposition, cancelled=cancelled)
    state = EncounterState("visit", discharged_at="" if cancelled else at, milestones=(milestone,))
    (task,) = stay_tasks(state, "p", "panel-busy")
    return task


def test_a_discharge_home_calls_for_transitional_care() -> None:
    """After an inpatient discharge the contact is due in two business days, the visit in seven or fourteen days."""
    task = stay()
    assert (task["due"], task["status"], task["practice_id"]) == ("2026-03-11", "open", "panel-busy")
    assert (task["body"]["visit_by_99496"], task["body"]["visit_by_99495"]) == ("2026-03-16", "2026-03-23")


@pytest.mark.parametrize("known", [{"cls": "EMER"}, {"disposition": "03"}, {"kind": "death"}, {"kind": "transfer-out"}])
def test_other_ends_of_a_stay_do_not(known: dict[str, str]) -> None:
    """Nobody is to be called after an emergency visit, a transfer, or a death; what was open is cancelled."""
    assert stay(**known) == {"id": stay()["id"], "status": "cancelled"}  # type: ignore[arg-type]


def test_a_cancelled_discharge_cancels_its_task() -> None:
    """A discharge that was taken back has the same task, cancelled."""
    task = stay(cancelled=True)
    assert (task["id"], task["status"], task["due"]) == (stay()["id"], "cancelled", "2026-03-11")

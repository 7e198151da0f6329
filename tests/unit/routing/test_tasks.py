from hub.model import CareEvent
from hub.routing.facts import facts
from hub.routing.referrals import fold
from hub.routing.tasks import referral_tasks, tasks_for
from tests.unit.routing.referral_signals import loop_of_march, numbered, requested, signal


def discharge(kind: str = "encounter.discharged", corrects: str = "", **known: object) -> CareEvent:
    about = {"class": "IMP", "disposition": "01", "discharged_at": "2026-03-09T16:05:00-04:00", **known}
    return CareEvent(
        event_key="discharge-1" if not corrects else "cancel-1",
        type=kind,
        kind="discharge",
        person_id="p",
        subject="visit",
        message_id="m",
        occurred_at="2026-03-09T16:05:00-04:00",
        facts=facts(about),
        corrects=corrects,
    )


def test_a_discharge_home_calls_for_transitional_care() -> None:
    """After an inpatient discharge the contact is due in two business days, the visit in seven or fourteen days."""
    (task,) = tasks_for(discharge(), "panel-busy")
    assert (task["due"], task["status"], task["practice_id"]) == ("2026-03-11", "open", "panel-busy")
    assert (task["body"]["visit_by_99496"], task["body"]["visit_by_99495"]) == ("2026-03-16", "2026-03-23")


def test_other_ends_of_a_stay_do_not() -> None:
    """Nobody is to be called after an emergency visit, a transfer to a facility, or a death."""
    for known in ({"class": "EMER"}, {"disposition": "03"}, {"disposition": "20"}, {"deceased": True}):
        assert tasks_for(discharge(**known)) == []  # type: ignore[arg-type]


def test_a_cancelled_discharge_cancels_its_task() -> None:
    """The cancellation names the task of the discharge that it takes back."""
    (task,) = tasks_for(discharge())
    assert tasks_for(discharge("encounter.discharge-cancelled", corrects="discharge-1")) == [
        {"id": task["id"], "status": "cancelled"}
    ]


def test_a_missed_visit_calls_for_outreach_until_it_is_booked_again() -> None:
    """The first missed visit is an outreach task, done when the referral goes on; the second asks for a decision."""
    (first,) = referral_tasks("r", "p", fold(loop_of_march()[:4]), "panel-busy")
    assert (first["kind"], first["status"], first["due"]) == ("outreach", "open", "2026-03-18")
    again = signal("no-show", "2026-03-20T11:00", keys=loop_of_march()[3].keys)
    done, second = referral_tasks("r", "p", fold([*loop_of_march()[:5], again]), "panel-busy")
    assert (done["id"], done["status"]) == (first["id"], "done")
    assert (second["kind"], second["status"]) == ("pcp-decision", "open")


def test_a_declined_referral_is_to_be_sent_to_somebody_else() -> None:
    """A decline is a task within one business day, with the reason."""
    declined = numbered("declined", "2026-03-13T09:00", note="no capacity")
    (task,) = referral_tasks("r", "p", fold([requested(), declined]), "")
    assert (task["kind"], task["due"], task["body"]["reason"]) == ("re-refer", "2026-03-16", "no capacity")

from hub.routing.referrals.fold import fold
from hub.routing.referrals.tasks import referral_tasks
from tests.unit.routing.referrals.referral_signals import loop_of_march, numbered, requested, signal


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

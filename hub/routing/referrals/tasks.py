"""What someone has to do when a referral is stuck: a missed appointment, an answer that declines."""

from hub.model import Json, stable_id
from hub.routing.referrals.fold import Happening, Referral, event_key
from hub.routing.referrals.states import State
from hub.routing.referrals.timers import SHIPPED, Timetable


def referral_tasks(
    referral_id: str, person_id: str, referral: Referral, practice_id: str, times: Timetable = SHIPPED
) -> list[Json]:
    """One task for each time the referral got stuck: open while it still is, done once it went on."""
    stuck = [h for h in referral.milestones if h.after in (State.NO_SHOW, State.DECLINED)]
    known = {"person_id": person_id, "subject": referral_id, "practice_id": practice_id}
    return [known | _stuck_task(referral_id, referral, h, times) for h in stuck]


def _stuck_task(referral_id: str, referral: Referral, at: Happening, times: Timetable) -> Json:
    missed = [h for h in referral.milestones if h.after is State.NO_SHOW]
    kind, title = _DECLINED if at.after is State.DECLINED else _AGAIN if at in missed[1:] else _MISSED
    return {
        "id": stable_id("task", kind, event_key(referral_id, at.label)),
        "kind": kind,
        "status": "open" if at is referral.milestones[-1] else "done",
        "due": times.after(at.occurred_at, "decide", referral.priority),
        "body": {"title": title, "referral": referral.number, "since": at.occurred_at, "reason": at.note},
    }


_MISSED = ("outreach", "Reach the patient: the appointment was missed")
_AGAIN = ("pcp-decision", "Decide how to go on: an appointment was missed again")
_DECLINED = ("re-refer", "Refer to somebody else: the referral was declined")

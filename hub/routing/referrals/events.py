"""The care events of a referral: one for each milestone of its fold."""

from hub.model import CareEvent
from hub.routing.facts import facts
from hub.routing.referrals.fold import Happening, Referral, event_key, milestone_name


def care_event(
    referral_id: str, person_id: str, referral: Referral, happening: Happening, *, matched_by: str, silent: str
) -> CareEvent:
    """The event ``referral.<step>`` of a milestone. Its key is the milestone's, so it never happens twice."""
    name = milestone_name(happening)
    known = {
        "kind": f"referral-{name}",
        "type": f"referral.{name}",
        "occurred_at": happening.occurred_at,
        "received_at": happening.received_at,
        "referral": referral_id,
        "referral_number": referral.number,
        "referral_status": happening.after,
        "referral_status_before": happening.before,
        "referral_step": name,
        "priority": referral.priority,
        "referral_reason": referral.reason,
        "referrer": referral.referrer.name,
        "referrer_npi": referral.referrer.npi,
        "referred_to": referral.referred_to.name,
        "referred_to_npi": referral.referred_to.npi,
        "referred_to_organization": referral.referred_to.organization,
        "due": referral.due,
        "appointment_at": happening.appointment_at or referral.appointment_at,
        "appointments": referral.attempts,
        "no_shows": referral.no_shows,
        "inferred": happening.inferred,
        "matched_by": matched_by,
        "note": happening.note,
        "document": happening.document,
        "author": happening.by,
    }
    return CareEvent(
        event_key=event_key(referral_id, happening.label),
        type=f"referral.{name}",
        kind=f"referral-{name}",
        person_id=person_id,
        subject=referral_id,
        message_id=happening.message_id,
        occurred_at=happening.occurred_at,
        facts=facts(known),
        silent=silent,
    )

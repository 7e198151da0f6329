"""When a practice is told of a notice: by its wishes, its quiet hours, and how long things take to settle."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.model import Notification, Urgency
from hub.routing.business_days import add_business_days
from hub.settings import Escalation, Practice, When

AT_ONCE = frozenset({"ed-arrival"})
"""Kinds that nothing is waited for: a practice may still want to call."""


@dataclass(frozen=True, slots=True)
class Timing:
    """From ``at`` on a notice may be sent, and why not before; no ``at``: it is not sent."""

    at: datetime | None
    why: str = ""


def timing(practice: Practice, notice: Notification, now: datetime) -> Timing:
    """When the practice is told by its channels; its inbox has the notice in any case. ``now`` is aware."""
    wish = next((h.when for h in practice.hears if h.is_about(notice.kind, notice.urgency)), When.IMMEDIATE)
    if wish is When.OFF:
        return Timing(None, f"the practice does not want to hear of {notice.kind}")
    if is_late(notice, practice.late):
        why = f"late: it happened more than {practice.late} hours before; digest"
        return Timing(next_at(practice, practice.digest_at, now), why)
    if notice.urgency is Urgency.URGENT:
        return Timing(now)
    if wish is When.DIGEST:
        return Timing(next_at(practice, practice.digest_at, now), "digest")
    settled = now if notice.kind in AT_ONCE else now + timedelta(seconds=practice.coalesce)
    if practice.quiet and practice.quiet.holds(_local(practice, settled).time()):
        return Timing(next_at(practice, practice.quiet.ends, settled), "quiet hours")
    return Timing(settled, "settling" if settled > now else "")


def is_late(notice: Notification, hours: int) -> bool:
    """Whether it happened so long before the hub heard of it that nobody needs to be called; 0 hours: never."""
    try:
        happened, told = datetime.fromisoformat(notice.occurred_at), datetime.fromisoformat(notice.created_at)
    except ValueError:
        return False  # a time to the day, or none: nothing says that it is late
    return bool(hours) and happened.tzinfo is not None and told - happened > timedelta(hours=hours)


def escalates_at(practice: Practice, escalation: Escalation, now: datetime) -> datetime:
    """When somebody else is told of a notice of now that nobody has acknowledged."""
    if escalation.after is not None:
        return now + timedelta(minutes=escalation.after)
    assert escalation.at is not None, "one of the two is set"
    day = add_business_days(_local(practice, now).date(), 1, practice.holidays)
    return datetime.combine(day, escalation.at, ZoneInfo(practice.time_zone)).astimezone(UTC)


def next_at(practice: Practice, local: time, now: datetime) -> datetime:
    """The next moment after ``now`` at which the clock in the practice shows that time; in UTC."""
    zone = ZoneInfo(practice.time_zone)
    day = _local(practice, now).date()
    today = datetime.combine(day, local, zone)
    return (today if today > now else datetime.combine(day + timedelta(days=1), local, zone)).astimezone(UTC)


def _local(practice: Practice, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(practice.time_zone))

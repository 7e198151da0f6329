"""Signals of one referral loop, for the tests of referrals."""

from datetime import UTC, datetime
from typing import Any

from hub.model import stable_id
from hub.routing.referrals.said import Said
from hub.routing.statements import Party, ReferralSignal, Source

PLACER = "urn:oid:1.2.3.4|REF-2207"
SUBJECT = stable_id("ServiceRequest", PLACER)
APPOINTMENT = "urn:carering:feed:cardionet|AP9"
BUSY = Party("1234567893", "Dr. Busy", "Busy Family Medicine")
LOVE = Party("1111111112", "Dr. Love", "Love Cardiology Group")
PERSON = "person-harold"


def source(when: str, message: str = "", person: str = PERSON) -> Source:
    """A source at a local time of New York's summer (``2026-03-09T10:00``)."""
    text = f"{when}:00-04:00"
    instant = datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Source(message or f"m-{when}", person, text, instant, instant)


def signal(step: str, when: str, **more: Any) -> ReferralSignal:
    message, person = more.pop("message", ""), more.pop("person", PERSON)
    return ReferralSignal(source=source(when, message, person), step=step, **more)


def requested(when: str = "2026-03-09T10:00", **more: Any) -> ReferralSignal:
    known = {"referrer": BUSY, "referred_to": LOVE, "priority": "routine", "due": "2026-03-23", "reason": "Dyspnea?"}
    named = {"keys": (PLACER,), "subject": SUBJECT, "number": "REF-2207"}
    return signal("requested", when, **{**named, **known, **more})


def numbered(step: str, when: str, **more: Any) -> ReferralSignal:
    return signal(step, when, **{"keys": (PLACER,), "number": "REF-2207", **more})


def loop_of_march() -> list[ReferralSignal]:
    """REF-2207 from its request to a numbered note; the missed visit is known by the appointment's id alone."""
    booked = {"keys": (PLACER, APPOINTMENT), "number": "REF-2207"}
    return [
        requested(),
        numbered("accepted", "2026-03-10T09:00", subject=SUBJECT),
        signal("scheduled", "2026-03-11T09:00", appointment_at="2026-03-17T10:00:00-04:00", **booked),
        signal("no-show", "2026-03-17T11:00", keys=(APPOINTMENT,)),
        signal("scheduled", "2026-03-18T09:00", appointment_at="2026-03-20T10:00:00-04:00", **booked),
        numbered("note", "2026-03-20T15:00", document="doc-1", author=LOVE),
    ]


def said(*signals: ReferralSignal) -> list[Said]:
    return [Said(s) for s in signals]

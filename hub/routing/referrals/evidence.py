"""How well a note that names no referral fits one: points with their reasons.

Who wrote it and when make a referral likely; only what the note says of its purpose (whom it is addressed to, the
question) tells a referral from any other visit of an established patient. Therefore neither alone reaches the
threshold. The patient counts nothing: all candidates are the same person's.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from hub.routing.instants import day
from hub.routing.referrals.fold import Referral, note_date
from hub.routing.referrals.parties import plain_name, same_party
from hub.routing.referrals.states import State
from hub.routing.statements import Party, ReferralSignal

AUTOMATIC = 85
"""From so many points on a note is taken as the answer without asking, when no other referral fits."""

BY_NPI, BY_GROUP, BY_NAME = 40, 35, 35
ON_THE_DAY, AFTER_VISIT, UNBOOKED, LATER, BEFORE_VISIT = 25, 20, 20, 5, -20
ADDRESSED, ONE_WORD, WORDS = 25, 10, 20
ANSWERED_BEFORE, OTHER_NUMBER = -40, -60
VISIT_DAYS, NOTE_DAYS, UNBOOKED_DAYS, FURTHER_NOTE_DAYS = 5, 30, 60, 60

_NUMBER = re.compile(r"\bREF[-–]?\d{3,}\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{5,}")
_COMMON = frozenset(
    [
        "after",
        "before",
        "their",
        "there",
        "these",
        "which",
        "would",
        "could",
        "should",
        "please",
        "patient",
        "referral",
        "history",
    ]
)


class Point(NamedTuple):
    """So many points, and why."""

    points: int
    why: str


def weigh(signal: ReferralSignal, referral: Referral, others: Iterable[Referral]) -> tuple[int, str]:
    """The points (0 to 100) of a note for a referral, and the reasons in words. ``others`` are the person's other
    referrals. The confidence of whatever read the note scales all that was read."""
    points = [p for p in _points(signal, referral, tuple(others)) if p.points]
    total = round(sum(p.points for p in points) * signal.confidence)
    said = [f"{p.why} ({p.points:+})" for p in points]
    if signal.confidence < 1:
        said.append(f"read with a confidence of {signal.confidence:.2f}")
    return max(0, min(total, 100)), ", ".join(said)


def _points(signal: ReferralSignal, referral: Referral, others: tuple[Referral, ...]) -> Iterable[Point]:
    who = same_party(signal.author, referral.referred_to)
    yield Point(0 if not who else BY_NPI if "NPI" in who else BY_GROUP if "group" in who else BY_NAME, who)
    yield _when(signal, referral)
    if _is_addressed(signal, referral.referrer):
        yield Point(ADDRESSED, f"addressed to {referral.referrer.name or referral.referrer.npi}")
    yield _question(signal, referral)
    if other := _answered_before(signal, referral, others):
        yield Point(ANSWERED_BEFORE, f"the same specialist answered {other.number or 'another referral'} not long ago")
    if any(_digits(number) != _digits(referral.number) for number in _NUMBER.findall(signal.text)):
        yield Point(OTHER_NUMBER, "the note names another number")


def _when(signal: ReferralSignal, referral: Referral) -> Point:
    written, sent, visit = day(note_date(signal)), day(referral.sent_at), day(_visit(referral))
    if not written or not sent:
        return Point(0, "")
    if visit and written >= visit:
        return _after_visit(written, visit)
    days = (written - sent).days
    if visit:
        return Point(BEFORE_VISIT, f"dated {written}, before the appointment on {visit}")
    if days > UNBOOKED_DAYS:
        return Point(LATER, f"dated {written}, after it was sent {sent}")
    return Point(UNBOOKED, f"dated {written}, {days} days after it was sent")


def _after_visit(written: date, visit: date) -> Point:
    days = (written - visit).days
    if days <= VISIT_DAYS:
        return Point(ON_THE_DAY, f"dated {written}, with the appointment on {visit}")
    return Point(AFTER_VISIT if days <= NOTE_DAYS else LATER, f"dated {written}, {days} days after the appointment")


def _visit(referral: Referral) -> str:
    missed = referral.state in (State.NO_SHOW, State.APPOINTMENT_CANCELLED)
    return "" if missed else referral.visited_at or referral.appointment_at


def _is_addressed(signal: ReferralSignal, referrer: Party) -> bool:
    """Whether the note is to the referrer: as a recipient, by NPI, or by name behind a title."""
    if any(same_party(recipient, referrer) for recipient in signal.recipients):
        return True
    if referrer.npi and re.search(rf"\b{referrer.npi}\b", signal.text):
        return True
    words = plain_name(referrer.name).split()
    family = _family(referrer.name)
    text = signal.text.casefold()
    titled = rf"\b(?:dr\.?|doctor)\s+(?:\w+\s+)?{re.escape(family)}\b"
    return bool(family and (re.search(titled, text) or (len(words) > 1 and _named(words, text))))


def _named(words: list[str], text: str) -> bool:
    return any(set(words) <= set(line.replace(",", " ").replace(".", " ").split()) for line in text.splitlines())


def _family(name: str) -> str:
    """The family name of ``Dr. Beatrice Busy`` or ``Busy, Beatrice MD``, in small letters."""
    before, comma, _ = name.partition(",")
    words = [w for w in re.sub(r"[^\w\s-]", " ", before).split() if plain_name(w)]
    return words[-1].casefold() if words else before.strip().casefold() if comma else ""


def _question(signal: ReferralSignal, referral: Referral) -> Point:
    asked = {w.casefold() for w in _WORD.findall(referral.reason)} - _COMMON
    shared = sorted(asked & {w.casefold() for w in _WORD.findall(signal.text)})
    if not shared:
        return Point(0, "")
    return Point(WORDS if len(shared) > 1 else ONE_WORD, f"speaks of {' and '.join(shared[:3])}")


def _answered_before(signal: ReferralSignal, referral: Referral, others: tuple[Referral, ...]) -> Referral | None:
    """Another referral of this person to the same specialist, of which this may be a further note."""
    written = day(note_date(signal))
    for other in others:
        answered = day(next((h.occurred_at for h in reversed(other.milestones) if h.document), ""))
        near = written and answered and 0 <= (written - answered).days <= FURTHER_NOTE_DAYS
        if near and other is not referral and same_party(signal.author, other.referred_to):
            return other
    return None


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)

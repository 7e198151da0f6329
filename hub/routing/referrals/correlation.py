"""Which referral a signal belongs to.

Keys, strongest first: the placer's number with its authority (ORC-2/OBR-2), numbers learned from other messages
(ORC-3, SCH-1/2, SCH-26/27, TXA-14/15, a code on the fax), the bare number within the same person. A note that
carries none of them is compared with the person's open referrals by whom they were sent to and when; what fits is
only suggested, to an operator. The patient alone never matches.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.routing.referrals.fold import Referral, key_value, note_date, signal_keys
from hub.routing.referrals.states import AWAITING_NOTE, NOTES
from hub.routing.statements import Party, ReferralSignal

OWN_SYSTEM = "urn:carering:"
"""Systems that the hub made up because the sender named no authority: they never contradict one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A referral that was looked at, and whether and why it fits."""

    referral_id: str
    number: str
    fits: bool
    why: str


@dataclass(frozen=True, slots=True)
class Match:
    """What correlation found: the referral, when a key says it (``by`` names the key), and who else was looked at."""

    referral_id: str = ""
    by: str = ""
    key: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def suggested(self) -> tuple[Candidate, ...]:
        return tuple(c for c in self.candidates if c.fits)


def correlate(
    signal: ReferralSignal, referrals: Mapping[str, Referral], foreign: Mapping[str, Referral], rejected: Iterable[str]
) -> Match:
    """The referral of a signal among the person's ``referrals``; ``foreign`` are other persons' with the same keys,
    ``rejected`` the referrals that an operator has ruled out for it."""
    for by, key, found in _by_keys(signal, referrals):
        if len(found) == 1:
            return Match(found[0], by, key, _author_differs(signal, referrals[found[0]], found[0]))
        if found:
            return Match(candidates=tuple(_several(i, referrals[i], by) for i in found if i not in set(rejected)))
    candidates = _by_author(signal, referrals) if signal.step in NOTES else ()
    strangers = tuple(
        Candidate(i, r.number, True, "the number is another person's referral") for i, r in foreign.items()
    )
    return Match(candidates=tuple(_ruled_out(c, rejected) for c in (*candidates, *strangers)))


def _by_keys(signal: ReferralSignal, referrals: Mapping[str, Referral]) -> Iterable[tuple[str, str, list[str]]]:
    for key in signal_keys(signal):
        yield "key", key, [i for i, r in referrals.items() if key in r.keys]
    if signal.subject in referrals:
        yield "referral", signal.subject, [signal.subject]
    if signal.document:
        yield "document", signal.document, [i for i, r in referrals.items() if signal.document in _documents(r)]
    for number in numbers(signal):
        yield "number", number, [i for i, r in referrals.items() if _same_number(signal, r, number)]


def numbers(signal: ReferralSignal) -> tuple[str, ...]:
    """The bare numbers by which a signal may name its referral."""
    if signal.number:
        return (signal.number,)
    values = tuple(key_value(k) for k in signal.keys)
    return values if signal.document else values[:1]


def _same_number(signal: ReferralSignal, referral: Referral, number: str) -> bool:
    """The same number, and not two authorities that each gave it to something of their own."""
    if not number or referral.number != number:
        return False
    said, known = _authorities(signal_keys(signal), number), _authorities(referral.keys, number)
    return not (said and known)


def _authorities(keys: Iterable[str], number: str) -> set[str]:
    systems = (k.rpartition("|")[0] for k in keys if key_value(k) == number)
    return {s for s in systems if s and not s.startswith(OWN_SYSTEM)}


def _documents(referral: Referral) -> tuple[str, ...]:
    return tuple(h.document for h in referral.history if h.step in NOTES)


def _several(referral_id: str, referral: Referral, by: str) -> Candidate:
    return Candidate(referral_id, referral.number, True, f"the same {by} names more than one referral")


def _author_differs(signal: ReferralSignal, referral: Referral, referral_id: str) -> tuple[Candidate, ...]:
    """A numbered note from somebody else is taken, and said to be so."""
    if signal.step not in NOTES or not any((signal.author.npi, signal.author.name)):
        return ()
    fits = bool(same_party(signal.author, referral.referred_to))
    why = "the author is whom it was sent to" if fits else "the author is not whom it was sent to; the key decides"
    return (Candidate(referral_id, referral.number, True, why),)


def _by_author(signal: ReferralSignal, referrals: Mapping[str, Referral]) -> tuple[Candidate, ...]:
    judged = [(i, r, *_fits(signal, r)) for i, r in referrals.items()]
    fitting = sum(fits for _, _, fits, _ in judged)
    more = f"; one of {fitting} that fit" if fitting > 1 else ""
    return tuple(Candidate(i, r.number, fits, why + more * fits) for i, r, fits, why in judged)


def _fits(signal: ReferralSignal, referral: Referral) -> tuple[bool, str]:
    if referral.state not in AWAITING_NOTE:
        return False, f"awaits no note ({referral.state})"
    who = same_party(signal.author, referral.referred_to)
    if not who:
        return False, "sent to somebody else"
    if not referral.sent_at or note_date(signal) < referral.sent_at[:10]:
        return False, "the note is older than the referral"
    return True, f"same patient, {who}, note dated {note_date(signal)} after it was sent {referral.sent_at[:10]}"


def same_party(author: Party, asked: Party) -> str:
    """In which way the author is whom the referral was sent to; empty when not."""
    if author.npi and author.npi == asked.npi:
        return "the author's NPI is the one it was sent to"
    if author.organization and _plain(author.organization) == _plain(asked.organization):
        return "the author's group is where it was sent to"
    unnumbered = not (author.npi and asked.npi)
    if unnumbered and author.name and _plain(author.name) == _plain(asked.name):
        return "the author has the name of whom it was sent to"
    return ""


def _plain(name: str) -> str:
    """A name without titles, punctuation and order: ``Love, Anna MD`` and ``Dr. Anna Love`` are the same."""
    words = re.sub(r"[^\w\s]", " ", name.lower()).split()
    return " ".join(sorted(w for w in words if w not in {"dr", "md", "do", "np", "pa"}))


def _ruled_out(candidate: Candidate, rejected: Iterable[str]) -> Candidate:
    if candidate.referral_id not in set(rejected):
        return candidate
    return Candidate(candidate.referral_id, candidate.number, False, "an operator rejected it")

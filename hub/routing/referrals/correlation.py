"""Which referral a signal belongs to.

Keys, strongest first: the placer's number with its authority (ORC-2/OBR-2), numbers learned from other messages
(ORC-3, SCH-1/2, SCH-26/27, TXA-14/15, the code on a fax), the bare number within the same person. A note that
carries none of them is weighed against the person's open referrals (``evidence``): the only one that fits is taken
from a threshold on, anything else is suggested to an operator. The patient alone never matches.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hub.formats.referral_code import referral_key
from hub.routing.referrals.evidence import AUTOMATIC, weigh
from hub.routing.referrals.fold import Referral, key_value, note_date, signal_keys
from hub.routing.referrals.parties import same_party
from hub.routing.referrals.states import AWAITING_NOTE, NOTES
from hub.routing.statements import ReferralSignal

OWN_SYSTEM = "urn:carering:"
"""Systems that the hub made up because the sender named no authority: they never contradict one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A referral that was looked at, whether and why it fits, and by how many points (0 to 100; 0 where a key says
    it)."""

    referral_id: str
    number: str
    fits: bool
    why: str
    points: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """What correlation found: the referral, when a key or the evidence says it (``by`` names which), and who else was
    looked at."""

    referral_id: str = ""
    by: str = ""
    key: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def suggested(self) -> tuple[Candidate, ...]:
        return tuple(c for c in self.candidates if c.fits)


def correlate(
    signal: ReferralSignal,
    referrals: Mapping[str, Referral],
    foreign: Mapping[str, Referral],
    rejected: Collection[str],
    automatic: int = AUTOMATIC,
) -> Match:
    """The referral of a signal among the person's ``referrals``; ``foreign`` are other persons' with the same keys,
    ``rejected`` the referrals that an operator has ruled out for it. From ``automatic`` points on, the only candidate
    is taken."""
    for by, key, named in _by_keys(signal, referrals):
        found = [i for i in named if i not in rejected]
        if len(found) == 1:
            return Match(found[0], by, key, _author_differs(signal, referrals[found[0]], found[0]))
        if found:
            return Match(candidates=tuple(_several(i, referrals[i], by) for i in found))
    weighed = _by_evidence(signal, referrals, rejected) if signal.step in NOTES else ()
    fitting = [c for c in weighed if c.fits]
    if not foreign and len(fitting) == 1 and fitting[0].points >= automatic:
        return Match(fitting[0].referral_id, "evidence", f"{fitting[0].points} points: {fitting[0].why}", weighed)
    strangers = (Candidate(i, r.number, True, "the number is another person's referral") for i, r in foreign.items())
    return Match(candidates=(*weighed, *(_ruled_out(c, rejected) for c in strangers)))


def _by_keys(signal: ReferralSignal, referrals: Mapping[str, Referral]) -> Iterable[tuple[str, str, list[str]]]:
    for key in signal_keys(signal):
        yield "key", key, [i for i, r in referrals.items() if key in r.keys or key == referral_key(i)]
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


def _by_evidence(
    signal: ReferralSignal, referrals: Mapping[str, Referral], rejected: Collection[str]
) -> tuple[Candidate, ...]:
    unfit = {i: "an operator rejected it" if i in rejected else _unfit(signal, r) for i, r in referrals.items()}
    fitting = sum(not why for why in unfit.values())
    more = f"; one of {fitting} that fit" if fitting > 1 else ""
    return tuple(
        Candidate(i, r.number, False, unfit[i]) if unfit[i] else _fitting(signal, i, referrals, more)
        for i, r in referrals.items()
    )


def _unfit(signal: ReferralSignal, referral: Referral) -> str:
    """Why the referral cannot be meant; empty when it can."""
    if referral.state not in AWAITING_NOTE:
        return f"awaits no note ({referral.state})"
    if not same_party(signal.author, referral.referred_to):
        return "sent to somebody else"
    if not referral.sent_at or note_date(signal) < referral.sent_at[:10]:
        return "the note is older than the referral"
    return ""


def _fitting(signal: ReferralSignal, referral_id: str, referrals: Mapping[str, Referral], more: str) -> Candidate:
    referral = referrals[referral_id]
    points, why = weigh(signal, referral, referrals.values())
    return Candidate(referral_id, referral.number, True, f"same patient, {why}{more}", points)


def _ruled_out(candidate: Candidate, rejected: Collection[str]) -> Candidate:
    if candidate.referral_id not in rejected:
        return candidate
    return Candidate(candidate.referral_id, candidate.number, False, "an operator rejected it")

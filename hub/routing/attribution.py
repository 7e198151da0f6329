"""Who hears of an event, in which role and why, and who does not.

The order of precedence for the PCP: an active row of a practice's panel, then the role of primary care that the message
names (ROL), then PD1-4. PV1-8 (referring) is never the PCP. When the panel and the message disagree both are told.
Recipients are practices: the same clinician may work in two, and the panel says which one is meant.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hub.model import CareEvent, NotTold, Recipient, Role
from hub.settings import Practice


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A patient's row on a practice's panel; dates are ISO days, empty ones do not bound."""

    practice_id: str
    pcp_npi: str
    start_date: str = ""
    end_date: str = ""

    def active(self, day: str) -> bool:
        return self.start_date <= day and (not self.end_date or day <= self.end_date)


@dataclass(frozen=True, slots=True)
class OpenReferral:
    """A referral under way: the one it was sent to looks after the patient, too."""

    id: str
    number: str
    npi: str = ""
    name: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the person of an event: panel rows, the PCPs that messages name (``(source, npi)``), open
    referrals, and the practices (with clinician) that were told of what the event corrects."""

    panel: tuple[PanelRow, ...] = ()
    named_pcps: tuple[tuple[str, str], ...] = ()
    referrals: tuple[OpenReferral, ...] = ()
    originals: tuple[tuple[str, str], ...] = ()


class Practices:
    """The configured practices by clinician and by name."""

    def __init__(self, practices: Iterable[Practice]) -> None:
        self._names: dict[str, str] = {}
        self._by_npi: dict[str, list[str]] = {}
        self._by_name: dict[str, str] = {}
        self._clinicians: dict[str, str] = {}
        for practice in practices:
            self._names[practice.id] = practice.name
            for name in (practice.name, practice.id):
                self._by_name[_plain(name)] = practice.id
            for clinician in practice.clinicians:
                self._by_npi.setdefault(clinician.npi, []).append(practice.id)
                self._clinicians[clinician.npi] = clinician.name

    def of_npi(self, npi: str) -> Sequence[str]:
        return self._by_npi.get(npi, ()) if npi else ()

    def of_organization(self, name: str) -> str:
        return self._by_name.get(_plain(name), "") if name else ""

    def name(self, practice_id: str) -> str:
        return self._names.get(practice_id, practice_id)

    def clinician(self, npi: str, otherwise: str = "") -> str:
        """The clinician in words: ``Dr. Busy (NPI 1234567893)``."""
        name = self._clinicians.get(npi) or otherwise
        return f"{name} (NPI {npi})" if name else f"NPI {npi}"


def attribute(
    roles: Iterable[Role], event: CareEvent, known: Known, practices: Practices
) -> tuple[tuple[Recipient, ...], tuple[NotTold, ...]]:
    """The practices that hear of the event in one of the roles, each once, and who was considered besides."""
    told: dict[str, Recipient] = {}
    not_told: list[NotTold] = []
    for role in roles:
        for found in _ROLES[role](event, known, practices):
            if isinstance(found, NotTold):
                not_told.append(found)
            elif found.practice_id in told:
                earlier = told[found.practice_id]
                told[found.practice_id] = replace(earlier, reasons=_joined(earlier.reasons, found.reasons))
            else:
                told[found.practice_id] = found
    return _without_author(event, tuple(told.values()), practices, not_told)


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _without_author(
    event: CareEvent, told: tuple[Recipient, ...], practices: Practices, not_told: list[NotTold]
) -> tuple[tuple[Recipient, ...], tuple[NotTold, ...]]:
    """Nobody is told of the document that they wrote."""
    wrote = set(practices.of_npi(event.facts["author_npi"])) if event.type.startswith("document.") else set()
    authors = [NotTold(practices.name(r.practice_id), "wrote the document") for r in told if r.practice_id in wrote]
    return tuple(r for r in told if r.practice_id not in wrote), (*not_told, *authors)


# --- the PCP ---------------------------------------------------------------------------------------------------


def _pcps(event: CareEvent, known: Known, practices: Practices) -> Iterator[Recipient | NotTold]:
    day = event.occurred_at[:10]
    active = sorted((r for r in known.panel if r.active(day)), key=lambda r: r.start_date, reverse=True)
    named = list(_named(known.named_pcps, active, practices))
    confirmed = {n.practice_id: n.reasons for n in named if isinstance(n, Recipient)}
    on_panel = dict.fromkeys(r.practice_id for r in active)
    for row in active:
        reasons = (_on_panel(row, practices), *confirmed.get(row.practice_id, ()))
        yield Recipient(row.practice_id, Role.PCP, reasons, row.pcp_npi)
    for found in named:
        if isinstance(found, NotTold):
            yield found
        elif found.practice_id not in on_panel:
            disagree = ("the panel names another practice: both are told",) if on_panel else ()
            yield replace(found, reasons=found.reasons + disagree)
    for row in known.panel:
        if not row.active(day) and row.practice_id not in on_panel:
            yield NotTold(practices.name(row.practice_id), f"on its panel, but not on {day}")
    if not known.panel and not known.named_pcps:
        yield NotTold("pcp", "unattributed: no panel row, and the message names no PCP (ROL, PD1-4)")


def _on_panel(row: PanelRow, practices: Practices) -> str:
    since = f" since {row.start_date}" if row.start_date else ""
    return f"on the panel of {practices.name(row.practice_id)}{since}, PCP {practices.clinician(row.pcp_npi)}"


def _named(
    named: Sequence[tuple[str, str]], panel: Sequence[PanelRow], practices: Practices
) -> Iterator[Recipient | NotTold]:
    """What the message names, the strongest source only; a clinician whose practice the panel knows is meant there."""
    for source, npi in named:
        who = practices.clinician(npi)
        if source != named[0][0]:
            if npi not in {n for s, n in named if s == named[0][0]}:
                yield NotTold(who, f"named in {source}, but {named[0][0]} names the PCP")
            continue
        homes = [r.practice_id for r in panel if r.pcp_npi == npi] or practices.of_npi(npi)
        for practice_id in homes:
            reason = f"{source} names {who}, a clinician of {practices.name(practice_id)}"
            yield Recipient(practice_id, Role.PCP, (reason,), npi)
        if not homes:
            yield NotTold(who, f"named in {source}, but no practice here has this clinician")


# --- everybody else --------------------------------------------------------------------------------------------


def _specialists(event: CareEvent, known: Known, practices: Practices) -> Iterator[Recipient | NotTold]:
    for referral in _of_event(event) or known.referrals:
        who = practices.clinician(referral.npi, referral.name) if referral.npi else referral.name
        homes = practices.of_npi(referral.npi) or [practices.of_organization(referral.organization or referral.name)]
        for practice_id in filter(None, homes):
            reason = f"open referral {referral.number} to {who or referral.organization}"
            yield Recipient(practice_id, Role.SPECIALIST, (reason,), referral.npi)
        if not any(homes):
            reason = f"open referral {referral.number}, but no practice here is whom it was sent to"
            yield NotTold(who or referral.organization or "specialist", reason)


def _of_event(event: CareEvent) -> tuple[OpenReferral, ...]:
    """The referral that the event is about, if it is about one."""
    known = event.facts
    if not known["referral"]:
        return ()
    asked = (known["referred_to_npi"], known["referred_to"], known["referred_to_organization"])
    return (OpenReferral(known["referral"], known["referral_number"], *asked),)


def _referrers(event: CareEvent, known: Known, practices: Practices) -> Iterator[Recipient | NotTold]:
    npi, number = event.facts["referrer_npi"], event.facts["referral_number"]
    who = practices.clinician(npi, event.facts["referrer"]) if npi else event.facts["referrer"] or "referrer"
    homes = [r.practice_id for r in known.panel if npi and r.pcp_npi == npi] or practices.of_npi(npi)
    for practice_id in dict.fromkeys(homes):
        yield Recipient(practice_id, Role.REFERRER, (f"{who} sent referral {number}",), npi)
    if not homes:
        yield NotTold(who, f"sent referral {number}, but no practice here has this clinician")


def _originals(event: CareEvent, known: Known, practices: Practices) -> Iterator[Recipient | NotTold]:
    if not event.corrects:
        return
    for practice_id, npi in known.originals:
        yield Recipient(practice_id, Role.ORIGINAL, ("was told of what this corrects",), npi)
    if not known.originals:
        yield NotTold("original recipients", "nobody was told of what this corrects")


_ROLES: dict[Role, Callable[[CareEvent, Known, Practices], Iterator[Recipient | NotTold]]] = {
    Role.PCP: _pcps,
    Role.SPECIALIST: _specialists,
    Role.REFERRER: _referrers,
    Role.ORIGINAL: _originals,
}


def _plain(name: str) -> str:
    return " ".join(name.lower().replace(",", " ").replace(".", " ").split())

"""Who is told of care events: what is known of their persons is loaded for all at once, then rule by rule decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from hub.model import CareEvent, Notification, Role, RuleDecision
from hub.routing.attribution import Known, OpenReferral, PanelRow, Practices, attribute
from hub.routing.events import REFERRAL, REPLAYED
from hub.routing.rules import compiled, decide, notices
from hub.services.context import Hub
from hub.store import events as store
from hub.store import referrals
from hub.store.engine import utc_text

LEFT = frozenset({"cancelled", "closed", "closed-no-note", "declined", "expired"})
"""Statuses of a referral whose specialist no longer looks after the patient."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of this batch, with the PCPs that its message or its visit names, and the practices that are to be told
    even of a replayed one."""

    event: CareEvent
    named_pcps: tuple[tuple[str, str], ...] = ()
    redeliver: frozenset[str] = frozenset()


@dataclass(slots=True)
class Decided:
    """What came of an event: each rule's decision and the notices."""

    event: CareEvent
    decisions: list[RuleDecision] = field(default_factory=list)
    notices: list[Notification] = field(default_factory=list)


class Deciding:
    """Decides events one after the other; ``open_before`` are the open referrals by person before the first of them."""

    def __init__(
        self,
        transaction: Connection,
        hub: Hub,
        happened: Sequence[Happened],
        open_before: dict[str, list[referrals.OpenReferral]],
    ) -> None:
        self._rules = compiled(hub.site.rules)
        self._practices = Practices(hub.site.practices)
        self._now = utc_text(hub.clock.now())
        persons = {h.event.person_id for h in happened} - {""}
        corrected = {h.event.corrects for h in happened} - {""}
        self._panel = store.on_panels(transaction, persons) if persons else {}
        self._told = store.told(transaction, corrected) if corrected else {}
        self._referrals = {p: {r.id: _open(r) for r in mine} for p, mine in open_before.items()}

    def decide(self, happened: Happened) -> Decided:
        """The decisions on one event. A silent event is held against no rule; a replayed one only tells practices that
        are to hear of it again."""
        event = happened.event
        self._follow(event)
        if event.silent and not (event.silent == REPLAYED and happened.redeliver):
            return Decided(event)
        known = self._known(happened)
        matched = decide(
            self._rules.get(event.type, ()), event, lambda roles: attribute(roles, event, known, self._practices)
        )
        told = notices(event, matched, self._now)
        if event.silent:
            told = [n for n in told if n.practice_id in happened.redeliver]
        mine = self._told.setdefault(event.event_key, [])
        mine += [(n.practice_id, n.npi) for n in told if n.practice_id not in dict(mine)]
        return Decided(event, [decision for _, decision in matched], told)

    def pcp(self, happened: Happened) -> str:
        """The practice of the PCP, whether or not a rule tells it; empty when there is none."""
        recipients, _ = attribute((Role.PCP,), happened.event, self._known(happened), self._practices)
        return recipients[0].practice_id if recipients else ""

    def _known(self, happened: Happened) -> Known:
        event = happened.event
        return Known(
            panel=tuple(PanelRow(*row) for row in self._panel.get(event.person_id, ())),
            named_pcps=happened.named_pcps,
            referrals=tuple(self._referrals.get(event.person_id, {}).values()),
            originals=tuple(self._told.get(event.corrects, ())) if event.corrects else (),
        )

    def _follow(self, event: CareEvent) -> None:
        """An event of a referral changes who looks after the person from then on."""
        if not event.type.startswith(REFERRAL):
            return
        mine = self._referrals.setdefault(event.person_id, {})
        if event.facts["referral_status"] in LEFT:
            mine.pop(event.subject, None)
        else:
            known = event.facts
            asked = (known["referred_to_npi"], known["referred_to"], known["referred_to_organization"])
            mine[event.subject] = OpenReferral(event.subject, known["referral_number"], *asked)


def _open(referral: referrals.OpenReferral) -> OpenReferral:
    asked = (referral.referred_to_npi, referral.referred_to_name, referral.referred_to_organization)
    return OpenReferral(referral.id, referral.number, *asked)


def save(transaction: Connection, decided: Sequence[Decided]) -> None:
    """Writes events and notices."""
    store.save_events(transaction, [d.event for d in decided])
    store.save_notifications(transaction, [notice for d in decided for notice in d.notices])

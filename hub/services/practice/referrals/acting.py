"""An operator's act is a signal like any other: it goes through the same fold, within one transaction, and whoever
should hear of it is told by the same rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from hub.model import Stage, stable_id
from hub.routing.referrals.book import Book
from hub.routing.referrals.loops import Loop, Outcome
from hub.routing.referrals.states import Step
from hub.routing.statements import Party, ReferralSignal, Source
from hub.services.context import Hub
from hub.services.practice.referrals.views import zone_of
from hub.services.routing import route
from hub.services.routing.notices import Decided
from hub.services.routing.referrals import Snapshot, save_book
from hub.store import messages
from hub.store.engine import utc_text


def finish(transaction: Connection, hub: Hub, book: Book, before: Snapshot, outcome: Outcome) -> None:
    """Saves what an operator did, and tells whoever should hear of it."""
    save_book(transaction, hub, book, before)
    decided = route.publish_events(transaction, hub, outcome.events, "operator")
    _explain(transaction, outcome, decided)


def _explain(transaction: Connection, outcome: Outcome, decided: Sequence[Decided]) -> None:
    """What an act did is explained with the message whose note it placed."""
    traces = messages.traces_by(transaction, Stage.ROUTE, {each.event.message_id for each in decided})
    for message_id, trace in traces.items():
        mine = (each for each in decided if each.event.message_id == message_id)
        trace["referrals"] += [step for step in outcome.steps if step["message"] == message_id]
        trace["events"] += [{"event": each.event, "decisions": each.decisions} for each in mine]
    messages.trace(transaction, Stage.ROUTE, traces)


def act(hub: Hub, loop: Loop, step: Step, by: str, *, note: str = "", document: str = "") -> ReferralSignal:
    """An operator's step as a signal: now, and in any case after all that the operator could see."""
    now = hub.clock.now()
    seen = max((signal.source.instant for signal in loop.journal.values()), default="")
    if utc_text(now) <= seen:
        now = datetime.fromisoformat(seen) + timedelta(microseconds=1)
    instant = utc_text(now)
    source = Source(
        message_id=stable_id("act", loop.id, step, instant, document),
        person_id=loop.person_id,
        occurred_at=now.astimezone(zone_of(hub, loop.referral.referrer.npi)).isoformat(timespec="seconds"),
        instant=instant,
        received_at=instant,
    )
    return ReferralSignal(source=source, step=step, author=Party(name=by), note=note, document=document)

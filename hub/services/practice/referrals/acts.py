"""What operators do with a referral.

An act is a signal like any other: it goes through the same fold, within one transaction, and whoever should hear of
it is told by the same rules.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from hub.errors import NotAllowed, NotFound
from hub.model import Stage, stable_id
from hub.routing.codec import decode
from hub.routing.referrals.book import Book, Loop, Outcome, Suggestion
from hub.routing.referrals.states import ACTS, Step
from hub.routing.statements import Party, ReferralSignal, Source
from hub.services.context import Hub
from hub.services.practice.referrals.looking import SHORTEST_PREFIX, find, show
from hub.services.practice.referrals.views import ReferralView, zone_of
from hub.services.routing import route
from hub.services.routing.notices import Decided
from hub.services.routing.referrals import Snapshot, load_book, save_book, snapshot
from hub.store import messages
from hub.store import referrals as store
from hub.store.engine import utc_text, writing


def review(hub: Hub, wanted: str, by: str) -> ReferralView:
    """The referrer has read the note: the loop is closed. Raises ``NotFound`` and ``NotAllowed``."""
    return _act_on(hub, wanted, Step.REVIEWED, by)


def close_without_note(hub: Hub, wanted: str, reason: str, by: str, *, expired: bool = False) -> ReferralView:
    """The loop ends without a note, for this reason, or has ``expired``. Raises ``NotFound`` and ``NotAllowed``."""
    if not reason.strip():
        raise NotAllowed("a referral is closed without a note only with a reason")
    return _act_on(hub, wanted, Step.EXPIRED if expired else Step.CLOSED_NO_NOTE, by, reason)


def reopen(hub: Hub, wanted: str, by: str, reason: str = "") -> ReferralView:
    """The referral goes on from where it stood before it was settled. Raises ``NotFound`` and ``NotAllowed``."""
    return _act_on(hub, wanted, Step.REOPENED, by, reason)


def confirm(hub: Hub, suggestion_id: str, by: str) -> ReferralView:
    """The suggested note answers the referral. Raises ``NotFound`` and ``NotAllowed``."""
    return _decide(hub, suggestion_id, Step.CONFIRMED, by)


def reject(hub: Hub, suggestion_id: str, by: str) -> ReferralView:
    """The suggested note does not answer the referral; it is not suggested for it again. Raises like ``confirm``."""
    return _decide(hub, suggestion_id, Step.REJECTED, by)


def _act_on(hub: Hub, wanted: str, step: Step, by: str, reason: str = "") -> ReferralView:
    with writing(hub.main) as transaction:
        row = find(transaction, wanted)
        book = load_book(transaction, {row.person_id}, [row.id])
        before, loop = snapshot(book), book.loops[row.id]
        if loop.referral.state not in ACTS[step]:
            raise NotAllowed(f"referral {loop.referral.number or row.id} is {loop.referral.state}: it cannot be {step}")
        act = _act(hub, loop, step, by, note=reason)
        _finish(transaction, hub, book, before, book.act(loop, act))
    hub.streams.flush()
    return show(hub, row.id)


def _decide(hub: Hub, suggestion_id: str, step: Step, by: str) -> ReferralView:
    with writing(hub.main) as transaction:
        suggested = _suggestion(transaction, suggestion_id)
        (row,) = store.of(transaction, ids=[suggested.referral_id])
        book = load_book(transaction, {row.person_id, suggested.person_id})
        before, loop, suggestion = snapshot(book), book.loops[suggested.referral_id], book.suggestions[suggested.id]
        if suggestion.status != "open":
            raise NotAllowed(f"suggestion {suggestion.id} was {suggestion.status} already")
        act = _act(hub, loop, step, by, document=suggestion.document)
        decide = book.confirm if step is Step.CONFIRMED else book.reject
        _finish(transaction, hub, book, before, decide(suggestion, act))
    hub.streams.flush()
    return show(hub, suggested.referral_id)


def _finish(transaction: Connection, hub: Hub, book: Book, before: Snapshot, outcome: Outcome) -> None:
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


def _act(hub: Hub, loop: Loop, step: Step, by: str, *, note: str = "", document: str = "") -> ReferralSignal:
    """An operator's step as a signal: now, and in any case after all that the operator could see."""
    now = hub.clock.now()
    seen = max((signal.source.instant for signal in loop.journal.values()), default="")
    if utc_text(now) <= seen:
        now = datetime.fromisoformat(seen) + timedelta(microseconds=1)
    instant = utc_text(now)
    source = Source(
        message_id=stable_id("act", loop.id, step, instant),
        person_id=loop.person_id,
        occurred_at=now.astimezone(zone_of(hub, loop.referral.referrer.npi)).isoformat(timespec="seconds"),
        instant=instant,
        received_at=instant,
    )
    return ReferralSignal(source=source, step=step, author=Party(name=by), note=note, document=document)


def _suggestion(connection: Connection, suggestion_id: str) -> Suggestion:
    found = [s for s in store.suggested(connection, status="open") if s["id"].startswith(suggestion_id)]
    found = found if len(suggestion_id) >= SHORTEST_PREFIX else []
    found = found or store.suggested(connection, ids=[suggestion_id])
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} suggestions are called {suggestion_id}")
    return decode(Suggestion, found[0])

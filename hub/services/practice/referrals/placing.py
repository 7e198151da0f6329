"""Which referral a note answers, when a person decides: suggestions, and what was placed wrongly."""

from sqlalchemy import Connection

from hub.errors import NotAllowed, NotFound
from hub.routing.codec import decode
from hub.routing.referrals.book import Book
from hub.routing.referrals.loops import Loop, Outcome, Suggestion
from hub.routing.referrals.states import NOTES, Step
from hub.services.context import Hub
from hub.services.practice.referrals.acting import act, finish
from hub.services.practice.referrals.looking import SHORTEST_PREFIX, find, show
from hub.services.practice.referrals.views import ReferralView
from hub.services.routing.referrals import load_book, snapshot
from hub.store import messages
from hub.store import referrals as store
from hub.store.engine import writing
from hub.store.schema import messages as booked


def confirm(hub: Hub, suggestion_id: str, by: str) -> ReferralView:
    """The suggested note answers the referral. Raises ``NotFound`` and ``NotAllowed``."""
    return _decide(hub, suggestion_id, Step.CONFIRMED, by)


def reject(hub: Hub, suggestion_id: str, by: str) -> ReferralView:
    """The suggested note does not answer the referral; it is not suggested for it again. Raises like ``confirm``."""
    return _decide(hub, suggestion_id, Step.REJECTED, by)


def link(hub: Hub, wanted: str, message: str, by: str) -> ReferralView:
    """What a message says belongs to the referral: what waits for one, or a note that another one has. Raises
    ``NotFound`` and ``NotAllowed``."""
    with writing(hub.main) as transaction:
        row, sent = find(transaction, wanted), _message(transaction, message)
        book = load_book(transaction, {row.person_id, sent["person_id"] or ""}, [row.id])
        before, loop = snapshot(book), book.loops[row.id]
        outcome = _taken_off(hub, book, sent["id"], by, besides=loop)
        waiting = book.waiting(sent["id"])
        if not waiting:
            raise NotAllowed(f"message {sent['id']} says nothing that waits for a referral")
        for place, signal in waiting:
            suggested = book.suggest(loop, place, signal)
            done = book.confirm(suggested, act(hub, loop, Step.CONFIRMED, by, document=suggested.document))
            outcome = _both(outcome, done)
        finish(transaction, hub, book, before, outcome)
    hub.streams.flush()
    return show(hub, row.id)


def unlink(hub: Hub, wanted: str, message: str, by: str) -> ReferralView:
    """The note that a message brought does not answer the referral: it waits for another one, and is not taken for
    this one again. Raises ``NotFound`` and ``NotAllowed``."""
    with writing(hub.main) as transaction:
        row, sent = find(transaction, wanted), _message(transaction, message)
        book = load_book(transaction, {row.person_id, sent["person_id"] or ""}, [row.id])
        before, loop = snapshot(book), book.loops[row.id]
        if not _notes(loop, sent["id"]):
            raise NotAllowed(f"message {sent['id']} brought no note to referral {row.number or row.id}")
        finish(transaction, hub, book, before, _unlinked(hub, book, loop, sent["id"], by))
    hub.streams.flush()
    return show(hub, row.id)


def _taken_off(hub: Hub, book: Book, message_id: str, by: str, besides: Loop) -> Outcome:
    """Whatever other referral has the notes of a message, they are taken off it."""
    outcome = Outcome()
    for other in [loop for loop in book.loops.values() if loop is not besides and _notes(loop, message_id)]:
        outcome = _both(outcome, _unlinked(hub, book, other, message_id, by))
    return outcome


def _unlinked(hub: Hub, book: Book, loop: Loop, message_id: str, by: str) -> Outcome:
    acts = {document: act(hub, loop, Step.UNLINKED, by, document=document) for document in _notes(loop, message_id)}
    return book.unlink(loop, message_id, acts)


def _notes(loop: Loop, message_id: str) -> list[str]:
    """The documents that a message brought to a referral and that still stand there."""
    standing = {*loop.referral.documents, *loop.referral.interim_documents}
    said = (s.document for place, s in loop.journal.items() if place[0] == message_id and s.step in NOTES)
    return sorted(standing & set(said))


def _both(first: Outcome, second: Outcome) -> Outcome:
    return Outcome(first.events + second.events, first.steps + second.steps, first.transitions + second.transitions)


def _decide(hub: Hub, suggestion_id: str, step: Step, by: str) -> ReferralView:
    with writing(hub.main) as transaction:
        suggested = _suggestion(transaction, suggestion_id)
        (row,) = store.of(transaction, ids=[suggested.referral_id])
        book = load_book(transaction, {row.person_id, suggested.person_id})
        before, loop, suggestion = snapshot(book), book.loops[suggested.referral_id], book.suggestions[suggested.id]
        if suggestion.status != "open":
            raise NotAllowed(f"suggestion {suggestion.id} was {suggestion.status} already")
        decide = book.confirm if step is Step.CONFIRMED else book.reject
        done = decide(suggestion, act(hub, loop, step, by, document=suggestion.document))
        finish(transaction, hub, book, before, done)
    hub.streams.flush()
    return show(hub, suggested.referral_id)


def _suggestion(connection: Connection, suggestion_id: str) -> Suggestion:
    found = [s for s in store.suggested(connection, status="open") if s["id"].startswith(suggestion_id)]
    found = found if len(suggestion_id) >= SHORTEST_PREFIX else []
    found = found or store.suggested(connection, ids=[suggestion_id])
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} suggestions are called {suggestion_id}")
    return decode(Suggestion, found[0])


def _message(connection: Connection, wanted: str) -> dict[str, str]:
    """The booked message of that id or prefix of one (at least 8 characters)."""
    if len(wanted) < SHORTEST_PREFIX:
        raise NotFound(f"no message {wanted}: give at least {SHORTEST_PREFIX} characters of its id")
    found = messages.selected(connection, booked.c.id.startswith(wanted, autoescape=True))
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} messages are called {wanted}")
    return found[0]

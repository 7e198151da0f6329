"""What an operator decides of two persons, and what comes of it: events, and notices of what was withheld."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from hub.errors import NotAllowed, NotFound
from hub.model import CareEvent, stable_id
from hub.routing import merges as wording
from hub.routing.events import PATIENT_MERGED, PATIENT_UNMERGED
from hub.routing.statements import Source
from hub.services.context import Hub
from hub.services.identity import merging, review
from hub.services.identity.review import Review
from hub.services.routing import route
from hub.store import events, merges, reviews
from hub.store.engine import reading, utc_text, writing
from hub.store.merges import Merge

CAUGHT_UP = timedelta(days=30)
"""What is older is in the person's history, and no news."""


@dataclass(frozen=True, slots=True)
class MergeRow:
    """One merge: who became whom, why (a line of evidence), who said so and when (UTC text), and whether it holds."""

    id: str
    survivor: str
    retired: str
    why: str
    by: str
    at: str
    records: tuple[str, ...]
    undone_at: str
    undone_by: str
    holds: bool


def link(hub: Hub, review_id: str, by: str) -> tuple[Review, int]:
    """The two of a pair are one: everything of the person who came becomes the known one's, and the practices that
    would have heard of it hear now, of nothing twice. Returns the pair and how many notices that are. Raises
    ``NotFound``, and ``NotAllowed`` when it was decided before or messages are still on their way."""
    now = hub.clock.now()
    with writing(hub.main) as transaction:
        withheld = events.of_person(transaction, review.undecided(transaction, review_id).came_id)
        pair = review.join(transaction, review_id, by, utc_text(now))
        since = utc_text(now - CAUGHT_UP)
        news = [e for e in _current(withheld, pair.known_id) if not e.silent and e.facts["received_at"] >= since]
        told = route.catch_up(transaction, hub, news, "operator")
        _publish(transaction, hub, PATIENT_MERGED, pair.id, pair.known_id)
    return review.show(hub, pair.id), told


def unmerge(hub: Hub, merge_id: str, by: str) -> MergeRow:
    """The two of a merge are two persons again, each with what was theirs and what has come since under their own
    numbers; it is remembered that they are not the same. Raises ``NotFound``, and ``NotAllowed`` when the merge does
    not hold or messages are still on their way."""
    now = utc_text(hub.clock.now())
    with writing(hub.main) as transaction:
        known = _one(transaction, merge_id)
        if not known.holds:
            raise NotAllowed(f"merge {known.id} does not hold: nothing is to be undone")
        if on_the_way := reviews.under_way(transaction, known.survivor):
            raise NotAllowed(f"{on_the_way} messages of this person are still being routed; try again then")
        merging.undo(transaction, known, now, by, now)
        reviews.set_apart(transaction, known.survivor, known.retired, known.message_id, by, now)
        _publish(transaction, hub, PATIENT_UNMERGED, stable_id(known.id, now), known.retired)
    return _row(known._replace(undone_at=now, undone_by=by))


def merged(hub: Hub, person_id: str = "", limit: int = 100) -> list[MergeRow]:
    """The merges of a person, or of all, newest first."""
    with reading(hub.main) as connection:
        return [_row(m) for m in merges.newest(connection, person_id, limit) if m.survivor != m.retired]


def _current(happened: Sequence[CareEvent], person_id: str) -> list[CareEvent]:
    """The newest version of each, as the person's; not what was taken back, nor that it was."""
    newest = {e.event_key: e for e in sorted(happened, key=lambda e: e.version)}
    corrected = {e.corrects for e in newest.values()}
    return [replace(e, person_id=person_id) for e in newest.values() if e.event_key not in corrected and not e.corrects]


def _publish(transaction: Connection, hub: Hub, type_: str, what: str, person_id: str) -> None:
    now = utc_text(hub.clock.now())
    source = Source(what, person_id, now, now, now)
    happened = wording.event(stable_id("operator", type_, what), type_, source)
    route.publish_events(transaction, hub, [happened], "operator")


def _one(connection: Connection, merge_id: str) -> Merge:
    found = merges.called(connection, merge_id)
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} merges are called {merge_id}")
    return found[0]


def _row(known: Merge) -> MergeRow:
    said = {name: getattr(known, name) for name in ("id", "survivor", "retired", "by", "at", "undone_at", "undone_by")}
    return MergeRow(**said, why=known.body["why"], records=tuple(known.body["records"]), holds=known.holds)

"""Pairs of persons who may be one: what speaks for and against it, side by side, and what somebody decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.errors import NotAllowed, NotFound
from hub.identity.resolution import Resolution
from hub.model import Json, stable_id
from hub.services.context import Hub
from hub.services.identity import merging, side_by_side
from hub.services.identity.side_by_side import FieldRow
from hub.store import persons, reviews
from hub.store.engine import reading, utc_text, writing
from hub.store.merges import Merge

WAITING = (reviews.OPEN, reviews.LATER)


@dataclass(frozen=True, slots=True)
class Review:
    """Two persons who may be one. ``known`` and ``came`` are what is known of each (name, birth_date, sex,
    identifiers), ``evidence`` field, level and bits, ``vetoes`` why it was not decided automatically; ``records`` are
    the two source records that were compared, ``message_id`` the message that brought the other."""

    id: str
    status: str
    bits: float
    known_id: str
    came_id: str
    known: Json
    came: Json
    evidence: list[list[Any]]
    vetoes: list[str]
    created_at: str
    message_id: str = ""
    records: tuple[str, str] = ("", "")
    decided_at: str = ""
    decided_by: str = ""


def rows(resolution: Resolution, message_id: str, now: str) -> list[dict[str, Any]]:
    """The pairs that a resolution leaves to a person."""
    return [
        {
            "id": stable_id("identity-review", *sorted((resolution.person_id, candidate.person_id))),
            "person_a": candidate.person_id,
            "person_b": resolution.person_id,
            "bits": round(candidate.score.bits, 2),
            "status": reviews.OPEN,
            "message_id": message_id,
            "body": orjson.dumps({**candidate.to_json(), "came": resolution.record}),
            "created_at": now,
            "decided_at": "",
            "decided_by": "",
        }
        for candidate in resolution.review
        if candidate.person_id != resolution.person_id
    ]


def waiting(hub: Hub, limit: int = 100, *, every: bool = False) -> list[Review]:
    """The queue, the likeliest first; ``every`` has those that are decided, too."""
    statuses = (*WAITING, reviews.LINKED, reviews.NOT_SAME) if every else WAITING
    with reading(hub.main) as connection:
        return _views(connection, reviews.waiting(connection, statuses, limit))


def show(hub: Hub, review_id: str) -> Review:
    """One pair, by its id or the beginning of it. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        return _one(connection, review_id)


def compared(hub: Hub, review_id: str) -> list[FieldRow]:
    """The two of a pair field by field. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        pair = _one(connection, review_id)
        return side_by_side.rows(connection, pair.known_id, pair.came_id, pair.records, pair.evidence)


def of_person(hub: Hub, person_id: str) -> list[Review]:
    """The pairs of one person, decided or not."""
    with reading(hub.main) as connection:
        return _views(connection, reviews.of_person(connection, person_id))


def join(transaction: Connection, review_id: str, by: str, now: str) -> Review:
    """The two are one: everything of the person who came becomes the known one's, with the evidence of who decided.
    Raises ``NotFound``, and ``NotAllowed`` when it was decided before or messages are still on their way."""
    pair = undecided(transaction, review_id)
    if on_the_way := reviews.under_way(transaction, pair.came_id):
        raise NotAllowed(f"{on_the_way} messages of this person are still being routed; try again then")
    body = {"why": f"linked by {by} in review {pair.id}", "into": _first_key(pair)}
    said = Merge(stable_id("merge", pair.id), "", "", pair.id, by, now, "", "", body)
    merging.merge(transaction, pair.known_id, pair.came_id, said, now)
    reviews.decide(transaction, pair.id, reviews.LINKED, by, now)
    return pair


def _first_key(pair: Review) -> str:
    return next(iter(pair.known.get("identifiers", ())), "")


def set_apart(hub: Hub, review_id: str, by: str) -> Review:
    """The two are not the same, and are never asked about again. Raises ``NotFound`` and ``NotAllowed``."""
    return _decide(hub, review_id, reviews.NOT_SAME, by)


def put_off(hub: Hub, review_id: str, by: str) -> Review:
    """Somebody has looked and could not decide yet. Raises ``NotFound`` and ``NotAllowed``."""
    return _decide(hub, review_id, reviews.LATER, by)


def _decide(hub: Hub, review_id: str, status: str, by: str) -> Review:
    with writing(hub.main) as transaction:
        pair = undecided(transaction, review_id)
        reviews.decide(transaction, pair.id, status, by, utc_text(hub.clock.now()))
    return show(hub, pair.id)


def undecided(connection: Connection, review_id: str) -> Review:
    """A pair that nobody has decided yet. Raises ``NotFound`` and ``NotAllowed``."""
    pair = _one(connection, review_id)
    if pair.status not in WAITING:
        raise NotAllowed(f"review {pair.id} is decided already: {pair.status}")
    return pair


def _one(connection: Connection, review_id: str) -> Review:
    found = reviews.called(connection, review_id)
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} reviews are called {review_id}")
    return _views(connection, found)[0]


def _views(connection: Connection, found: Iterable[Any]) -> list[Review]:
    pairs = list(found)
    known = persons.displays(connection, {p for row in pairs for p in (row.person_a, row.person_b)})
    return [_view(row, known) for row in pairs]


def _view(row: Any, known: dict[str, Json]) -> Review:
    body = orjson.loads(row.body)
    return Review(
        id=row.id,
        status=row.status,
        bits=row.bits,
        known_id=row.person_a,
        came_id=row.person_b,
        known=known.get(row.person_a, {}),
        came=known.get(row.person_b, {}),
        evidence=body["evidence"],
        vetoes=body["vetoes"],
        created_at=row.created_at,
        message_id=row.message_id,
        records=(body.get("record", ""), body.get("came", "")),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )

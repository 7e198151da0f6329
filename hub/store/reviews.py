"""The review queue: pairs of persons who may be one, and what was decided about them."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, func, or_, select, update

from hub.model import MessageStatus, stable_id
from hub.store.schema import identity_reviews, messages
from hub.store.upsert import insert_new

OPEN, LATER, LINKED, NOT_SAME = "open", "later", "linked", "not-same"


def add(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """New pairs; what is known of a pair, and what was decided, stays."""
    insert_new(transaction, identity_reviews, rows)


def waiting(connection: Connection, statuses: Iterable[str], limit: int) -> list[Any]:
    """The pairs in one of the states, the likeliest first."""
    of = identity_reviews.c.status.in_(list(statuses))
    order = (identity_reviews.c.bits.desc(), identity_reviews.c.id)
    return list(connection.execute(select(identity_reviews).where(of).order_by(*order).limit(limit)))


def called(connection: Connection, review_id: str) -> list[Any]:
    """The pairs whose id begins so."""
    begins = identity_reviews.c.id.startswith(review_id, autoescape=True)
    return list(connection.execute(select(identity_reviews).where(begins)))


def of_person(connection: Connection, person_id: str) -> list[Any]:
    """The pairs of a person."""
    either = or_(identity_reviews.c.person_a == person_id, identity_reviews.c.person_b == person_id)
    return list(connection.execute(select(identity_reviews).where(either).order_by(identity_reviews.c.id)))


def decide(transaction: Connection, review_id: str, status: str, by: str, now: str) -> None:
    """Notes what was decided."""
    said = {"status": status, "decided_by": by, "decided_at": now}
    transaction.execute(update(identity_reviews).where(identity_reviews.c.id == review_id).values(**said))


def move(transaction: Connection, retired: str, survivor: str) -> None:
    """The pairs of a person who is now another one; those two are linked."""
    a, b = identity_reviews.c.person_a, identity_reviews.c.person_b
    for column in (a, b):
        transaction.execute(update(identity_reviews).where(column == retired).values({column.name: survivor}))
    transaction.execute(update(identity_reviews).where(a == b).values(status=LINKED))


def set_apart(transaction: Connection, a: str, b: str, message_id: str, by: str, now: str) -> None:  # noqa: PLR0917
    """Somebody knows that the two are not the same, whether or not they were asked about."""
    table = identity_reviews
    both = or_((table.c.person_a == a) & (table.c.person_b == b), (table.c.person_a == b) & (table.c.person_b == a))
    said = {"status": NOT_SAME, "decided_by": by, "decided_at": now}
    if transaction.execute(update(table).where(both).values(**said)).rowcount:
        return
    row = {"id": stable_id("identity-review", *sorted((a, b))), "person_a": a, "person_b": b, "bits": 0.0}
    body = orjson.dumps({"evidence": [], "vetoes": []})
    add(transaction, [{**row, **said, "message_id": message_id, "body": body, "created_at": now}])


def under_way(connection: Connection, person_id: str) -> int:
    """Converted messages of a person that routing has not seen yet."""
    waiting = (messages.c.person_id == person_id) & (messages.c.status == MessageStatus.CONVERTED.value)
    query = select(func.count()).where(waiting & messages.c.routed.is_(False))
    return int(connection.execute(query).scalar_one())

"""Looking: messages, feeds, notices and persons, as the command line and the console show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Column, Connection, Table, func, select

from hub.errors import NotFound, PermanentError
from hub.identity.resolution import SourceRecord
from hub.model import Json, MessageStatus, Stage, Stream
from hub.services.context import Hub
from hub.services.identity import people
from hub.services.operations import lookup
from hub.services.practice import notices
from hub.services.practice.notices import NoticeRow, acknowledge, notice, notifications
from hub.store import messages as booked
from hub.store import persons, positions, schema
from hub.store.engine import reading
from hub.store.schema import duplicates, messages

__all__ = [
    "FeedRow",
    "MessageRow",
    "MessageView",
    "NoticeRow",
    "PersonView",
    "acknowledge",
    "feeds",
    "notice",
    "notifications",
    "person",
    "search",
    "show",
]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message in a list; ``patient`` is a name to read, ``received_at`` UTC text."""

    id: str
    feed: str
    format: str
    type: str
    sender: str
    control_id: str
    received_at: str
    status: str
    code: str
    reason: str
    person_id: str
    patient: str
    warnings: int
    routed: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message with all that is known of it. ``text`` is the message as received (line ends as ``\\n``; of a
    document, what it is), ``bundle`` the FHIR bundle that was published of it, ``traces`` what each stage noted,
    ``duplicates`` when it came again, ``others`` messages with the same control id."""

    row: MessageRow
    origin: str
    sha256: str
    text: str
    bundle: Json | None
    traces: dict[str, Json]
    duplicates: tuple[str, ...]
    others: tuple[str, ...]
    notices: tuple[NoticeRow, ...]


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed; ``types`` counts its messages by type, ``last_seen`` is the newest arrival (UTC text, or empty)."""

    name: str
    adapter: str
    accepted: int
    types: dict[str, int]
    last_seen: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person: ``patient`` (name, birth_date, sex, identifiers), where each identifier came from and why it is this
    person's, and what is known of them. ``encounters``, ``results`` and ``referrals`` are projected states."""

    id: str
    patient: Json
    sources: tuple[Json, ...]
    panels: tuple[Json, ...]
    encounters: tuple[Json, ...]
    results: tuple[Json, ...]
    referrals: tuple[Json, ...]
    messages: tuple[MessageRow, ...]
    notices: tuple[NoticeRow, ...] = field(default=())


def search(
    hub: Hub, *, status: str = "", patient: str = "", text: str = "", feed: str = "", limit: int = 50
) -> list[MessageRow]:
    """Messages, newest first. ``patient`` is a person id or one of the person's identifiers, ``text`` stands anywhere
    in names, identifiers, control id or type. ``waiting`` are those that the convert stage has not read."""
    if status and status not in set(MessageStatus):
        raise PermanentError(f"no status is called {status!r}; there are: {', '.join(MessageStatus)}")
    if status == MessageStatus.WAITING:
        return _waiting(hub, feed, limit)
    if status == MessageStatus.DUPLICATE:
        return _duplicates(hub, feed, limit)
    query = select(messages).order_by(messages.c.received_at.desc(), messages.c.raw_offset.desc()).limit(limit)
    for column, value in ((messages.c.status, status), (messages.c.feed, feed)):
        query = query.where(column == value) if value else query
    if text:
        query = query.where(messages.c.search.contains(text.casefold(), autoescape=True))
    with reading(hub.main) as connection:
        if patient:
            query = query.where(messages.c.person_id.in_(persons.matching(connection, patient)))
        return _message_rows(connection, [dict(row) for row in connection.execute(query).mappings()])


def show(hub: Hub, wanted: str) -> MessageView:
    """One message by its id, a unique prefix of it, or its control id. Raises ``NotFound``."""
    found = lookup.find(hub, wanted)
    message_id = found.row["id"]
    with reading(hub.main) as connection:
        (row,) = _message_rows(connection, [found.row])
        again = select(duplicates.c.received_at).where(duplicates.c.message_id == message_id)
        return MessageView(
            row=row,
            origin=found.row["origin"],
            sha256=found.row["sha256"],
            text=readable(found.record.value),
            bundle=lookup.bundle(hub, found.row),
            traces=booked.traces_of(connection, message_id),
            duplicates=tuple(connection.execute(again.order_by(duplicates.c.received_at)).scalars()),
            others=tuple(lookup.namesakes(connection, found.row)),
            notices=tuple(notices.of(hub, connection, [schema.notifications.c.message_id == message_id], limit=500)),
        )


def readable(body: bytes) -> str:
    """A body for people: text with ``\\n`` line ends (Latin-1 where it is not UTF-8); of anything else its size."""
    if b"\0" in body or body.startswith(b"%PDF"):
        return f"({len(body):,} bytes that are not text)"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def feeds(hub: Hub) -> list[FeedRow]:
    """All feeds that are configured or have sent something, by name."""
    types: dict[str, dict[str, int]] = {}
    with reading(hub.main) as connection:
        read = positions.everywhere(connection, Stage.CONVERT, hub.streams.partitions(Stream.RAW))
        seen = {of.feed: of for of in hub.streams.arrived(connection, read)}
        by_type = select(messages.c.feed, messages.c.type, func.count()).group_by(messages.c.feed, messages.c.type)
        for feed, kind, count in connection.execute(by_type):
            types.setdefault(feed, {})[kind] = count
    names = sorted({f.name for f in hub.site.feeds} | seen.keys())
    return [
        FeedRow(
            name=name,
            adapter=hub.site.feed(name).adapter.kind,
            accepted=seen[name].read + seen[name].waiting if name in seen else 0,
            types=types.get(name, {}),
            last_seen=seen[name].newest if name in seen else "",
        )
        for name in names
    ]


def person(hub: Hub, person_id: str) -> PersonView:
    """One person by id or by one of their identifiers. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        found = persons.matching(connection, person_id)
        if len(found) != 1:
            raise NotFound(f"{len(found) or 'no'} persons have the id or identifier")
        (known,) = found
        return PersonView(
            id=known,
            patient=persons.displays(connection, [known])[known],
            sources=tuple(_source(record) for record in people.of_person(connection, known)),
            panels=_bodies(connection, schema.panel, schema.panel.c.body, known),
            encounters=_bodies(connection, schema.encounters, schema.encounters.c.state, known),
            results=_bodies(connection, schema.results, schema.results.c.state, known),
            referrals=_referrals(connection, known),
            messages=tuple(search(hub, patient=known)),
            notices=tuple(notices.of(hub, connection, [schema.notifications.c.person_id == known], limit=50)),
        )


def _message_rows(connection: Connection, rows: Sequence[Json]) -> list[MessageRow]:
    patients = persons.displays(connection, {row["person_id"] for row in rows if row["person_id"]})
    return [_message_row(row, patients.get(row["person_id"], {}).get("name", "")) for row in rows]


def _message_row(row: Json, patient: str) -> MessageRow:
    shown = {name: row[name] for name in _SHOWN}
    return MessageRow(**shown, person_id=row["person_id"] or "", patient=patient)


_SHOWN = tuple(name for name in MessageRow.__slots__ if name not in ("person_id", "patient"))


def _waiting(hub: Hub, feed: str, limit: int) -> list[MessageRow]:
    return [_message_row(lookup.waiting_row(record), "") for record in lookup.waiting_records(hub, limit, feed=feed)]


def _duplicates(hub: Hub, feed: str, limit: int) -> list[MessageRow]:
    """The messages that came again, once for each time, with the time of the repeat."""
    query = select(messages, duplicates.c.received_at.label("again")).join(
        duplicates, duplicates.c.message_id == messages.c.id
    )
    query = query.where(duplicates.c.feed == feed) if feed else query
    with reading(hub.main) as connection:
        found = connection.execute(query.order_by(duplicates.c.received_at.desc()).limit(limit)).mappings()
        repeats = [{**row, "received_at": row["again"], "status": MessageStatus.DUPLICATE.value} for row in found]
        return _message_rows(connection, repeats)


def _source(record: SourceRecord) -> Json:
    return {"identifier": record.key, "name": record.demographics.name, "evidence": list(record.evidence)}


def _referrals(connection: Connection, person_id: str) -> tuple[Json, ...]:
    """The states of a person's referrals, each with its id."""
    table = schema.referrals
    found = connection.execute(select(table.c.id, table.c.state).where(table.c.person_id == person_id))
    return tuple({"id": row.id, **orjson.loads(row.state)} for row in found)


def _bodies(connection: Connection, table: Table, column: Column[bytes], person_id: str) -> tuple[Json, ...]:
    return tuple(
        orjson.loads(body)
        for body in connection.execute(select(column).where(table.c.person_id == person_id)).scalars()
    )

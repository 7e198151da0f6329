"""What is wrong and was wrong, and what a person does about it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hub.errors import NotFound
from hub.services.context import Hub
from hub.store import alarms as store
from hub.store.engine import Turn, reading, utc_text, writing


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm. Times are UTC texts; ``closed_at`` is empty while it is open, ``muted_until`` while nobody muted it,
    ``feed`` for what concerns the whole hub. ``subject`` is a message type, a file's pattern or a role."""

    id: str
    kind: str
    feed: str
    subject: str
    expected: str
    seen: str
    text: str
    opened_at: str
    closed_at: str
    acknowledged_by: str
    acknowledged_at: str
    muted_until: str

    @property
    def state(self) -> str:
        """``open``, ``acknowledged``, ``muted`` or ``closed``."""
        if self.closed_at:
            return "closed"
        return "muted" if self.muted_until else "acknowledged" if self.acknowledged_by else "open"


def alarms(hub: Hub, *, open_only: bool = True, feed: str = "", limit: int = 100) -> list[AlarmRow]:
    """Alarms, those that are open first, then the newest."""
    with reading(hub.main) as connection:
        now = utc_text(hub.clock.now())
        return [_row(row) for row in store.listed(connection, now, open_only=open_only, feed=feed, limit=limit)]


def acknowledge(hub: Hub, wanted: str, by: str) -> AlarmRow:
    """Somebody knows of it and looks after it; it stays open while it lasts. Raises ``NotFound``."""
    with writing(hub.main, Turn.STAGE) as transaction:
        store.acknowledge(transaction, _found(transaction, wanted).id, by, utc_text(hub.clock.now()))
        return _again(hub, transaction, wanted)


def mute(hub: Hub, wanted: str, span: timedelta, by: str) -> AlarmRow:
    """For so long nobody is told of this alarm, nor of the next ones of its kind, feed and subject; it is recorded as
    before. No time at all unmutes it. Raises ``NotFound``."""
    with writing(hub.main, Turn.STAGE) as transaction:
        until = utc_text(hub.clock.now() + span)
        store.mute(transaction, _found(transaction, wanted), until, by)
        return _again(hub, transaction, wanted)


def _again(hub: Hub, connection: Any, wanted: str) -> AlarmRow:
    identity = _found(connection, wanted).id
    rows = store.listed(connection, utc_text(hub.clock.now()), open_only=False, identity=identity)
    return _row(rows[0])


def _found(connection: Any, wanted: str) -> Any:
    found = store.find(connection, wanted) if wanted else []
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} alarms have an id that begins with {wanted!r}")
    return found[0]


def _row(row: Any) -> AlarmRow:
    values = {name: getattr(row, name) for name in AlarmRow.__slots__}
    return AlarmRow(**{**values, "muted_until": row.muted_until or ""})

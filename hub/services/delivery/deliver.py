"""The deliver stage: a notice becomes one delivery per channel of its practice, and what is due is sent.

At least once: the sending is outside any transaction, its result is written by compare on the state, and the
delivery's id is the idempotency key for the other side.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

import structlog
from sqlalchemy import Connection

from hub.errors import EndpointUnavailable, HubError, Undeliverable
from hub.model import Delivery, DeliveryState, Json, Notification, Record, stable_id
from hub.ports import Channel
from hub.services.context import Hub
from hub.services.outputs import Outputs
from hub.services.records import notification
from hub.settings import PluginUse
from hub.store import deliveries, persons
from hub.store.engine import Turn, reading, utc_text, writing

RETRY_SECONDS = (30, 90, 210, 600, 1800, 7200, 18_000, 36_000, 86_400, 172_800)
"""The waits after each failed attempt; then the delivery has failed."""

log = structlog.get_logger()


def enqueue(transaction: Connection, hub: Hub, records: Sequence[Record]) -> Outputs:
    """Queues the deliveries of a batch of ``hub.notifications``."""
    now = utc_text(hub.clock.now())
    rows = chain.from_iterable(_rows(hub, notification(record.value), now) for record in records)
    deliveries.enqueue(transaction, list(rows))
    return Outputs()


def send_due(hub: Hub) -> int:
    """Sends what is queued and due, one batch at most; returns how many sendings were tried."""
    with reading(hub.main) as connection:
        rows = deliveries.due(connection, utc_text(hub.clock.now()), hub.settings.batch)
        notices = [notification(row.body, row.person_id) for row in rows]
        patients = persons.displays(connection, {n.person_id for n in notices}) if rows else {}
    channels: dict[tuple[str, str], Channel] = {}
    results = [
        _send(hub, channels, row, notice, patients.get(notice.person_id, {}))
        for row, notice in zip(rows, notices, strict=True)
    ]
    if results:
        with writing(hub.main, Turn.STAGE) as transaction:
            deliveries.settle(transaction, results)
    return len(results)


def bury(transaction: Connection, record: Record, code: str, reason: str) -> None:
    """A notice that cannot be queued has failed, visibly."""
    notice, now = record.headers["id"], record.headers["time"]
    failed = {"state": DeliveryState.FAILED.value, "error": f"{code}: {reason}"}
    deliveries.enqueue(transaction, [deliveries.row(stable_id("delivery", notice, ""), notice, "", now, **failed)])


def _rows(hub: Hub, notice: Notification, now: str) -> list[dict[str, Any]]:
    channels = hub.site.practice(notice.practice_id).channels
    return [deliveries.row(_delivery_id(notice.id, name), notice.id, name, now) for name in _named(channels)]


def _named(channels: Sequence[PluginUse]) -> dict[str, PluginUse]:
    """Channels by name: the kind, numbered from the second of a kind on (``folder``, ``folder-2``)."""
    named: dict[str, PluginUse] = {}
    for use in channels:
        same = sum(other.kind == use.kind for other in named.values())
        named[f"{use.kind}-{same + 1}" if same else use.kind] = use
    return named


def _delivery_id(notification_id: str, channel: str) -> str:
    return stable_id("delivery", notification_id, channel)


def _send(hub: Hub, channels: dict[tuple[str, str], Channel], row: Any, notice: Notification, patient: Json) -> Json:
    """One attempt and what came of it, as ``deliveries.settle`` takes it."""
    now = hub.clock.now()
    try:
        use = _configured(hub, notice.practice_id, row.channel)
        key = (notice.practice_id, row.channel)
        channel = channels.get(key) or channels.setdefault(key, hub.channel(use, notice.practice_id))
        receipt = channel.send(Delivery(row.id, notice, row.channel, use.options, patient))
    except EndpointUnavailable as error:
        return _later(row, now, error)
    except HubError as error:
        return _result(row, now, DeliveryState.FAILED, error=f"{error.code}: {error}")
    except Exception as error:
        log.exception("channel-failed", channel=row.channel, delivery=row.id)
        return _later(row, now, EndpointUnavailable(type(error).__name__))
    return _result(row, now, DeliveryState.DELIVERED, receipt=receipt)


def _configured(hub: Hub, practice_id: str, channel: str) -> PluginUse:
    """The channel as it is configured now."""
    named = _named(hub.site.practice(practice_id).channels)
    if channel not in named:
        raise Undeliverable(f"practice {practice_id} no longer has the channel {channel}")
    return named[channel]


def _later(row: Any, now: Any, error: EndpointUnavailable) -> Json:
    if row.attempts >= len(RETRY_SECONDS):
        return _result(row, now, DeliveryState.FAILED, error=f"{error.code}: {error}; given up")
    next_at = now + timedelta(seconds=RETRY_SECONDS[row.attempts])
    return _result(row, now, DeliveryState.QUEUED, error=f"{error.code}: {error}", next_at=utc_text(next_at))


def _result(row: Any, now: Any, state: DeliveryState, *, receipt: str = "", error: str = "", next_at: str = "") -> Json:
    changed = utc_text(now)
    return {
        "delivery": row.id,
        "new_state": state.value,
        "new_attempts": row.attempts + 1,
        "new_next_at": next_at or changed,
        "new_receipt": receipt,
        "new_error": error,
        "new_changed_at": changed,
    }

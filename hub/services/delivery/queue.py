"""Queueing: a notice becomes one delivery for each way by which its practice hears."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import Connection

from hub.fhir.backport.subscription import Wanted, read
from hub.model import DeliveryState, Json, Notification, Record, stable_id
from hub.services.context import Hub
from hub.services.delivery.ways import SUBSCRIPTION, Way, configured
from hub.services.outputs import Outputs
from hub.services.records import notification
from hub.store import deliveries, endpoints, subscriptions
from hub.store.engine import utc_text

OFF = "off"
"""A subscription of this status is over: what happens now is none of its events."""
ERROR = "error"

_NOT_SENT = {"state": DeliveryState.FAILED.value, "error": "the subscription is in error; ask for it by $events"}


def enqueue(transaction: Connection, hub: Hub, records: Sequence[Record]) -> Outputs:
    """Queues the deliveries of a batch of ``hub.notifications``; one that is queued already stays as it is."""
    queue(transaction, hub, [notification(record.value) for record in records])
    return Outputs()


def queue(transaction: Connection, hub: Hub, notices: Sequence[Notification]) -> None:
    """Queues notices, each endpoint's in their order and with numbers that never repeat."""
    now = utc_text(hub.clock.now())
    subscribers = _Subscribers(transaction, hub, {n.practice_id for n in notices})
    wanted = {
        _delivery_id(notice, way): (notice, way, more)
        for notice in notices
        for way, more in (*((w, {}) for w in configured(hub, notice.practice_id)), *subscribers.of(notice))
    }
    there = deliveries.known(transaction, list(wanted))
    queues: dict[Way, list[Json]] = defaultdict(list)
    for delivery_id, (notice, way, more) in wanted.items():
        if delivery_id not in there:
            queues[way].append(deliveries.row(delivery_id, notice.id, way.channel, now, **more))
    endpoints.ensure(transaction, [(w.endpoint, w.practice_id, w.channel) for w in queues], now)
    for way in sorted(queues, key=lambda w: w.endpoint):  # always in this order: two batches never wait for each other
        first = endpoints.number(transaction, way.endpoint, len(queues[way]))
        for number, row in enumerate(queues[way], first):
            row |= {"endpoint": way.endpoint, "number": number}
    deliveries.enqueue(transaction, [row for rows in queues.values() for row in rows])


def bury(transaction: Connection, record: Record, code: str, reason: str) -> None:
    """A notice that cannot be queued has failed, visibly."""
    notice, now = record.headers["id"], record.headers["time"]
    failed = {"state": DeliveryState.FAILED.value, "error": f"{code}: {reason}"}
    deliveries.enqueue(transaction, [deliveries.row(stable_id("delivery", notice, ""), notice, "", now, **failed)])


def _delivery_id(notice: Notification, way: Way) -> str:
    return stable_id("delivery", notice.id, way.endpoint if way.channel == SUBSCRIPTION else way.channel)


class _Subscribers:
    """The subscriptions of some practices, and what each of them wants to hear."""

    def __init__(self, transaction: Connection, hub: Hub, practice_ids: set[str]) -> None:
        self._of: dict[str, list[tuple[Way, Wanted, str]]] = defaultdict(list)
        for row in subscriptions.of(transaction, practice_ids):
            wanted = read(orjson.loads(row.resource), hub.clock.now(), again=True)
            self._of[row.practice_id].append((Way(row.id, row.practice_id, SUBSCRIPTION), wanted, row.status))

    def of(self, notice: Notification) -> Iterator[tuple[Way, Json]]:
        """Who wants to hear of the notice; in error, its event counts and is not sent."""
        for way, wanted, status in self._of[notice.practice_id]:
            if status != OFF and wanted.admits(notice):
                yield way, (_NOT_SENT if status == ERROR else {})

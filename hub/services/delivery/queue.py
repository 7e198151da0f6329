"""Queueing: a notice becomes one delivery for each way by which its practice hears."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from hub.model import DeliveryState, Json, Notification, Record, stable_id
from hub.services.context import Hub
from hub.services.delivery.plan import Plan, Planned
from hub.services.delivery.ways import SUBSCRIPTION, Way
from hub.services.outputs import Outputs
from hub.services.records import notification
from hub.store import deliveries, endpoints
from hub.store.engine import utc_text

TAKEN_BACK = "taken back before it was sent"
TOLD_WITH = "told with what came of it"


def enqueue(transaction: Connection, hub: Hub, records: Sequence[Record]) -> Outputs:
    """Queues the deliveries of a batch of ``hub.notifications``; one that is queued already stays as it is."""
    queue(transaction, hub, [notification(record.value) for record in records])
    return Outputs()


def queue(transaction: Connection, hub: Hub, notices: Sequence[Notification]) -> None:
    """Queues notices one after the other: what the next one takes back or restates may still be held."""
    plan = Plan(transaction, hub, {n.practice_id for n in notices})
    planned = {_delivery_id(p): p for notice in notices for p in plan.of(notice)}
    there = deliveries.known(transaction, list(planned))
    fresh = {i: p for i, p in planned.items() if i not in there}
    now = utc_text(hub.clock.now())
    rows = {i: deliveries.row(i, p.notice.id, p.way.channel, now, **p.row) for i, p in fresh.items()}
    for way, number in _numbers(transaction, fresh.values(), now).items():
        mine = (i for i, p in fresh.items() if p.way == way)
        for place, delivery_id in enumerate(mine, number):
            rows[delivery_id] |= {"endpoint": way.endpoint, "number": place}
    correcting = [(i, p) for i, p in fresh.items() if _settles(p.notice)]
    held = _Held(transaction, fresh, rows, now)
    for delivery_id, one in correcting:
        held.settle(delivery_id, one)
    deliveries.enqueue(transaction, list(rows.values()))


def bury(transaction: Connection, record: Record, code: str, reason: str) -> None:
    """A notice that cannot be queued has failed, visibly."""
    notice, now = record.headers["id"], record.headers["time"]
    failed = {"state": DeliveryState.FAILED.value, "error": f"{code}: {reason}"}
    deliveries.enqueue(transaction, [deliveries.row(stable_id("delivery", notice, ""), notice, "", now, **failed)])


def _delivery_id(planned: Planned) -> str:
    way = planned.way
    return stable_id("delivery", planned.notice.id, way.endpoint if way.channel == SUBSCRIPTION else way.channel)


def _numbers(transaction: Connection, planned: Iterable[Planned], now: str) -> dict[Way, int]:
    """The first free place in each queue, taken for as many as there are."""
    counts: dict[Way, int] = defaultdict(int)
    for one in planned:
        counts[one.way] += 1
    endpoints.ensure(transaction, [(w.endpoint, w.practice_id, w.channel) for w in counts], now)
    ordered = sorted(counts, key=lambda w: w.endpoint)  # always so: two batches never wait for each other
    return {way: endpoints.number(transaction, way.endpoint, counts[way]) for way in ordered}


def _settles(notice: Notification) -> bool:
    """Whether the notice may make an earlier one superfluous."""
    return bool(notice.corrects) or notice.facts.get("type") == "encounter.discharged"


class _Held:
    """What is still held at the endpoints of a batch, in the database and within the batch itself."""

    def __init__(self, transaction: Connection, fresh: dict[str, Planned], rows: dict[str, Json], now: str) -> None:
        self._transaction, self._fresh, self._rows, self._now = transaction, fresh, rows, now

    def settle(self, delivery_id: str, planned: Planned) -> None:
        """A cancellation of what is held goes out as little as that; a restatement and a discharge take its place."""
        notice, way = planned.notice, planned.way
        for other_id, other in self._earlier(delivery_id, way):
            if other.event_key == notice.corrects:
                restated = notice.event_key == notice.corrects
                self._drop(other_id, TOLD_WITH if restated else TAKEN_BACK)
                if not restated:
                    self._drop(delivery_id, TAKEN_BACK)
            elif _is_admission_of(other, notice):
                self._drop(other_id, TOLD_WITH)

    def _earlier(self, delivery_id: str, way: Way) -> list[tuple[str, Notification]]:
        """Those that nobody may be sending just now, because their time has not come."""
        stored = deliveries.held(self._transaction, way.endpoint, self._now)
        found = [(row.id, notification(row.body, row.person_id)) for row in stored]
        for other_id, other in self._fresh.items():
            if other_id == delivery_id:
                break
            row = self._rows[other_id]
            if other.way == way and row["state"] == DeliveryState.QUEUED and row["next_at"] > self._now:
                found.append((other_id, other.notice))
        return found

    def _drop(self, delivery_id: str, why: str) -> None:
        state = {"state": DeliveryState.DROPPED.value, "error": why}
        if delivery_id in self._rows:
            self._rows[delivery_id] |= state
        else:
            deliveries.drop(self._transaction, [delivery_id], why, self._now)


def _is_admission_of(other: Notification, discharge: Notification) -> bool:
    """Whether the other tells how the stay began that this one tells the end of."""
    began = other.facts.get("type") in ("encounter.admitted", "encounter.class-changed")
    ended = discharge.facts.get("type") == "encounter.discharged"
    same = all(other.facts.get(name) == discharge.facts.get(name) for name in ("visit_number", "facility"))
    return began and ended and same and bool(other.facts.get("visit_number")) and other.person_id == discharge.person_id

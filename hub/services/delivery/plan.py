"""What becomes of a notice at each way by which its practice hears: sent now, later, or not at all."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from hub.fhir.backport.subscription import Wanted, read
from hub.model import DeliveryState, Json, Notification
from hub.routing.timing import escalates_at, timing
from hub.services.context import Hub
from hub.services.delivery.ways import INBOX, SUBSCRIPTION, Way, configured, escalations
from hub.store import subscriptions
from hub.store.engine import utc_text

OFF = "off"
"""A subscription of this status is over: what happens now is none of its events."""
ERROR = "error"

_NOT_SENT = {"state": DeliveryState.FAILED.value, "error": "the subscription is in error; ask for it by $events"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A notice at one way; ``row`` are the members of its delivery that are other than usual."""

    notice: Notification
    way: Way
    row: Json


class Plan:
    """Plans notices of some practices, as they and their subscriptions are now."""

    def __init__(self, transaction: Connection, hub: Hub, practice_ids: set[str]) -> None:
        self._hub, self._now = hub, hub.clock.now()
        self._subscribed: dict[str, list[tuple[Way, Wanted, str]]] = defaultdict(list)
        for row in subscriptions.of(transaction, practice_ids):
            wanted = read(orjson.loads(row.resource), self._now, again=True)
            self._subscribed[row.practice_id].append((Way(row.id, row.practice_id, SUBSCRIPTION), wanted, row.status))

    def of(self, notice: Notification) -> Iterator[Planned]:
        """All ways by which the practice hears of the notice, and those who are told when nobody looks."""
        timed = self._timed(notice)
        for way in configured(self._hub, notice.practice_id):
            yield Planned(notice, way, {} if way.channel == INBOX else timed)
        for way, wanted, status in self._subscribed[notice.practice_id]:
            if status != OFF and wanted.admits(notice):
                yield Planned(notice, way, {**timed, **(_NOT_SENT if status == ERROR else {})})
        if "state" not in timed:
            yield from self._escalations(notice)

    def _timed(self, notice: Notification) -> Json:
        planned = timing(self._hub.site.practice(notice.practice_id), notice, self._now)
        if planned.at is None:
            return {"state": DeliveryState.DROPPED.value, "error": planned.why}
        return {"next_at": utc_text(planned.at), "error": f"waits: {planned.why}" if planned.why else ""}

    def _escalations(self, notice: Notification) -> Iterator[Planned]:
        practice = self._hub.site.practice(notice.practice_id)
        for way, escalation in escalations(self._hub, notice.practice_id):
            if escalation.urgency is notice.urgency:
                at: datetime = escalates_at(practice, escalation, self._now)
                yield Planned(notice, way, {"next_at": utc_text(at), "error": "waits: unless somebody acknowledges"})

"""One endpoint's turn: what waits for it is sent, one after the other, by whoever holds the endpoint.

At least once: sending is outside any transaction, its results are written by compare on the state, and the delivery's
id is the idempotency key for the other side. An endpoint that does not answer is left alone for a while, with all that
waits for it: its order holds, and nobody else waits.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from hub.errors import ConfigurationError, EndpointGone, EndpointUnavailable, HubError
from hub.model import Delivery, DeliveryState, Json, Origin
from hub.ports import Channel, Gathering
from hub.services.context import Hub
from hub.services.delivery.origins import origins, superseded
from hub.services.delivery.plan import ERROR, OFF
from hub.services.delivery.subscribers import Subscriber
from hub.services.delivery.ways import SUBSCRIPTION, channel_use
from hub.services.records import notification
from hub.settings import PluginUse
from hub.store import deliveries, endpoints, persons
from hub.store.engine import Turn as Beside
from hub.store.engine import reading, utc_text, writing

RETRY_SECONDS = (30, 90, 210, 600, 1800, 7200, 18_000, 36_000, 86_400, 172_800)
"""The waits of an endpoint after each failure in a row; what has waited for as long as all of them has failed."""
PATIENCE = timedelta(seconds=sum(RETRY_SECONDS))

HELD = timedelta(seconds=20)
"""How long an endpoint is left to a holder who says nothing any more: it may have died."""
TURN = timedelta(seconds=5)
"""How long one turn takes at most, beside the last request."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Done:
    """What came of a turn so far."""

    results: list[Json] = field(default_factory=list)
    failure: EndpointUnavailable | None = None
    refusal: HubError | None = None
    """After which nothing else is to be sent: the other side of a subscription wants it no more."""

    @property
    def stopped(self) -> bool:
        return bool(self.failure or self.refusal)


def serve(hub: Hub, endpoint_id: str, holder: str, stop: Callable[[], bool] = lambda: False) -> int:
    """Sends what waits for the endpoint; returns how many sendings were tried. Nothing when somebody else does it.

    ``holder`` is of this process alone; who sends for long says again that it holds the endpoint (``keep``)."""
    now = hub.clock.now()
    with writing(hub.main, Beside.STAGE) as transaction:
        endpoint = endpoints.claim(transaction, endpoint_id, holder, utc_text(now), utc_text(now + HELD))
    return _Turn(hub, endpoint, holder).run(stop) if endpoint else 0


def keep(hub: Hub, endpoint_ids: Collection[str], holder: str) -> None:
    """Holds the endpoints on, those that are held by ``holder``."""
    with writing(hub.main, Beside.STAGE) as transaction:
        endpoints.keep(transaction, endpoint_ids, holder, utc_text(hub.clock.now() + HELD))


class _Turn:
    def __init__(self, hub: Hub, endpoint: Any, holder: str) -> None:
        self._hub, self._endpoint, self._holder = hub, endpoint, holder
        self._subscriber: Subscriber | None = None

    def run(self, stop: Callable[[], bool]) -> int:
        done, tried, channel = _Done(), 0, None
        end = self._hub.clock.now() + TURN
        try:
            channel = self._open()
            if self._subscriber is None or self._subscriber.ready(channel, self._endpoint):
                while not done.stopped and self._send_batch(
                    channel, done, lambda: stop() or self._hub.clock.now() > end
                ):
                    tried += self._settle(done)
        except EndpointUnavailable as error:
            done.failure = error
        except ConfigurationError as error:  # a secret that is not there: somebody will set it right
            done.failure = EndpointUnavailable(str(error))
        except HubError as error:
            self._refuse(done, error)
        except Exception as error:
            log.exception("channel-failed", channel=self._endpoint.channel)
            done.failure = EndpointUnavailable(type(error).__name__)
        finally:
            if channel:
                channel.close()
        tried += self._settle(done)
        self._release(done)
        return tried

    def _open(self) -> Channel:
        if self._endpoint.channel == SUBSCRIPTION:
            self._subscriber = Subscriber(self._hub, self._endpoint.id)
            use: PluginUse = self._subscriber.use
        else:
            use = channel_use(self._hub, self._endpoint.practice_id, self._endpoint.channel)
        return self._hub.channel(use, self._endpoint.practice_id)

    def _refuse(self, done: _Done, error: HubError) -> None:
        """No channel leads there: whatever waits has failed."""
        now = self._hub.clock.now()
        with reading(self._hub.main) as connection:
            rows = deliveries.queued(connection, self._endpoint.id, utc_text(now), self._hub.settings.batch)
        done.results += self._results(rows, DeliveryState.FAILED, error=f"{error.code}: {error}")
        done.refusal = error

    # --- sending -----------------------------------------------------------------------------------------------

    def _send_batch(self, channel: Channel, done: _Done, stop: Callable[[], bool]) -> bool:
        """Sends the next deliveries; false when there are none or the time is up."""
        waiting = list(self._next(channel))
        if isinstance(channel, Gathering) and waiting:
            together = [delivery for _, delivery in waiting]
            self._attempt([row for row, _ in waiting], lambda: channel.send_together(together), done)
        else:
            for row, delivery in waiting:
                if done.stopped or stop():
                    return False
                self._attempt([row], partial(channel.send, delivery), done)
        return bool(done.results) and not done.stopped and not stop()

    def _next(self, channel: Channel) -> Iterator[tuple[Any, Delivery]]:
        now, batch = utc_text(self._hub.clock.now()), self._hub.settings.batch
        with reading(self._hub.main) as connection:
            rows = deliveries.queued(connection, self._endpoint.id, now, batch)
            notices = [notification(row.body, row.person_id) for row in rows]
            patients = persons.displays(connection, {n.person_id for n in notices}) if rows else {}
            earlier = {n.id: superseded(connection, n) for n in notices} if "supersedes" in channel.needs else {}
        behind = origins(self._hub, {row.message_id for row in rows}, channel.needs)
        for row, notice in zip(rows, notices, strict=True):
            origin = replace(behind.get(row.message_id, Origin()), supersedes=earlier.get(notice.id, ""))
            patient = patients.get(notice.person_id, {})
            yield row, Delivery(row.id, notice, row.channel, {}, patient, row.number, origin)

    def _attempt(self, rows: Sequence[Any], send: Callable[[], str], done: _Done) -> None:
        try:
            receipt = send()
        except EndpointUnavailable as error:
            done.failure = error
        except HubError as error:
            done.results += self._results(rows, DeliveryState.FAILED, error=f"{error.code}: {error}")
            if self._subscriber:
                done.refusal = error
        except Exception as error:
            log.exception("channel-failed", channel=self._endpoint.channel, delivery=rows[0].id)
            done.failure = EndpointUnavailable(type(error).__name__)
        else:
            done.results += self._results(rows, DeliveryState.DELIVERED, receipt=receipt)
        if done.failure:
            failed = f"{done.failure.code}: {done.failure}"
            done.results += self._results(rows, DeliveryState.QUEUED, error=failed)

    def _results(self, rows: Sequence[Any], state: DeliveryState, *, receipt: str = "", error: str = "") -> list[Json]:
        now = self._hub.clock.now()
        return [_result(row, now, state, receipt=receipt, error=error) for row in rows]

    # --- what came of it ---------------------------------------------------------------------------------------

    def _settle(self, done: _Done) -> int:
        count = len(done.results)
        if count:
            with writing(self._hub.main, Beside.STAGE) as transaction:
                deliveries.settle(transaction, done.results)
            done.results = []
        return count

    def _release(self, done: _Done) -> None:
        now = self._hub.clock.now()
        with writing(self._hub.main, Beside.STAGE) as transaction:
            if done.failure:
                self._wait(transaction, done.failure, now)
                return
            if self._subscriber:
                self._follow(transaction, self._subscriber, done.refusal)
            wake_at = self._subscriber.wake_at if self._subscriber else ""
            fine = {"failures": 0, "error": "", "next_at": utc_text(now), "wake_at": wake_at}
            endpoints.release(transaction, self._endpoint.id, self._holder, **fine)

    def _wait(self, transaction: Connection, failure: EndpointUnavailable, now: datetime) -> None:
        """The endpoint is left alone for a while; what has waited long enough has failed."""
        failures, error = self._endpoint.failures + 1, f"{failure.code}: {failure}"
        pause = timedelta(seconds=RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1])
        waits = {"failures": failures, "error": error, "next_at": utc_text(now + pause)}
        endpoints.release(transaction, self._endpoint.id, self._holder, **waits)
        if failures > len(RETRY_SECONDS):
            oldest = utc_text(now - PATIENCE)
            deliveries.give_up(transaction, self._endpoint.id, oldest, f"{error}; given up", utc_text(now))
            if self._subscriber:
                self._follow(transaction, self._subscriber, failure)

    def _follow(self, transaction: Connection, subscriber: Subscriber, refusal: HubError | None) -> None:
        """A subscription that is refused is in error, or off; what waits for one is asked for by its client then."""
        if refusal and subscriber.status not in (ERROR, OFF):
            status = OFF if isinstance(refusal, EndpointGone) else ERROR
            subscriber.note(transaction, status, f"{refusal.code}: {refusal}")
        if subscriber.status in (ERROR, OFF):
            now = utc_text(self._hub.clock.now())
            deliveries.give_up(
                transaction, self._endpoint.id, now, f"the subscription is in state {subscriber.status}", now
            )


def _result(row: Any, now: datetime, state: DeliveryState, *, receipt: str = "", error: str = "") -> Json:
    return {
        "delivery": row.id,
        "new_state": state.value,
        "new_attempts": row.attempts + 1,
        "new_receipt": receipt,
        "new_error": error,
        "new_changed_at": utc_text(now),
    }

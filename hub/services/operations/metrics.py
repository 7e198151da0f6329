"""What a monitoring system reads (``/metrics``): counts of durable facts, never of anybody's data (promise P9).

All figures come from the database when they are asked for, so that they hold for all processes and across restarts.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from threading import Lock

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from hub import __version__
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.health_metrics import gauge, health_metrics
from hub.services.operations.ledger import ledger
from hub.services.operations.progress import backlog, lags
from hub.store.engine import reading
from hub.store.schema import deliveries, referrals

ENDS = ("converted", "duplicate", "held", "dead")

FRESH_SECONDS = 5.0
"""Counting takes a while on a big database: whoever asks more often gets the same answer."""


class Metrics:
    """The figures of a hub in the text format of Prometheus."""

    def __init__(self, hub: Hub) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Figures(hub))
        self._turn = Lock()
        self._text = b""
        self._counted = 0.0

    def text(self) -> bytes:
        """The exposition, at most ``FRESH_SECONDS`` old. Raises ``StoreBusy``."""
        with self._turn:
            if not self._text or time.monotonic() - self._counted > FRESH_SECONDS:
                self._text = generate_latest(self._registry)
                self._counted = time.monotonic()
            return self._text


class _Figures(Collector):
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        yield gauge("hub_info", "The version that runs.", ("version",), {(__version__,): 1})
        yield from self._feeds()
        yield from health_metrics(self._hub)
        lagging = lags(self._hub)
        waiting = {(stage.value,): float(count) for stage, count in backlog(self._hub, lagging).items()}
        yield gauge("hub_backlog_records", "Records that wait for a stage.", ("stage",), waiting)
        each = {(stage.value, str(at)): float(n) for stage, lag in lagging.items() for at, n in lag.items()}
        yield gauge("hub_lag_records", "Records that wait in a partition.", ("stage", "partition"), each)
        with reading(self._hub.main) as connection:
            sent = select(deliveries.c.channel, deliveries.c.state, func.count()).group_by(
                deliveries.c.channel, deliveries.c.state
            )
            states = {(channel, state): float(count) for channel, state, count in connection.execute(sent)}
            loops = select(referrals.c.status, func.count()).group_by(referrals.c.status)
            statuses = {(status,): float(count) for status, count in connection.execute(loops)}
        yield gauge("hub_deliveries", "Notices on their way, by channel and state.", ("channel", "state"), states)
        yield gauge("hub_referrals", "Referrals by the state of their loop.", ("status",), statuses)

    def _feeds(self) -> Iterator[Metric]:
        rows = ledger(self._hub)
        accepted = CounterMetricFamily("hub_messages_accepted", "Messages acknowledged.", labels=("feed",))
        ends = CounterMetricFamily("hub_messages_ended", "Messages by their accounted end.", labels=("feed", "end"))
        for row in rows:
            accepted.add_metric((row.feed,), row.accepted)
            for end in ENDS:
                ends.add_metric((row.feed, end), getattr(row, end))
        yield accepted
        yield ends
        balanced = {(row.feed,): float(row.balanced) for row in rows}
        yield gauge("hub_ledger_balanced", "Whether accepted is the sum of the ends.", ("feed",), balanced)
        seen = {
            (feed.name,): datetime.fromisoformat(feed.last_seen).timestamp()
            for feed in browse.feeds(self._hub)
            if feed.last_seen
        }
        yield gauge("hub_feed_last_seen_timestamp_seconds", "When the newest message came.", ("feed",), seen)

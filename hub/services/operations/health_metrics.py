"""How feeds, alarms and processes are, as metrics for Prometheus."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from hub.services.context import Hub
from hub.services.health import alarms
from hub.services.health.alive import is_fresh
from hub.services.health.traffic import LABELS
from hub.services.operations.progress import oldest_waiting
from hub.store import pulses, traffic
from hub.store.engine import reading


def health_metrics(hub: Hub) -> Iterator[Metric]:
    """All of them; counted since the beginning, whatever process did it."""
    now = hub.clock.now()
    with reading(hub.main) as connection:
        totals = traffic.totals(connection)
        fresh = [pulse for pulse in pulses.all_of(connection) if is_fresh(pulse, now)]
    yield _counter("hub_feed_messages", "Messages accepted, by type.", "type", totals, traffic.ACCEPTED)
    yield _counter("hub_feed_refused", "Arrivals not accepted, by condition.", "condition", totals, traffic.REFUSED)
    yield _answered(totals)
    yield gauge("hub_alarms_open", "Alarms that are open.", ("kind", "feed", "subject", "state"), _open_alarms(hub))
    waiting = {(stage.value,): (now - since).total_seconds() for stage, since in oldest_waiting(hub).items()}
    yield gauge("hub_stage_lag_seconds", "Age of the oldest record that waits for a stage.", ("stage",), waiting)
    beats = {(p.role, p.instance): datetime.fromisoformat(p.at).timestamp() for p in fresh}
    yield gauge("hub_role_seen_timestamp_seconds", "When a process last did something.", ("role", "instance"), beats)
    connections = {(title,): float(n) for p in fresh for title, n in p.state.get("connections", {}).items()}
    yield gauge("hub_connections", "Connections that are open.", ("listener",), connections)


def gauge(name: str, what: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> GaugeMetricFamily:
    """A gauge with a value for each tuple of labels."""
    family = GaugeMetricFamily(name, what, labels=labels)
    for of, value in values.items():
        family.add_metric(of, value)
    return family


def _counter(name: str, what: str, label: str, totals: Any, kind: str) -> CounterMetricFamily:
    family = CounterMetricFamily(name, what, labels=("feed", label))
    for row in totals:
        if row.kind == kind:
            family.add_metric((row.feed, row.label), row.amount)
    return family


def _answered(totals: Any) -> HistogramMetricFamily:
    family = HistogramMetricFamily("hub_ack_seconds", "Time from a whole message to its answer.", labels=("feed",))
    rows = [row for row in totals if row.kind == traffic.ANSWERED]
    for feed in sorted({row.feed for row in rows}):
        counts = {row.label: row.amount for row in rows if row.feed == feed}
        upto = accumulate(counts.get(label, 0) for label in LABELS)
        buckets = [(label, float(count)) for label, count in zip(LABELS, upto, strict=True)]
        family.add_metric((feed,), buckets, sum(row.seconds for row in rows if row.feed == feed))
    return family


def _open_alarms(hub: Hub) -> dict[tuple[str, ...], float]:
    return {(a.kind, a.feed, a.subject, a.state): 1.0 for a in alarms.alarms(hub, limit=1000)}

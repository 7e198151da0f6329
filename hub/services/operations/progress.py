"""How much each stage still has before it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from hub.model import READS, DeliveryState, Stage
from hub.services.context import Hub
from hub.store import positions
from hub.store.engine import reading, utc_text
from hub.store.schema import deliveries


def backlog(hub: Hub, lagging: Mapping[Stage, Mapping[int, int]] | None = None) -> dict[Stage, int]:
    """Records that wait for each stage, at least; ``deliver`` counts the sendings that are due, too. ``lagging`` is
    what ``lags`` has told just now.

    Read in the order of the flow, so that when all are 0 nothing that had been received was under way between two.
    """
    waiting = {stage: sum(lag.values()) for stage, lag in (lagging or lags(hub)).items()}
    waiting[Stage.DELIVER] += _due(hub)
    return waiting


def lags(hub: Hub) -> dict[Stage, dict[int, int]]:
    """Records that wait for each stage in each partition, at least."""
    return {stage: _lag(hub, stage) for stage in Stage}


def oldest_waiting(hub: Hub) -> dict[Stage, datetime]:
    """When the oldest record was written that waits for a stage; nothing of those for which none waits."""
    found: dict[Stage, datetime] = {}
    for stage, stream in READS.items():
        for partition in hub.streams.partitions(stream):
            for record in hub.streams.read(stream, partition, positions.read(hub.main, stage, partition), 1):
                since = datetime.fromisoformat(record.headers["time"])
                found[stage] = min(since, found.get(stage, since))
    return found


def _lag(hub: Hub, stage: Stage) -> dict[int, int]:
    with reading(hub.main) as connection:
        read = positions.everywhere(connection, stage, hub.streams.partitions(READS[stage]))
    return hub.streams.lag(READS[stage], read)


def _due(hub: Hub) -> int:
    now = utc_text(hub.clock.now())
    query = select(func.count()).where(deliveries.c.state == DeliveryState.QUEUED.value, deliveries.c.next_at <= now)
    with reading(hub.main) as connection:
        return connection.execute(query).scalar_one()

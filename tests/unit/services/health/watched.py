"""A hub whose feed has a past, for tests of the watch."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.health.calendar import hour_of
from hub.model import Record
from hub.services.context import Hub
from hub.services.health.traffic import Traffic
from hub.settings import Expect, Feed, PluginUse
from hub.store import pulses, traffic
from hub.store.engine import utc_text, writing
from tests.intake import opened as opened_with
from tests.unit.services.hospital import HandClock

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(weeks=4, days=1, hours=10)


def opened(folder: Path, clock: HandClock, *feeds: Feed, **settings: object) -> Hub:
    """A hub with these feeds (default: one that is called any), at the clock's time."""
    return replace(opened_with(folder / "var", *feeds, disk_free=0, **settings), clock=clock)


def feed(name: str = "mercy", **expect: object) -> Feed:
    return Feed(name=name, adapter=PluginUse(kind="mllp"), expect=Expect(**expect))  # type: ignore[arg-type]


def record(feed_name: str, at: datetime, kind: str = "ADT^A08") -> Record:
    return Record("", b"", {"feed": feed_name, "time": utc_text(at), "messagetype": kind, "format": "hl7v2"})


def hear(hub: Hub, feed_name: str, *moments: datetime, kind: str = "ADT^A08") -> None:
    """Messages came, and were counted as the receiver counts them."""
    counting = Traffic(hub.clock)
    for moment in moments:
        counting.settled(record(feed_name, moment, kind), 0.002, None)
    with writing(hub.main) as transaction:
        traffic.add(transaction, counting.take())


def hear_weeks(hub: Hub, feed_name: str, start: datetime, end: datetime) -> None:
    """A message every other minute, for weeks."""
    minutes = int((end - start).total_seconds()) // 60
    hear(hub, feed_name, *(start + timedelta(minutes=n) for n in range(0, minutes, 2)))
    with writing(hub.main) as transaction:
        traffic.roll_up(transaction, hour_of(start), hour_of(end))


def receiving(hub: Hub, since: datetime = MONDAY, role: str = "receive", **state: object) -> None:
    """The role lives, now."""
    beat = pulses.Pulse(role, "here:1", utc_text(since), utc_text(hub.clock.now()), dict(state))
    with writing(hub.main) as transaction:
        pulses.beat(transaction, beat)

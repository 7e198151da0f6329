"""What the receiver counts, and what is shown of it."""

import asyncio
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hub.errors import Refused, StoreBusy, Unreadable
from hub.health.usual import Hour
from hub.services.health.feeds import feeds, quantile
from hub.services.health.reporting import Reporter
from hub.services.health.traffic import Traffic
from hub.store import traffic
from hub.store.engine import reading, utc_text, writing
from tests.intake import adt, receiving, sender
from tests.unit.services.health.watched import TUESDAY, feed, hear, opened, record
from tests.unit.services.hospital import HandClock


def test_messages_are_counted_by_type_and_minute() -> None:
    """Accepted ones with the time that their answer took, refused ones by condition; each refusal once, though it is
    told twice."""
    counting = Traffic(HandClock(TUESDAY))
    counting.settled(record("a", TUESDAY), 0.003, None)
    counting.settled(record("a", TUESDAY + timedelta(seconds=59)), 7.0, None)
    counting.settled(record("a", TUESDAY + timedelta(seconds=60)), 0.003, None)
    error = Refused("no", condition="101")
    counting.refused("a", error)
    counting.refused("a", error)
    counting.refused("a", Unreadable("no"))
    found = sorted((cell.kind, cell.label, cell.minute % 60, cell.count) for cell in counting.take())
    assert found == [
        ("accepted", "ADT^A08", 0, 2),
        ("accepted", "ADT^A08", 1, 1),
        ("answered", "+Inf", 0, 1),
        ("answered", "0.005", 0, 1),
        ("answered", "0.005", 1, 1),
        ("refused", "101", 0, 1),
        ("refused", "unreadable", 0, 1),
    ]
    assert counting.take() == []


def test_what_could_not_be_written_is_counted_again() -> None:
    """Counts that come back are added to those that were made meanwhile."""
    counting = Traffic(HandClock(TUESDAY))
    counting.settled(record("a", TUESDAY), 0.003, None)
    cells = counting.take()
    counting.settled(record("a", TUESDAY), 0.003, None)
    counting.give_back(cells)
    assert [cell.count for cell in counting.take()] == [2, 2]


def test_trouble_passes() -> None:
    """That nothing can be stored is said until something is, or for a minute."""
    clock = HandClock(TUESDAY)
    counting = Traffic(clock)
    counting.settled(record("a", TUESDAY), 5.0, StoreBusy("locked"))
    assert counting.trouble == "store-busy"
    counting.settled(record("a", TUESDAY), 0.1, None)
    assert counting.trouble == ""
    counting.settled(record("a", TUESDAY), 5.0, StoreBusy("locked"))
    clock.forward(minutes=2)
    assert counting.trouble == ""


def test_minutes_become_hours(tmp_path: Path) -> None:
    """An hour has its messages and the minutes in which any came, by type and for the feed; what is counted late is
    rolled up again."""
    clock = HandClock(TUESDAY)
    with closing(opened(tmp_path, clock, feed())) as hub:
        hour = int(TUESDAY.timestamp()) // 3600
        hear(hub, "mercy", TUESDAY, TUESDAY, TUESDAY + timedelta(minutes=1))
        hear(hub, "mercy", TUESDAY, kind="ADT^A03")
        for _ in range(2):
            with writing(hub.main) as transaction:
                traffic.roll_up(transaction, hour, hour)
        with reading(hub.main) as connection:
            found = traffic.hours(connection, "mercy", hour)
    assert found == {"": {hour: Hour(4, 2)}, "ADT^A08": {hour: Hour(3, 2)}, "ADT^A03": {hour: Hour(1, 1)}}


def test_how_a_feed_is(tmp_path: Path) -> None:
    """What came over a real connection is seen with its types, its refusals and how fast it was answered."""
    with closing(opened(tmp_path, HandClock(TUESDAY))) as hub:
        asyncio.run(_send(hub))
        (found,) = feeds(hub)
    assert (found.name, found.last_hour, found.refused, found.day[-1]) == ("any", 2, {"101": 1, "201": 1}, 2)
    assert [(t.type, t.last_hour, t.expected) for t in found.types] == [("ADT^A03", 1, None), ("ADT^A04", 1, None)]
    assert found.error_rate == 0.5
    assert found.last_seen == utc_text(TUESDAY)
    assert found.ack_p50
    assert found.ack_p99 >= found.ack_p50  # type: ignore[operator]


async def _send(hub) -> None:  # type: ignore[no-untyped-def]
    from hub.services.intake.receive import Receiver

    taken: list[Receiver] = []
    async with receiving(hub, taken) as adapters, sender(adapters[0].port) as engine:  # type: ignore[attr-defined]
        await engine.send(adt("M1"))
        await engine.send(adt("M2", f9="ADT^A03"))
        await engine.send(adt("M3", f9="ADT^A99"))
        await engine.send(adt("M4", pid="PID|1||"))
    Reporter(hub, taken[0].traffic, adapters).finish()


@pytest.mark.parametrize(("counts", "share", "seconds"), [
    ({}, 0.5, None),
    ({"0.001": 10}, 0.5, 0.0005),
    ({"0.001": 10, "0.01": 10}, 0.5, 0.001),
    ({"0.001": 10, "0.01": 10}, 1.0, 0.01),
    ({"+Inf": 3}, 0.5, 5.0),
])  # fmt: skip
def test_quantiles(counts: dict[str, int], share: float, seconds: float | None) -> None:
    """A quantile lies in its bucket; beyond the last bound it is that bound."""
    assert quantile(counts, share) == (pytest.approx(seconds) if seconds else None)

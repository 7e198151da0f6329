"""The watch over a real database: alarms are opened and closed once, by one process, and nothing is forgotten."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hub.errors import StoreBusy
from hub.health.alarms import AlarmKind
from hub.model import FileOutcome
from hub.ports import FileSeen
from hub.services.context import Hub
from hub.services.health.alarms import acknowledge, alarms, mute
from hub.services.health.watch import LEASE, Watch
from hub.services.intake.file_records import FileRecords
from tests.unit.services.health.watched import MONDAY, TUESDAY, feed, hear, hear_weeks, opened, receiving
from tests.unit.services.hospital import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock(TUESDAY)


@pytest.fixture
def hub(tmp_path: Path, clock: HandClock) -> Iterator[Hub]:
    """Four weeks of a feed that sends every other minute, up to Tuesday at ten."""
    with closing(opened(tmp_path, clock, feed())) as it:
        hear_weeks(it, "mercy", MONDAY, TUESDAY)
        yield it


def look(hub: Hub, watch: Watch) -> list[str]:
    """One look of a watch while the receiver runs; what is open then."""
    receiving(hub)
    watch.look()
    return [row.text for row in alarms(hub)]


def events(logs: list[dict[str, object]]) -> list[object]:
    return [line["event"] for line in logs if str(line["event"]).startswith("alarm")]


def test_a_feed_that_stops(hub: Hub, clock: HandClock) -> None:
    """One alarm is opened while the silence lasts, and closed with the first message; each is logged once."""
    watch = Watch(hub, "a")
    with capture_logs() as logs:
        assert look(hub, watch) == []
        for _ in range(60):
            clock.forward(minutes=1)
            found = look(hub, watch)
        assert len(found) == 1
        assert found[0].endswith("expected about 30 an hour at this time of the week")
        hear(hub, "mercy", clock.now())
        assert look(hub, watch) == []
    assert events(logs) == ["alarm opened", "alarm closed"]
    (row,) = alarms(hub, open_only=False)
    assert (row.kind, row.feed, row.subject, row.state) == ("silent", "mercy", "", "closed")


def test_one_process_watches(hub: Hub, clock: HandClock) -> None:
    """While one has the watch the other does nothing; it takes over when the first is heard of no more."""
    first, second = Watch(hub, "a"), Watch(hub, "b")
    look(hub, first)
    clock.forward(hours=1)
    receiving(hub)
    first.look()
    with capture_logs() as logs:
        second.look()
        assert events(logs) == []
    clock.forward(seconds=LEASE.total_seconds() + 1)
    hear(hub, "mercy", clock.now())
    assert look(hub, second) == []


def test_two_that_watch_at_once(hub: Hub, clock: HandClock) -> None:
    """Even two processes that both believe to have the watch open one alarm."""
    clock.forward(hours=1)
    with capture_logs() as logs:
        for holder in ("a", "b"):
            look(hub, Watch(hub, holder))
            clock.forward(seconds=LEASE.total_seconds() + 1)
    assert events(logs) == ["alarm opened"]
    assert len(alarms(hub)) == 1


def test_what_a_person_does(hub: Hub, clock: HandClock) -> None:
    """An alarm is acknowledged by whoever was first; one that is muted opens and closes without a word."""
    clock.forward(hours=1)
    watch = Watch(hub, "a")
    look(hub, watch)
    (row,) = alarms(hub)
    acknowledge(hub, row.id[:8], "Ana")
    assert acknowledge(hub, row.id, "Ben").acknowledged_by == "Ana"
    assert mute(hub, row.id, timedelta(days=1), "Ana").state == "muted"
    with capture_logs() as logs:
        hear(hub, "mercy", clock.now())
        look(hub, watch)
        clock.forward(hours=1)
        look(hub, watch)
        assert [(row.kind, row.state) for row in alarms(hub)] == [("silent", "muted")]
    assert events(logs) == []
    assert mute(hub, alarms(hub)[0].id, timedelta(), "Ana").state == "open"


def test_a_database_that_cannot_be_written(hub: Hub, clock: HandClock, tmp_path: Path) -> None:
    """Meanwhile the alarm is logged once; when it can be written again, it is recorded from its beginning on."""
    watch = Watch(hub, "a")
    look(hub, watch)
    began = clock.now()
    with capture_logs() as logs:
        with closing(sqlite3.connect(tmp_path / "var" / "hub.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(2):
                with pytest.raises(StoreBusy):
                    watch.look()
        clock.forward(minutes=1)
        hear(hub, "mercy", clock.now())
        assert look(hub, watch) == []
    assert events(logs) == ["alarm opened", "alarm closed"]
    (row,) = alarms(hub, open_only=False)
    assert (row.kind, row.opened_at[:19], row.state) == ("storage", began.isoformat()[:19], "closed")


def test_what_the_receiver_reports(hub: Hub, clock: HandClock) -> None:
    """A receiver that cannot store anything is a storage alarm, too."""
    receiving(hub, trouble="store-busy")
    Watch(hub, "a").look()
    assert [(row.kind, row.seen) for row in alarms(hub)] == [("storage", "nothing can be stored (store-busy)")]


def test_a_role_that_stopped(hub: Hub, clock: HandClock) -> None:
    """A role that ran and says nothing any more is an alarm; one that never ran here is none."""
    receiving(hub, role="convert")
    clock.forward(minutes=2)
    hear(hub, "mercy", clock.now())
    look(hub, watch := Watch(hub, "a"))
    assert [(row.kind, row.subject) for row in alarms(hub)] == [("stopped", "convert")]
    receiving(hub, role="convert")
    assert look(hub, watch) == []


def test_little_room(tmp_path: Path, clock: HandClock) -> None:
    """Less room than the settings want is an alarm before the disk is full."""
    with closing(opened(tmp_path, clock)) as it:
        wanting = it.settings.model_copy(update={"disk_free": 10**9})
        object.__setattr__(it, "settings", wanting)
        look(it, Watch(it, "a"))
        assert [row.kind for row in alarms(it)] == [AlarmKind.DISK]


def test_an_expected_file(tmp_path: Path, clock: HandClock) -> None:
    """A file that did not come by its time is an alarm until one of its name comes."""
    clock.moment = MONDAY + timedelta(hours=5)
    census = feed("census", file="census_*.csv", by="07:30")
    with closing(opened(tmp_path, clock, census)) as it:
        watch = Watch(it, "a")
        assert look(it, watch) == []
        come(it, "other_1.csv")
        come(it, "census_20260301.csv", FileOutcome.REFUSED)
        clock.forward(hours=3)
        (text,) = look(it, watch)
        assert "one by 07:30 on Mon 2026-03-02" in text
        come(it, "census_20260302.csv")
        assert look(it, watch) == []


def come(hub: Hub, name: str, outcome: FileOutcome = FileOutcome.TAKEN) -> None:
    """A file of that name came, and was taken in or not."""
    log = FileRecords(hub)
    log.end(log.begin(FileSeen("census", name, sha256=name, size=1)), outcome)

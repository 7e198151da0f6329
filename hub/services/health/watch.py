"""The watch: every few seconds one process for all judges each feed, and opens and closes alarms."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from hub.errors import TransientError
from hub.health.alarms import Alarm, AlarmKind
from hub.health.calendar import HOURS, WEEKS, hour_of
from hub.health.judgement import CALM_MINUTES, FILE_WINDOW, Series, Situation, judge
from hub.services.context import Hub
from hub.services.health.alive import ROLES, is_fresh
from hub.services.health.learned import Learned
from hub.services.health.storage import Storage
from hub.settings import Feed
from hub.store import alarms, files, pulses, traffic
from hub.store.engine import Turn, reading, utc_text, writing
from hub.store.pulses import Pulse

LEASE = timedelta(seconds=45)
"""So long the watch is this process's; another one takes it over when it is not renewed."""

MINUTES_KEPT = 26 * 60
"""Long enough that an hour can be rolled up again when a count comes late."""

HOURS_KEPT = (WEEKS + 1) * HOURS

log = structlog.get_logger()

Key = tuple[AlarmKind, str, str]


@dataclass
class _Now:
    """What was read at one moment, for all feeds."""

    moment: datetime
    since: datetime
    pulses: list[Pulse]
    newest: dict[tuple[str, str], datetime]
    lately: dict[tuple[str, str, str], Any]
    fullest: dict[str, int]
    open: list[Any] = field(default_factory=list)


class Watch:
    """One process's watch; ``holder`` names it to the others."""

    def __init__(self, hub: Hub, holder: str) -> None:
        self._hub = hub
        self._holder = holder
        self._storage = Storage(hub)
        self._learned = Learned()
        self._rolled = -1
        self._has_it = False
        self._unwritten: dict[Key, tuple[Alarm, datetime]] = {}

    def look(self) -> None:
        """Looks once, if the watch is this process's. While the main database cannot be written, no alarm can be kept:
        that is logged, once, and written down as soon as it can be."""
        now = self._hub.clock.now()
        troubles = self._storage.troubles()
        try:
            since = self._claim(now)
            self._has_it = since is not None
            if since:
                self._look(now, since, troubles)
        except TransientError:
            if self._has_it:
                self._remember(_storage(troubles or ["hub.db is out of reach"]), now)
            raise

    def _claim(self, now: datetime) -> datetime | None:
        with writing(self._hub.main, Turn.STAGE) as transaction:
            until = utc_text(now + LEASE)
            since = pulses.claim(transaction, "watch", self._holder, utc_text(now), until)
        return datetime.fromisoformat(since) if since else None

    def _look(self, now: datetime, since: datetime, troubles: list[str]) -> None:
        self._roll_up(now)
        with reading(self._hub.main) as connection:
            at = _read(connection, now, since)
            wanted = list(self._wanted(connection, at, troubles))
        self._settle(wanted, now)

    def _roll_up(self, now: datetime) -> None:
        """This hour and the last; at the beginning of an hour all that may have been counted late."""
        hour = hour_of(now)
        first = hour - 1 if self._rolled == hour else hour - MINUTES_KEPT // 60 + 1
        with writing(self._hub.main, Turn.STAGE) as transaction:
            traffic.roll_up(transaction, first, hour)
            if self._rolled != hour:
                traffic.let_go(transaction, hour * 60 - MINUTES_KEPT, hour - HOURS_KEPT)
        self._rolled = hour

    def _wanted(self, connection: Connection, at: _Now, troubles: list[str]) -> Iterator[Alarm]:
        """The alarms that should be open."""
        reported = {p.state["trouble"] for p in at.pulses if p.state.get("trouble") and is_fresh(p, at.moment)}
        if troubles or reported:
            yield _storage(troubles or [f"nothing can be stored ({', '.join(sorted(reported))})"])
        if shortage := self._storage.shortage():
            yield Alarm(AlarmKind.DISK, "", "", f"at least {self._hub.settings.disk_free:,} MiB free", shortage)
        yield from _stopped(at)
        for feed in self._hub.site.feeds:
            yield from judge(self._situation(connection, at, feed))

    def _situation(self, connection: Connection, at: _Now, feed: Feed) -> Situation:
        hour = hour_of(at.moment)
        expected = self._learned.of(connection, feed, hour)
        recent = self._learned.recent(connection, feed, hour)
        labels = {label for name, label in at.newest if name == feed.name} | recent.keys()
        series = {
            label: Series(
                newest=at.newest.get((feed.name, label)),
                recent=recent.get(label, {}),
                expected=expected.get(label),
                **_lately(at, feed.name, label),
            )
            for label in labels
        }
        return Situation(
            feed=feed,
            now=at.moment,
            listening_since=_listening_since(at),
            watched_since=at.since,
            series=series,
            refused=sum(
                row.amount for (name, kind, _), row in at.lately.items() if (name, kind) == (feed.name, "refused")
            ),
            file_seen=self._file_seen(connection, feed, at.moment),
            open=frozenset((AlarmKind(row.kind), row.subject) for row in at.open if row.feed == feed.name),
        )

    def _file_seen(self, connection: Connection, feed: Feed, now: datetime) -> datetime | None:
        if not feed.expect.file:
            return None
        since = utc_text(now - timedelta(days=15) - FILE_WINDOW)
        seen = files.last_seen(connection, feed.name, feed.expect.file, since)
        return datetime.fromisoformat(seen) if seen else None

    def _settle(self, wanted: list[Alarm], now: datetime) -> None:
        """Opens what is not open, closes what is open no longer; each is logged when it was written, and once."""
        keys = {_key(alarm) for alarm in wanted}
        at = utc_text(now)
        with writing(self._hub.main, Turn.STAGE) as transaction:
            for alarm, since in self._unwritten.values():
                alarms.open_alarm(transaction, alarm, utc_text(since))
            opened = {_key(alarm) for alarm in wanted if alarms.open_alarm(transaction, alarm, at)}
            rows = alarms.listed(transaction, at, open_only=True)
            closed = [r for r in rows if _key_of(r) not in keys and alarms.close(transaction, r.id, at)]
        self._unwritten.clear()
        _log("alarm opened", log.warning, [row for row in rows if _key_of(row) in opened])
        _log("alarm closed", log.info, closed)

    def _remember(self, alarm: Alarm, now: datetime) -> None:
        if _key(alarm) not in self._unwritten:
            self._unwritten[_key(alarm)] = (alarm, now)
            log.error("alarm opened", kind=alarm.kind.value, feed=alarm.feed, text=alarm.text)


def _read(connection: Connection, now: datetime, since: datetime) -> _Now:
    minute = int(now.timestamp()) // 60
    lately = traffic.lately(connection, minute, CALM_MINUTES)
    return _Now(
        moment=now,
        since=since,
        pulses=list(pulses.all_of(connection)),
        newest=traffic.newest(traffic.totals(connection)),
        lately={(row.feed, row.kind, row.label): row for row in lately},
        fullest=traffic.fullest_minutes(connection, minute - CALM_MINUTES),
        open=list(alarms.listed(connection, utc_text(now), open_only=True)),
    )


def _lately(at: _Now, feed: str, label: str) -> dict[str, int]:
    """The last hour of a type, or of the feed."""
    if label != traffic.ALL:
        row = at.lately.get((feed, traffic.ACCEPTED, label))
        return {"last_hour": row.amount, "last_minutes": row.short, "fullest_minute": row.most} if row else {}
    rows = [row for (name, kind, _), row in at.lately.items() if (name, kind) == (feed, traffic.ACCEPTED)]
    return {
        "last_hour": sum(row.amount for row in rows),
        "last_minutes": sum(row.short for row in rows),
        "fullest_minute": at.fullest.get(feed, 0),
    }


def _listening_since(at: _Now) -> datetime | None:
    """Since when some process has been receiving without a break."""
    running = [p for p in at.pulses if p.role == "receive" and is_fresh(p, at.moment)]
    return min((datetime.fromisoformat(p.started_at) for p in running), default=None)


def _stopped(at: _Now) -> Iterator[Alarm]:
    """Roles that ran and do not any more."""
    for role in ROLES:
        beats = [p for p in at.pulses if p.role == role]
        if beats and not any(is_fresh(p, at.moment) for p in beats):
            last = max(p.at for p in beats)[:19].replace("T", " ")
            yield Alarm(AlarmKind.STOPPED, "", role, "a sign of life every minute", f"the last one at {last} UTC")


def _storage(troubles: list[str]) -> Alarm:
    return Alarm(AlarmKind.STORAGE, "", "", "databases that can be written", "; ".join(troubles))


def _log(event: str, log_it: Callable[..., None], rows: Iterable[Any]) -> None:
    for row in rows:
        if not row.muted_until:
            log_it(event, kind=row.kind, feed=row.feed, text=row.text, opened_at=row.opened_at)


def _key(alarm: Alarm) -> Key:
    return alarm.kind, alarm.feed, alarm.subject


def _key_of(row: Any) -> Key:
    return AlarmKind(row.kind), row.feed, row.subject

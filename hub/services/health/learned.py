"""What is usual for each feed, learned anew each hour and kept in memory."""

from collections.abc import Mapping

from sqlalchemy import Connection

from hub.health.calendar import HOURS, WEEKS, Calendar
from hub.health.usual import Expectation, Hour
from hub.settings import Feed
from hub.store import traffic


class Learned:
    """The expectations of feeds by message type (``traffic.ALL`` for the feed itself)."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, dict[str, dict[int, Hour]], dict[str, Expectation]]] = {}

    def of(self, connection: Connection, feed: Feed, hour: int) -> Mapping[str, Expectation]:
        """What is expected of the feed in this hour and those around it."""
        return self._at(connection, feed, hour)[2]

    def recent(self, connection: Connection, feed: Feed, hour: int) -> Mapping[str, Mapping[int, Hour]]:
        """What the feed had, by type and hour, up to now: what was learned from, and the hours since."""
        _, known, _ = self._at(connection, feed, hour)
        for label, hours in traffic.hours(connection, feed.name, hour - 1).items():
            known.setdefault(label, {}).update(hours)
        return known

    def _at(
        self, connection: Connection, feed: Feed, hour: int
    ) -> tuple[int, dict[str, dict[int, Hour]], dict[str, Expectation]]:
        known = self._known.get(feed.name)
        if known is None or known[0] != hour:
            calendar = Calendar(hour, feed.zone, feed.expect.holidays)
            hours = traffic.hours(connection, feed.name, hour - WEEKS * HOURS)
            complete = {label: {h: each for h, each in of.items() if h < hour} for label, of in hours.items()}
            learned = {label: Expectation(of, calendar) for label, of in complete.items()}
            known = self._known[feed.name] = (hour, hours, learned)
        return known

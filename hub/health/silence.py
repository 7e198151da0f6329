"""Is it too quiet? Learned for a feed and for each of its message types, or by a fixed threshold."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from hub.health.calendar import hour_of, start_of
from hub.health.usual import NOTHING, Expectation, Hour

LEAST_SILENCE = timedelta(minutes=5)
"""An engine that restarts is not silent."""


def surprise(expected: Expectation, since: datetime, now: datetime) -> float:
    """How surprising it is that nothing came between the moments, compared with what is too much: 1 is the border."""
    quiet = sum(expected.at(hour).surprise * share for hour, share in _hours(since, now))
    return quiet / expected.minute_spread / expected.enough_surprise


def surprise_of_type(
    expected: Expectation, rest: Expectation, heard: Mapping[int, Hour], since: datetime, now: datetime
) -> float:
    """The same of a type while the rest of its feed flows: where the rest is below the usual (an outage, a holiday),
    so is what is expected of the type. ``rest`` is what is expected of the feed, ``heard`` what it had."""
    quiet = 0.0
    for hour, share in _hours(since, now):
        usual = rest.at(hour).minutes * _elapsed(hour, now)
        flow = min(1.0, heard.get(hour, NOTHING).minutes / usual) if usual else 0.0
        quiet += expected.at(hour).surprise * share * flow
    return quiet / expected.minute_spread / expected.enough_surprise


def _hours(since: datetime, now: datetime) -> Iterator[tuple[int, float]]:
    """The hours between two moments, each with the share of it that lies between them."""
    for hour in range(hour_of(since), hour_of(now) + 1):
        start = start_of(hour)
        end = start + timedelta(hours=1)
        yield hour, (min(end, now) - max(start, since)) / timedelta(hours=1)


def _elapsed(hour: int, now: datetime) -> float:
    return min(1.0, (now - start_of(hour)) / timedelta(hours=1))

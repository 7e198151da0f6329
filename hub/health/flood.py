"""Is it too much? Learned for a feed and for each of its message types, or by a fixed threshold."""

from collections.abc import Mapping
from math import log, sqrt

from hub.health.calendar import HOURS
from hub.health.usual import NOTHING, SERIES_WEEKS, Expectation, Hour

TIMES = 3
"""Below so many times the usual nothing is a flood, however regular the series is."""

LEAST = 60
"""Messages in an hour; fewer hurt nobody."""

OUTAGE = 0.2
"""An hour with less than this share of the usual is one in which a sender may have gathered messages."""

CATCHING_UP_HOURS = 24
"""So long after an outage a sender may catch up."""

_UNLIKELY = log(HOURS * SERIES_WEEKS)


def limit(expected: Expectation, hour: int, heard: Mapping[int, Hour]) -> float:
    """More than this within an hour is a flood. The hours beside it count, too, for what comes by a timetable; and
    what did not come during an outage may come after it."""
    usual = max(expected.at(near).count for near in (hour - 1, hour, hour + 1))
    usual += sum(_gathered(expected, past, heard) for past in range(hour - CATCHING_UP_HOURS, hour))
    return max(LEAST, TIMES * usual, usual + _deviation(usual, expected.count_spread))


def _gathered(expected: Expectation, hour: int, heard: Mapping[int, Hour]) -> float:
    usual, came = expected.at(hour).count, heard.get(hour, NOTHING).count
    return usual - came if came < OUTAGE * usual else 0.0


def _deviation(mean: float, spread: float) -> float:
    """How far above its mean a sum rises less than once in so many weeks (Bernstein's inequality, for a variance of
    ``spread`` times the mean)."""
    part = spread * _UNLIKELY / 3
    return part + sqrt(part**2 + 2 * spread * mean * _UNLIKELY)

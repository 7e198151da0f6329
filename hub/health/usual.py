"""What is usual: learned from the same hour of the week in the weeks before, and robust against odd weeks.

Two things are learned of a series (a feed, or one of its message types): how many messages an hour has, and in how
many of its minutes any came. A sender that hands over its day in one go has many messages and few minutes; only the
minutes say how surprising it is to hear nothing for a while.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log
from statistics import fmean, median

from hub.health.calendar import HOURS, Calendar

LEAST_WEEKS = 3
"""With less evidence nothing is expected."""

FULLEST = 0.98
"""No minute is surer than this to bring a message, however often one did."""

ODD_SHARE = 0.05
"""So many of the hours are left out when the usual spread is measured: those of outages and floods."""

_CHI_SQUARE_WITHOUT_ODD = 0.76
"""The mean of a squared standard normal without its highest 5 %."""

SERIES_WEEKS = 1000
"""A series that goes on as usual is called odd once in so many weeks."""

_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Hour:
    """What one hour had: messages, and minutes in which any came."""

    count: int
    minutes: int


NOTHING = Hour(0, 0)


@dataclass(frozen=True, slots=True)
class Usual:
    """What an hour of the week has."""

    count: float
    minutes: float

    @property
    def surprise(self) -> float:
        """How surprising an hour without any message is: the negative logarithm of its probability."""
        return -_MINUTES * log(1 - min(self.minutes / _MINUTES, FULLEST))


UNKNOWN = Usual(0.0, 0.0)


class Expectation:
    """What is expected of a series. ``history`` are its hours that had any message."""

    def __init__(self, history: Mapping[int, Hour], calendar: Calendar) -> None:
        self._calendar = calendar
        first = min(history, default=calendar.now)
        samples: dict[int, list[Hour]] = {}
        for hour, key in calendar.past:
            if hour >= first:
                samples.setdefault(key, []).append(history.get(hour, NOTHING))
        groups = {key: hours for key, hours in samples.items() if len(hours) >= LEAST_WEEKS}
        self._usual = {key: Usual(*(_middle(each) for each in _columns(hours))) for key, hours in groups.items()}
        self.count_spread = _spread(_count_deviations(groups, self._usual))
        self.minute_spread = _spread(_minute_deviations(groups, self._usual))

    @property
    def is_known(self) -> bool:
        """Whether there is enough evidence for the whole week."""
        return len(self._usual) == HOURS

    def at(self, hour: int) -> Usual:
        """What that hour should have; nothing where too little is known."""
        return self._usual.get(self._calendar.key(hour), UNKNOWN)

    @property
    def enough_surprise(self) -> float:
        """With more of it silence is not chance: every minute with a message begins a silence that may seem too long,
        so a busy series needs more than a slow one."""
        gaps = sum(usual.minutes for usual in self._usual.values())
        return log(max(gaps, 1.0) * SERIES_WEEKS)


def _columns(hours: Sequence[Hour]) -> tuple[list[int], list[int]]:
    return [hour.count for hour in hours], [hour.minutes for hour in hours]


def _middle(values: Sequence[int]) -> float:
    """The mean without the highest and the lowest; of three the median."""
    ordered = sorted(values)
    return fmean(ordered[1:-1]) if len(ordered) > LEAST_WEEKS else float(median(ordered))


def _count_deviations(groups: Mapping[int, Sequence[Hour]], usual: Mapping[int, Usual]) -> Iterator[float]:
    """Squared deviations over what a Poisson process would have."""
    for key, hours in groups.items():
        mean = usual[key].count
        if mean >= 1:
            yield from ((hour.count - mean) ** 2 / mean for hour in hours)


def _minute_deviations(groups: Mapping[int, Sequence[Hour]], usual: Mapping[int, Usual]) -> Iterator[float]:
    """Squared deviations over what minutes would have that do not know one another."""
    for key, hours in groups.items():
        mean = usual[key].minutes
        if mean >= 1:
            chance = max(mean * (1 - mean / _MINUTES), 1.0)
            yield from ((hour.minutes - mean) ** 2 / chance for hour in hours)


def _spread(deviations: Iterable[float]) -> float:
    """How much more than by chance a series varies, at least 1: it comes in bursts, or has good and bad days."""
    ordered = sorted(chain(deviations))
    kept = ordered[: len(ordered) - int(len(ordered) * ODD_SHARE)]
    return max(1.0, fmean(kept) / _CHI_SQUARE_WITHOUT_ODD) if kept else 1.0

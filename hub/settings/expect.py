"""What is expected of a feed, as its file says it: thresholds, working hours, and files that come by a time."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from hub.settings.parts import Strict

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
NAMED_DAYS = {"daily": DAYS, "weekdays": DAYS[:5], "weekends": DAYS[5:]}

_SPAN = re.compile(r"(\d+)\s*(s|min|h|d)")
_UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_RATE = re.compile(r"(\d+)\s*/\s*(min|h)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")


class Rate(Strict):
    """So many messages in so many minutes (1 or 60)."""

    count: int
    minutes: Literal[1, 60]

    def __str__(self) -> str:
        return f"{self.count}/{'min' if self.minutes == 1 else 'h'}"


def _span(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if found := _SPAN.fullmatch(value.strip()):
        return int(found[1]) * _UNITS[found[2]]
    raise ValueError(f"{value!r} is no length of time such as 90s, 30min, 2h or 1d")


def _rate(value: Any) -> Any:
    if isinstance(value, Rate):
        return value
    if found := _RATE.fullmatch(str(value).strip()):
        return Rate(count=int(found[1]), minutes=1 if found[2] == "min" else 60)
    raise ValueError(f"{value!r} is no rate such as 500/min or 20000/h")


def _share(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if found := _SHARE.fullmatch(value.strip()):
        return float(found[1]) / 100
    raise ValueError(f"{value!r} is no share such as 20%")


def _time(value: Any) -> Any:
    """Minutes since midnight. YAML reads 12:30 without quotes as the number 750, which is just that."""
    if not isinstance(value, str):
        return value
    if _TIME.fullmatch(value.strip()):
        hours, minutes = value.split(":")
        return int(hours) * 60 + int(minutes)
    raise ValueError(f"{value!r} is no time of the day such as 07:30")


def _between(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    opens, dash, closes = value.partition("-")
    if not dash:
        raise ValueError(f"{value!r} is no part of the day such as 07:00-19:00")
    return _time(opens.strip()), _time(closes.strip())


def _days(value: Any) -> Any:
    if isinstance(value, str):
        value = NAMED_DAYS.get(value, (value,))
    unknown = [day for day in value if day not in DAYS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join((*NAMED_DAYS, *DAYS))}")
    return tuple(value)


Span = Annotated[timedelta, BeforeValidator(_span)]
Time = Annotated[int, BeforeValidator(_time), Field(ge=0, le=1440)]


class Limits(Strict):
    """Fixed thresholds: alarm when nothing came for so long (counted in working hours), or more than so much."""

    silent_after: Span | None = None
    at_most: Annotated[Rate, BeforeValidator(_rate)] | None = None


class Expect(Limits):
    """What is expected of a feed.

    ``learn`` adds what the last weeks teach to the fixed thresholds; ``types`` are thresholds for single message types
    (``ADT^A03``). ``on`` and ``between`` are the days and hours in which silence counts, in the feed's time zone;
    ``holidays`` are days without them. ``file`` (a pattern with ``*`` and ``?``) comes ``by`` a time on each of the
    days. ``refused`` is the share of messages that may be refused.
    """

    learn: bool = True
    types: dict[str, Limits] = Field(default_factory=dict)
    on: Annotated[tuple[Day, ...], BeforeValidator(_days)] = DAYS
    between: Annotated[tuple[Time, Time], BeforeValidator(_between)] = (0, 1440)
    holidays: tuple[date, ...] = ()
    file: Annotated[str, Field(pattern=r"^[^\[\]/]*$")] = ""
    by: Time | None = None
    refused: Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)] = 0.2

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.file) != (self.by is not None):
            raise ValueError("file and by belong together")
        if self.between[0] >= self.between[1]:
            raise ValueError("between must end later than it begins")
        return self

    @property
    def days(self) -> frozenset[int]:
        """The days of the week, 0 is Monday."""
        return frozenset(DAYS.index(day) for day in self.on)

"""Days on which practices work: Monday to Friday, without the holidays that a site names."""

from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5


def is_business_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Whether a practice works on that day."""
    return day.weekday() < SATURDAY and day not in holidays


def add_business_days(day: date, n: int, holidays: Collection[date] = ()) -> date:
    """The ``n``-th business day after ``day``; with 0 the day itself. Raises ``ValueError`` for a negative ``n``.

    The day itself never counts, so that two business days after a Friday, a Saturday or a Sunday is a Tuesday.
    """
    if n < 0:
        raise ValueError("business days are counted forward")
    while n:
        day += timedelta(days=1)
        n -= is_business_day(day, holidays)
    return day

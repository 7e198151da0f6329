from datetime import date

import pytest

from hub.routing.business_days import add_business_days


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-03-09", 2, "2026-03-11"),
        ("2026-03-13", 1, "2026-03-16"),
        ("2026-03-14", 2, "2026-03-17"),
        ("2026-03-12", 3, "2026-03-17"),
        ("2026-03-12", 0, "2026-03-12"),
    ],
)
def test_weekends_do_not_count(start: str, n: int, end: str) -> None:
    """Business days are counted from the next day, Monday to Friday."""
    assert add_business_days(date.fromisoformat(start), n) == date.fromisoformat(end)


def test_holidays_do_not_count() -> None:
    """A holiday that the site names is passed over."""
    assert add_business_days(date(2026, 7, 2), 1, [date(2026, 7, 3)]) == date(2026, 7, 6)


def test_backwards_is_refused() -> None:
    """A negative number of business days is an error of the caller."""
    with pytest.raises(ValueError, match="forward"):
        add_business_days(date(2026, 3, 9), -1)

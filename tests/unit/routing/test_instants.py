from datetime import timedelta

import pytest

from hub.routing.instants import between, days_and_hours, instant, spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-09T16:05:00-04:00", "2026-03-09T20:05:00.000000Z"),
        ("2026-03-09T16:05:00.25Z", "2026-03-09T16:05:00.250000Z"),
        ("2026-03-09", "2026-03-09T00:00:00.000000Z"),
        ("2026-03", "2026-03-01T00:00:00.000000Z"),
        ("2026", "2026-01-01T00:00:00.000000Z"),
        ("0202-03-09", "0202-03-09T00:00:00.000000Z"),
        ("soon", "otherwise"),
        ("", "otherwise"),
        ("0001-01-01T00:00:00+14:00", "otherwise"),
    ],
)
def test_instants_are_utc_of_one_width(text: str, expected: str) -> None:
    """A dateTime of any precision becomes UTC text; what is none, the alternative."""
    assert instant(text, "otherwise") == expected


def test_time_passes_by_instants() -> None:
    """The change of the clocks does not lengthen a stay."""
    assert between("2026-03-02T17:05:00-05:00", "2026-03-09T16:05:00-04:00") == timedelta(days=6, hours=22)
    assert between("", "2026-03-09") is None


@pytest.mark.parametrize(
    ("span", "words"),
    [(timedelta(days=6, hours=22), "6 d 22 h"), (timedelta(hours=3), "3 h"), (timedelta(minutes=40), "40 min")],
)
def test_spans_are_said_in_days_and_hours(span: timedelta, words: str) -> None:
    """A span is said in its two largest units."""
    assert days_and_hours(span) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [("2026-03-09T16:05:00-04:00", "9 Mar 2026 16:05"), ("2026-03-09", "9 Mar 2026"), ("2026-03", "2026-03")],
)
def test_moments_are_said_in_the_senders_time(text: str, words: str) -> None:
    """A moment is said as the sender's clock showed it."""
    assert spoken(text) == words

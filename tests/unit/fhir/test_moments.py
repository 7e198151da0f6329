"""Which of two dateTimes is the later one."""

import pytest

from hub.fhir.moments import later


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-03-02T10:00:00Z", "2026-03-02T10:30:00+01:00"),
        ("2026-03-02T10:00:00.1234567Z", "2026-03-02T10:00:00.1Z"),
        ("2026-03-02T10:00:00-05:00", "2026-03-02T14:59:60Z"),
        ("2026-03-02", "2026-03-01T23:00:00Z"),
        ("2026-03", "2025-12-31"),
        ("2027", "2026-12-31"),
    ],
)
def test_later(one: str, other: str) -> None:
    """A moment is later by its offset, a date by what both say; never both ways round."""
    assert later(one, other)
    assert not later(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("2026", "2026-03-02"), ("2026-03-02", "2026-03-02T10:00:00Z"), ("2026-03-02T10:00:00Z",) * 2]
)
def test_uncertain(one: str, other: str) -> None:
    """Where one says less than the other, or both the same, neither is certainly later."""
    assert not later(one, other)
    assert not later(other, one)

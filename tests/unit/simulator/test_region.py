from collections import Counter

from hub.simulator.region import Habits, residents
from hub.simulator.region_records import COLUMNS, region


def test_a_region_is_the_same_for_the_same_seed() -> None:
    """Nothing but the seed decides, so that a figure can be measured again."""
    assert list(region(5, 40)) == list(region(5, 40))
    assert list(region(5, 40)) != list(region(6, 40))


def test_a_region_has_whom_identity_is_difficult_for() -> None:
    """There are twins, juniors and namesakes, and everybody has a number of their own."""
    people = residents(1, 400, Habits())
    assert len({p.number for p in people}) == len(people)
    births = Counter((p.family, p.born, p.home) for p in people)
    assert any(count > 1 for count in births.values())
    assert any(p.suffix for p in people)
    assert any(count > 1 for count in Counter((p.given, p.family, p.born) for p in people).values())


def test_records_have_the_columns_and_a_truth() -> None:
    """Each record is a row of the known columns with a number of its own."""
    rows = list(region(1, 40))
    assert all(set(row) == set(COLUMNS) for row, _ in rows)
    assert len({row["record_id"] for row, _ in rows}) == len(rows)

"""Every fixture, damaged: in the same ways each time here, in other ways and for longer with ``make fuzz``."""

from random import Random

import pytest

from tests.fuzz.mutations import mutated
from tests.fuzz.outcome import judge
from tests.fuzz.sources import BODIES

PARTS, EACH = 8, 4


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_fixtures(part: int) -> None:
    """A damaged message becomes a valid bundle or is held with a reason; nothing is raised."""
    for number, body in enumerate(BODIES[part::PARTS]):
        chance = Random(f"{part}-{number}")
        for _ in range(EACH):
            damaged = mutated(body, BODIES, chance)
            try:
                judge(damaged)
            except Exception as problem:
                raise AssertionError(f"{problem}\n{damaged!r}") from problem

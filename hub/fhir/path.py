"""Values of a bundle by path, in the part of FHIRPath that tests of feeds need.

    Patient.name[0].family      Observation.valueQuantity.value      Patient.extension('https://…').valueString

A path begins with a type of resource; without a number it means all there are of a list, as in FHIRPath.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from hub.model import Json

_STEP = re.compile(r"\.?([A-Za-z][A-Za-z0-9]*)(?:\('([^']+)'\))?(?:\[(\d+)\])?")

Step = tuple[str, str, int | None]
"""Name, URL of an extension (or empty) and number (or none)."""


@lru_cache(maxsize=256)
def steps(path: str) -> tuple[Step, ...]:
    """The steps of a path. Raises ``ValueError`` for what is no path."""
    found, at = [], 0
    while match := _STEP.match(path, at):
        name, url, number = match.groups()
        if (url and name != "extension") or (at == 0) == path.startswith(".", at):
            break
        found.append((name, url or "", int(number) if number else None))
        at = match.end()
    if at != len(path) or len(found) < 2:
        raise ValueError(f"{path!r} is no path such as Patient.name[0].family")
    return tuple(found)


def values_at(bundle: Json, path: str) -> list[Any]:
    """All values of the bundle at the path."""
    (kind, _, number), *below = steps(path)
    found: list[Any] = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]
    for step in below:
        found = list(_below(_one(found, number), step))
        number = step[2]
    return _one(found, number)


def _one(found: list[Any], number: int | None) -> list[Any]:
    return found if number is None else found[number : number + 1]


def _below(elements: list[Any], step: Step) -> Iterator[Any]:
    name, url, _ = step
    for element in elements:
        member = element.get(name) if isinstance(element, dict) else None
        for value in member if isinstance(member, list) else [member]:
            if value is not None and (not url or value.get("url") == url):
                yield value

"""A message of HL7 v2 that is written text by text."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from hub.formats.hl7v2.build import Field, build

_PLACE = re.compile(r"(\w{3})-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?")
_ORDERS = {
    "ADT": ("MSH", "EVN", "PID", "PD1", "PV1", "PV2", "DG1"),
    "ORU": ("MSH", "PID", "PD1", "PV1", "ORC", "OBR", "OBX", "NTE"),
    "SIU": ("MSH", "SCH", "NTE", "PID", "PD1", "PV1", "RGS", "AIS", "AIL", "AIP"),
}
"""The order of the segments that fields have a place in; what else a feed names stands after them."""
_REPEATED = {"ORU": ("OBX", "NTE")}
"""Segments that each row has of its own, where several rows are one message."""

T = TypeVar("T")


class Spot(NamedTuple):
    """Where a text stands within a message: segment, which of its name, field, repetition, component, subcomponent."""

    segment: str
    ordinal: int
    field: int
    repetition: int
    component: int
    subcomponent: int


@dataclass(slots=True)
class Draft:
    """A message of a ``kind`` (MSH-9.1) under construction: its texts by their spot, and of which field of which row
    each is."""

    kind: str
    texts: dict[Spot, str] = field(default_factory=dict)
    origins: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def put(self, path: str, text: str, ordinal: int = 1) -> None:
        """Writes a text at a place (``PID-3.4``) that has none yet."""
        if text:
            self.texts.setdefault(spot_of(path, ordinal), text)

    def get(self, path: str, ordinal: int = 1) -> str:
        """The text at a place, or nothing."""
        return self.texts.get(spot_of(path, ordinal), "")

    def has(self, path: str) -> bool:
        """Whether anything stands in the first field of that path."""
        spot = spot_of(path)
        return any(s.segment == spot.segment and s.field == spot.field for s in self.texts)

    def erase(self, path: str) -> None:
        """Takes the text of a place away."""
        self.texts.pop(spot_of(path), None)

    def written(self) -> bytes:
        """The message as its bytes."""
        segments: dict[tuple[str, int], dict[Spot, str]] = {}
        for spot, text in self.texts.items():
            segments.setdefault((spot.segment, spot.ordinal), {})[spot] = text
        ordered = sorted(segments, key=self._standing)
        return build((name, _fields(segments[name, ordinal])) for name, ordinal in ordered)

    @property
    def repeated(self) -> tuple[str, ...]:
        """The segments of which each row has one."""
        return _REPEATED.get(self.kind, ())

    def _standing(self, segment: tuple[str, int]) -> tuple[int, int, int]:
        """Where a segment stands; those that are repeated stand row by row."""
        name, ordinal = segment
        order = _ORDERS[self.kind]
        place = order.index(name) if name in order else len(order)
        first = order.index(self.repeated[0]) if name in self.repeated else place
        return first, ordinal, place


def spot_of(path: str, ordinal: int = 1) -> Spot:
    """The spot of a path (``PID-13[2].4``)."""
    match = _PLACE.fullmatch(path)
    assert match, f"{path} is a place"
    number, repetition, component, subcomponent = (int(text or 1) for text in match.groups()[1:])
    return Spot(match[1], ordinal, number, repetition, component, subcomponent)


def _fields(texts: dict[Spot, str]) -> dict[int, Field]:
    """The fields of one segment, each a list of repetitions of components of subcomponents."""
    made: dict[int, list[list[list[str]]]] = {}
    for spot, text in texts.items():
        components = _at(_at(made.setdefault(spot.field, []), spot.repetition, list), spot.component, list)
        _at(components, spot.subcomponent, str)
        components[spot.subcomponent - 1] = text
    return {
        number: [tuple(tuple(subcomponents or ("",)) for subcomponents in components) for components in repetitions]
        for number, repetitions in made.items()
    }


def _at(listed: list[T], number: int, empty: Callable[[], T]) -> T:
    """What stands at that place (from 1) of a list, which is made so long."""
    listed.extend(empty() for _ in range(number - len(listed)))
    return listed[number - 1]

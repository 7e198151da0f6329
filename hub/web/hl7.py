"""An HL7 v2 message as a page shows it: a line per segment, each field with its number and name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.web.field_names import FIELD_NAMES

_HEADERS = ("MSH", "FHS", "BHS")
_PLACE = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Field:
    """One field that has a value, verbatim. ``notes`` is what the conversion noticed in it."""

    number: int
    name: str
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; ``ordinal`` counts the segments of its name from 1. ``notes`` concern it as a whole."""

    name: str
    ordinal: int
    fields: tuple[Field, ...]
    notes: tuple[str, ...] = ()


Notes = dict[tuple[str, int, int], tuple[str, ...]]
"""Texts by segment name, ordinal (from 1) and field (0: the segment as a whole)."""


def segments(text: str, issues: Mapping[str, str]) -> list[Segment]:
    """The segments of a message with ``\\n`` line ends; ``issues`` are texts by v2 path (``PID-3[2].4``)."""
    separator = text[3:4] or "|"
    notes = _notes(issues)
    seen: dict[str, int] = {}
    found = []
    for line in filter(None, text.split("\n")):
        name, *values = line.split(separator)
        seen[name] = ordinal = seen.get(name, 0) + 1
        values = [separator, *values] if name in _HEADERS else values
        fields = _fields(name, ordinal, values, notes)
        found.append(Segment(name, ordinal, fields, notes.get((name, ordinal, 0), ())))
    return found


def _fields(name: str, ordinal: int, values: list[str], notes: Notes) -> tuple[Field, ...]:
    """The fields that have a value, and those that something was noticed in, if only that they are missing."""
    sent = {number: value for number, value in enumerate(values, start=1) if value}
    noted = {number for segment, which, number in notes if (segment, which) == (name, ordinal) and number}
    names = dict(enumerate(FIELD_NAMES.get(name, ()), start=1))
    return tuple(
        Field(number, names.get(number, ""), sent.get(number, ""), notes.get((name, ordinal, number), ()))
        for number in sorted(sent.keys() | noted)
    )


def _notes(issues: Mapping[str, str]) -> Notes:
    notes: Notes = {}
    for path, text in issues.items():
        if place := _PLACE.match(path):
            name, ordinal, number = place.groups()
            key = (name, int(ordinal or 1), int(number or 0))
            notes[key] = (*notes.get(key, ()), f"{path}: {text}")
    return notes

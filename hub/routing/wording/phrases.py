"""What all wordings are made of."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from hub.model import Json


class Words(NamedTuple):
    """A title of one line and a text of a few sentences."""

    title: str
    text: str


Wording: TypeAlias = Callable[[Json], Words]
"""From the facts of an event to its words."""


def text(*sentences: str) -> str:
    """Those that say something, as sentences."""
    return " ".join(s if s.endswith((".", "…", "?", "!")) else f"{s}." for s in sentences if s)


def labelled(label: str, value: str) -> str:
    """``Reason: dyspnea``; nothing without a value."""
    return f"{label}: {value}" if value else ""


def at(facts: Json) -> str:
    """Where, at the end of a title."""
    return f" at {facts['facility']}" if facts["facility"] else ""


def out_of(facts: Json) -> str:
    """Where from, at the end of a title."""
    return f" from {facts['facility']}" if facts["facility"] else ""


def by(facts: Json) -> str:
    """Who wrote it."""
    return f" by {facts['author']}" if facts["author"] else ""


def corrected(facts: Json) -> str:
    """What begins the title of something that is restated."""
    return "CORRECTED: " if facts["amended"] else ""

"""Which function maps what: one decorated file for each type of message in ``hub.mappers.messages``, and one for each
segment that can stand by itself in ``hub.mappers.segments``."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context

Mapper: TypeAlias = Callable[[Message, Context], None]
SegmentMapper: TypeAlias = Callable[[Segment, Context], object]
S = TypeVar("S", bound=SegmentMapper)

_mappers: dict[str, Mapper] = {}
_segment_mappers: dict[str, SegmentMapper] = {}

OTHER = "*"
"""The mapper of message types that have none of their own."""


def message(*types: str) -> Callable[[Mapper], Mapper]:
    """Registers the decorated function for these types: ``ADT`` (MSH-9.1) or, for one event alone, ``REF^I12``."""

    def register(mapper: Mapper) -> Mapper:
        _mappers.update(dict.fromkeys(types, mapper))
        return mapper

    return register


def mapper_of(kind: str, trigger: str) -> Mapper:
    """The mapper of a message: for its event, else for its type, else the one for all others."""
    return _mappers.get(f"{kind}^{trigger}") or _mappers.get(kind) or _mappers[OTHER]


def segment(*names: str) -> Callable[[S], S]:
    """Registers the decorated function for segments of these names, wherever they stand in a message."""

    def register(mapper: S) -> S:
        _segment_mappers.update(dict.fromkeys(names, mapper))
        return mapper

    return register


def segment_mapper_of(name: str) -> SegmentMapper | None:
    """The function that maps a segment of this name by itself."""
    return _segment_mappers.get(name)


def load_all() -> None:
    """Imports every file of ``hub.mappers.messages`` and ``hub.mappers.segments``, so that each registers itself."""
    for room in ("hub.mappers.messages", "hub.mappers.segments"):
        for module in pkgutil.iter_modules(importlib.import_module(room).__path__):
            importlib.import_module(f"{room}.{module.name}")

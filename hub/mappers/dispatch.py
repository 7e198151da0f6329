"""Which function maps which message: one decorated file for each type in ``hub.mappers.messages``."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TypeAlias

from hub.formats.hl7v2.message import Message
from hub.mappers.context import Context

Mapper: TypeAlias = Callable[[Message, Context], None]

_mappers: dict[str, Mapper] = {}

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


def load_all() -> None:
    """Imports every file of ``hub.mappers.messages``, so that each registers its types."""
    package = importlib.import_module("hub.mappers.messages")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"hub.mappers.messages.{module.name}")

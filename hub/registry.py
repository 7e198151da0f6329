"""Plug-ins: one decorated file each.

A plug-in is a class that takes its options as keyword arguments named in its ``Options`` model (a pydantic model,
documented field by field, which is also what ``hub plugins`` prints). Importing the file registers it.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel

from hub.errors import ConfigurationError


class Kind(StrEnum):
    """The rooms that plug-ins live in; also the names of their packages under ``hub``."""

    ADAPTER = "adapters"
    CHANNEL = "channels"
    OCR = "ocr"


class NoOptions(BaseModel, extra="forbid"):
    """A plug-in without options."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """What is known of one plug-in; ``summary`` is the first line of its docstring."""

    kind: Kind
    name: str
    factory: Callable[..., Any]
    options: type[BaseModel]

    @property
    def summary(self) -> str:
        return (self.factory.__doc__ or "").strip().splitlines()[0]


_plugins: dict[tuple[Kind, str], Plugin] = {}


T = TypeVar("T")


def plugin(kind: Kind, name: str, options: type[BaseModel] = NoOptions) -> Callable[[type[T]], type[T]]:
    """Registers the decorated class as ``name`` of ``kind``."""

    def register(factory: type[T]) -> type[T]:
        _plugins[kind, name] = Plugin(kind, name, factory, options)
        return factory

    return register


def load_all() -> None:
    """Imports every file of the plug-in rooms, so that each registers itself."""
    for kind in Kind:
        package = importlib.import_module(f"hub.{kind.value}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"hub.{kind.value}.{module.name}")


def plugins(kind: Kind) -> Iterator[Plugin]:
    """All plug-ins of a kind, by name."""
    return iter(sorted((p for (k, _), p in _plugins.items() if k is kind), key=lambda p: p.name))


def find(kind: Kind, name: str, *, file: str, key: str) -> Plugin:
    """The plug-in of that name; ``file`` and ``key`` say where it was asked for."""
    try:
        return _plugins[kind, name]
    except KeyError:
        known = ", ".join(p.name for p in plugins(kind))
        raise ConfigurationError(file, key, f"no {kind.value} plug-in is called {name!r}; there are: {known}") from None

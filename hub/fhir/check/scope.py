"""What a value stands in while it is checked: the bundle, and the resource whose contained ones ``#…`` may mean."""

from collections.abc import Mapping
from typing import Any, TypeAlias

Met: TypeAlias = list[tuple[str, frozenset[str]]]
"""References that were looked up, each with the types it may lead to (none: any)."""


class Scope:
    """``targets`` are the types of the bundle's resources by their full URL, ``contained`` those within the resource at
    hand by ``#id``. ``met`` are the references so far, and ``local`` holds the ``#id`` among them."""

    __slots__ = ("contained", "local", "met", "targets")

    def __init__(self, targets: Mapping[Any, str]) -> None:
        self.targets = targets
        self.contained: Mapping[Any, str] = {}
        self.local: set[str] = set()
        self.met: Met = []

"""What a value stands in while it is checked: the bundle, and the resource whose contained ones ``#…`` may mean."""

from collections.abc import Mapping
from typing import Any


class Scope:
    """``targets`` are the types of the bundle's resources by their full URL, ``contained`` those within the resource at
    hand by ``#id``. ``local`` are the ``#id`` that were referred to so far."""

    __slots__ = ("contained", "local", "targets")

    def __init__(self, targets: Mapping[Any, str]) -> None:
        self.targets = targets
        self.contained: Mapping[Any, str] = {}
        self.local: set[str] = set()

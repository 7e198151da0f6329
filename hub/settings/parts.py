"""What parts of the configuration are made of: strict models, time zones, plug-ins by their kind, addresses."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from hub.errors import ConfigurationError

SecretRef = Annotated[str, Field(pattern=r"^((env|file):.+)?$")]
"""Where a secret is to be found, never the secret itself: ``env:NAME`` or ``file:PATH``; empty: there is none."""


def resolve(secret: str) -> str:
    """The secret that is referred to. Raises ``ConfigurationError`` when it is not there."""
    kind, _, place = secret.partition(":")
    if not secret:
        return ""
    try:
        found = os.environ[place] if kind == "env" else Path(place).read_text(encoding="utf-8").strip()
    except (KeyError, OSError):
        raise ConfigurationError("secret", secret, "is not there") from None
    if not found:
        raise ConfigurationError("secret", secret, "is empty")
    return found


def known_zone(name: str) -> str:
    """The name, when it is one of an IANA time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError):
        raise ValueError(f"{name!r} is not an IANA time zone such as America/New_York") from None
    return name


class Strict(BaseModel):
    """A part of the configuration: every key is known, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PluginUse(BaseModel, extra="allow", frozen=True):
    """A plug-in by its ``kind`` with its own options beside it."""

    kind: str

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where application acknowledgements go over MLLP on a connection of their own: with ``authorities`` (PEM file)
    over TLS, showing ``certificate``; ``confirmed`` says that each is answered there by a commit acknowledgement."""

    host: str
    port: int
    confirmed: bool = False
    authorities: Path | None = None
    certificate: Path | None = None

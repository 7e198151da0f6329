"""What parts of the configuration are made of: strict models, time zones, plug-ins by their kind, addresses."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict


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

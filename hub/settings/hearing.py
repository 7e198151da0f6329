"""How a practice wants to hear: at once, in a digest or not at all; when it is left in peace; who is told when nobody
has looked."""

from datetime import time
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from hub.model import Urgency
from hub.settings.parts import PluginUse, Strict


class When(StrEnum):
    """How soon a practice wants to hear of something."""

    IMMEDIATE = "immediate"
    DIGEST = "digest"
    OFF = "off"


class Hears(Strict):
    """A wish: for happenings of these ``kinds`` (none: all) and urgencies (none: all), ``when`` they are to be told."""

    kinds: tuple[str, ...] = ()
    urgency: tuple[Urgency, ...] = ()
    when: When

    def is_about(self, kind: str, urgency: Urgency) -> bool:
        """Whether the wish concerns such a notice."""
        return kind in (self.kinds or (kind,)) and urgency in (self.urgency or (urgency,))


class Quiet(Strict):
    """Local times between which only what is urgent is sent."""

    begins: time = time(19)
    ends: time = time(7)

    def holds(self, at: time) -> bool:
        """Whether it is quiet at that local time."""
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


class Escalation(Strict):
    """Who is told, and by which channel, when a notice of that urgency is not acknowledged in the inbox ``after`` so
    many minutes, or ``at`` that local time of the next business day."""

    urgency: Urgency
    after: int | None = Field(None, ge=1)
    at: time | None = None
    channel: PluginUse

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.after is None) == (self.at is None):
            raise ValueError("needs either after (minutes) or at (local time of the next business day)")
        return self

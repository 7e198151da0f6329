"""How a site follows its referrals: when a note is taken without asking, how long each step may take, and holidays."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.settings.parts import Strict

Span = Annotated[str, StringConstraints(pattern=r"^\d{1,4} (?:min|h|d|bd)$")]
"""``30 min``, ``4 h``, ``7 d`` (calendar days) or ``3 bd`` (business days)."""
Priority = Annotated[str, StringConstraints(pattern="^(?:stat|urgent|routine)$")]


class Spans(Strict):
    """How long something may take, by priority; what is not said is as it ships."""

    stat: Span | None = None
    urgent: Span | None = None
    routine: Span | None = None


class Timers(Strict):
    """How long each step may take, from the step before it."""

    accept: Spans = Spans()
    schedule: Spans = Spans()
    visit: Spans = Spans()
    note: Spans = Spans()
    review: Spans = Spans()
    decide: Spans = Spans()

    def said(self) -> Mapping[tuple[str, str], str]:
        """The spans that are said, by step and priority."""
        return {
            (step, priority): span
            for step, spans in self.model_dump(exclude_none=True).items()
            for priority, span in spans.items()
        }


class Timing(Strict):
    """What a practice has otherwise than the site: its spans, and the days on which it is closed besides."""

    timers: Timers = Timers()
    holidays: tuple[date, ...] = ()


class Referrals(Timing):
    """``config/referrals.yaml``."""

    automatic: Annotated[int, Field(ge=1, le=101)] = 85
    """From so many points on, a note that names no referral is taken as the answer to the only one that fits; 101:
    never."""
    escalate: Mapping[Priority, tuple[Span, Span]] = Field(default_factory=dict)
    """By priority: how long after it was due a step goes to the PCP, and then to the manager."""

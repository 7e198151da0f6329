"""Who did what to a resource, when and why, where its segment says so: Provenance beside that of the message itself."""

from collections.abc import Iterable
from functools import lru_cache

from hub.fhir.build import compact, concept
from hub.fhir.systems import TERMINOLOGY, V3
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import instant_of
from hub.model import Json

_KINDS = TERMINOLOGY + "provenance-participant-type"
RECIPIENT = concept(V3 + "ParticipationType", "IRCP", "information recipient")
"""One to whom a copy goes (v3-ParticipationType)."""


@lru_cache(maxsize=16)
def participant(kind: str) -> Json:
    """A type of Provenance.agent: ``author``, ``enterer``, ``performer``, ``attester``, ``informant`` …"""
    return {"coding": [{"system": _KINDS, "code": kind}]}


def agents(kind: Json, people: Iterable[Json], organization: Json | None = None) -> list[Json]:
    """Those people (References) as agents of that type, for an organization if one is given."""
    behalf = {"onBehalfOf": organization} if organization else {}
    return [{"type": kind, "who": who, **behalf} for who in people if who]


def provenance(of: Json, activity: str, who: list[Json], ctx: Context, **more: object) -> Json:
    """Adds what ``who`` (agents; the sender where nobody is named) did to a resource of the bundle, in words.

    ``more`` are further members (``occurredDateTime``, ``reason``). It is recorded when the message was made.
    """
    return ctx.add(
        compact(
            {
                "resourceType": "Provenance",
                "target": [ctx.reference(of)],
                **more,
                "recorded": ctx.event_time if "T" in ctx.event_time else instant_of(ctx.raw.received_at),
                "activity": {"text": activity},
                "agent": who or [{"who": {"display": ctx.raw.sender or ctx.feed.name}}],
            }
        ),
        ctx.raw.id,
        of["id"],
        activity,
        str(more.get("occurredDateTime", "")),
    )

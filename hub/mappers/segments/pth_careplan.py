"""PTH → CarePlan: a clinical pathway (HL7 v2.9, chapter 12.4.3)."""

from hub.fhir.build import compact, present
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.care import latest, meaning
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.dispatch import segment
from hub.mappers.facts import wording
from hub.model import Json

_STATUSES = {
    "DRAFT": "draft",
    "PLANNED": "draft",
    "ACTIVE": "active",
    "HOLD": "on-hold",
    "ON HOLD": "on-hold",
    "SUSPENDED": "on-hold",
    "COMPLETE": "completed",
    "CANCEL": "revoked",
    "REVOKED": "revoked",
}
_INTENTS = {"PRP": "proposal", "ORD": "order", "RQO": "order"}
"""PTH-7 (table 0725); a pathway is a plan where its mood says nothing else."""


@segment("PTH")
def pth_careplan(pth: Segment, ctx: Context) -> Json | None:
    """Adds the pathway, for the problem and the goal that the message tells before it."""
    pathway, identifier = cwe_codeableconcept(pth[2], ctx), ei_identifier(pth[3].first, ctx)
    deleted = pth[1].text.upper() in {"DE", "DELETE"}
    leads = ctx.message is not None and ctx.message.type == "PPP"
    problem, goal = (None, None) if leads else (latest("Condition", ctx), latest("Goal", ctx))
    return ctx.add(
        {
            "resourceType": "CarePlan",
            "extension": ctx.removals(pth),
            "identifier": [identifier] if identifier else None,
            "status": "entered-in-error" if deleted else meaning(pth[5], _STATUSES) or "unknown",
            "intent": _INTENTS.get(pth[7].text.upper(), "plan"),
            "category": present([pathway]),
            "title": pathway.get("text"),
            "subject": ctx.whom,
            "encounter": ctx.visit,
            "created": field_datetime(pth[4], ctx),
            "addresses": [ctx.reference(problem)] if problem else None,
            "goal": [ctx.reference(goal)] if goal else None,
            "note": _notes(pth, ctx),
        },
        ctx.owner,
        identifier_key(identifier, ctx.feed.name) if identifier else wording(pth[2]),
    )


def _notes(pth: Segment, ctx: Context) -> list[Json]:
    """What was done (PTH-1), the life cycle status as sent (-5) and since when (-6), and the mood (-7)."""
    said = {"Action": (pth[1], ""), "Life cycle status": (pth[5], field_datetime(pth[6], ctx)), "Mood": (pth[7], "")}
    return [
        compact({"time": when, "text": f"{about}: {words}"})
        for about, (field, when) in said.items()
        if (words := " ".join(dict.fromkeys(filter(None, (field.text, field.first[2])))))
    ]

"""GOL → Goal (HL7 v2.9, chapter 12.4.1)."""

from hub.fhir.build import complete, concept, present
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.care import action, assessment, latest, meaning
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.dispatch import segment
from hub.mappers.facts import COUNT, Fact, coded, facts, moment, name, notes_of, text, wording
from hub.model import Json

_STATUSES = {
    "PROPOSED": "proposed",
    "PLANNED": "planned",
    "ACCEPTED": "accepted",
    "ACTIVE": "active",
    "HOLD": "on-hold",
    "ON HOLD": "on-hold",
    "SUSPENDED": "on-hold",
    "COMPLETE": "completed",
    "ACHIEVED": "completed",
    "CANCEL": "cancelled",
    "REJECTED": "rejected",
}
_FACTS = (
    Fact(5, "Episode of care", text),
    Fact(6, "Priority on the goal list", COUNT),
    Fact(11, "Current review", coded()),
    Fact(12, "Reviewed on", moment),
    Fact(13, "Next review", moment),
    Fact(14, "Previous review", moment),
    Fact(15, "Interval of reviews", text),
    Fact(18, "Life cycle status", coded()),
    Fact(20, "Type of target", coded()),
    Fact(21, "Target person", name),
    Fact(22, "Mood", coded("0725")),
)


@segment("GOL")
def gol_goal(gol: Segment, ctx: Context) -> Json | None:
    """Adds the goal; a message of problems tells it after the problem that it addresses."""
    identifier = ei_identifier(gol[4].first, ctx)
    deleted = gol[1].text.upper() in {"DE", "DELETE"}
    due = field_datetime(gol[8], ctx)[:10]
    problem = latest("Condition", ctx) if ctx.message and ctx.message.type == "PPR" else None
    goal = ctx.add(
        {
            "resourceType": "Goal",
            "extension": ctx.removals(gol),
            "identifier": [identifier] if identifier else None,
            "lifecycleStatus": "entered-in-error" if deleted else meaning(gol[18], _STATUSES) or "active",
            "achievementStatus": cwe_codeableconcept(gol[16], ctx),
            "category": present([cwe_codeableconcept(gol[9], ctx), *each(gol[10], cwe_codeableconcept, ctx)]),
            "description": cwe_codeableconcept(gol[3], ctx) or concept("", "", text="not stated"),
            "subject": ctx.whom,
            "startDate": field_datetime(gol[7], ctx)[:10],
            "target": [{"dueDate": due}] if due else None,
            "statusDate": field_datetime(gol[19], ctx)[:10],
            "addresses": [ctx.reference(problem)] if problem else None,
            "note": [*action(gol, ctx), *notes_of(gol[17])],
        },
        ctx.owner,
        identifier_key(identifier, ctx.feed.name) if identifier else wording(gol[3]),
    )
    assessment(goal, "Review of the goal", facts(gol, _FACTS, ctx), ctx)
    if (plan := latest("CarePlan", ctx)) and ctx.message and ctx.message.type == "PPP":
        complete(plan, {"goal": [ctx.reference(goal)]})
    return goal

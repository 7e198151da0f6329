"""ACC → Condition, Encounter.reasonReference and Claim.accident (HL7 v2.9, chapter 6.5.9)."""

from hub.fhir.build import compact, complete
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.billing import inform, visit_claim
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.dispatch import segment
from hub.mappers.facts import COUNT, YES_NO, Fact, coded, facts, notes_of, supporting, text
from hub.model import Json

_TYPE = Table("0050")
_FACTS = (
    Fact(4, "State of the auto accident", coded("0347")),
    Fact(5, "Job related", YES_NO),
    Fact(6, "Death by accident", YES_NO),
    Fact(9, "Brought in by", text),
    Fact(10, "Police notified", YES_NO),
    Fact(12, "Degree of the patient's liability", COUNT),
)


@segment("ACC")
def acc_condition(acc: Segment, ctx: Context) -> Json | None:
    """Adds the accident: what the visit is for, with its place and circumstances as notes, and for the bill."""
    kind = cwe_codeableconcept(acc[2], ctx, _TYPE)
    numbers = each(acc[13], ei_identifier, ctx)
    when = field_datetime(acc[1], ctx)
    place = {} if acc[11].first else {"text": acc[3].text}
    condition = ctx.add(
        {
            "resourceType": "Condition",
            "extension": ctx.removals(acc),
            "identifier": numbers,
            "code": {**kind, "text": kind.get("text", "Accident")},
            "subject": ctx.whom,
            "encounter": ctx.visit,
            "onsetDateTime": when,
            "recorder": xcn_reference(acc[7], ctx),
            "note": notes_of(acc[3], acc[8]),
        },
        ctx.stay,
        "accident",
        identifier_key(numbers[0], ctx.feed.name) if numbers else when,
    )
    if ctx.encounter is not None:
        complete(ctx.encounter, {"reasonReference": [ctx.reference(condition)]})
    claim, address = visit_claim(ctx), {**place, **xad_address(acc[11].first, ctx)}
    _claims(claim, compact({"date": when[:10], "type": kind, "locationAddress": compact(address)}))
    inform(claim, supporting(facts(acc, _FACTS, ctx)))
    return condition


def _claims(claim: Json, accident: Json) -> None:
    """R4 wants the day of an accident."""
    if "date" in accident:
        claim.setdefault("accident", accident)

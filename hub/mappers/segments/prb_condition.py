"""PRB → Condition of the problem list (HL7 v2.9, chapter 12.4.2)."""

from hub.fhir.build import complete, concept, present
from hub.fhir.ids import identifier_key
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.care import action, assessment, latest, meaning, restate
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.dispatch import segment
from hub.mappers.facts import COUNT, Fact, coded, facts, moment, notes_of, text, wording
from hub.model import Json

_PROBLEM = concept(TERMINOLOGY + "condition-category", "problem-list-item", "Problem List Item")
_CLINICAL = TERMINOLOGY + "condition-clinical"
_VERIFICATION = TERMINOLOGY + "condition-ver-status"
_STATUSES = {"INACTIVE": "inactive", "RESOLVED": "resolved", "REMISSION": "remission", "REC": "recurrence"}
_CERTAIN = {"CONFIRMED": "confirmed", "UNCONFIRMED": "unconfirmed", "PROVISIONAL": "provisional"} | {
    "DIFFERENTIAL": "differential",
    "REFUTED": "refuted",
}
_OVER = {"inactive", "remission", "resolved"}
_RESOLVED = Fact(9, "Actual resolution", moment)
"""Of a problem that was entered in error, which has no clinical status and so no abatement (con-4, con-5)."""
_FACTS = (
    Fact(5, "Episode of care", text),
    Fact(6, "Priority on the problem list", COUNT),
    Fact(8, "Anticipated resolution", moment),
    Fact(12, "Persistence", coded()),
    Fact(13, "Confirmation", coded()),
    Fact(14, "Life cycle status", coded()),
    Fact(15, "Life cycle status since", moment),
    Fact(18, "Ranking", coded()),
    Fact(19, "Certainty", coded()),
    Fact(20, "Probability", COUNT),
    Fact(21, "Awareness of the patient", coded()),
    Fact(22, "Prognosis", coded()),
    Fact(23, "Awareness of the prognosis", coded()),
    Fact(24, "Awareness of the family", text),
    Fact(27, "Perspective", coded()),
    Fact(28, "Mood", coded("0725")),
)


@segment("PRB")
def prb_condition(prb: Segment, ctx: Context) -> Json | None:
    """Adds the problem; what R4's Condition has no element for becomes an Observation that has it in focus."""
    code, identifier = cwe_codeableconcept(prb[3], ctx), ei_identifier(prb[4].first, ctx)
    onset, security = field_datetime(prb[16], ctx), cwe_coding(prb[25], ctx)
    facts_stated = (_RESOLVED, *_FACTS) if _deleted(prb) else _FACTS
    condition = ctx.add(
        {
            "resourceType": "Condition",
            "meta": {"security": [security]} if security else None,
            "extension": ctx.removals(prb),
            "identifier": [identifier] if identifier else None,
            "category": [_PROBLEM, *_kinds(prb, ctx)],
            "severity": cwe_codeableconcept(prb[26], ctx),
            "code": code,
            "subject": ctx.whom,
            "encounter": ctx.visit,
            "onsetDateTime": onset,
            "onsetString": "" if onset else prb[17].text,
            "abatementDateTime": "" if _deleted(prb) else field_datetime(prb[9], ctx),
            "recordedDate": field_datetime(prb[7], ctx),
            "note": [*action(prb, ctx), *(notes_of(prb[17]) if onset else ())],
        },
        ctx.owner,
        identifier_key(identifier, ctx.feed.name) if identifier else wording(prb[3]),
    )
    restate(condition, _status(prb, over="abatementDateTime" in condition))
    assessment(condition, "Assessment of the problem", facts(prb, facts_stated, ctx), ctx)
    _belongs(condition, ctx)
    return condition


def _status(prb: Segment, *, over: bool) -> Json:
    """Clinical status by PRB-9 and -14, certainty by -13 and -19; a problem that is deleted was entered in error, and
    R4 then wants no clinical status (constraint con-5)."""
    if _deleted(prb):
        return {"verificationStatus": concept(_VERIFICATION, "entered-in-error")}
    status = meaning(prb[14], _STATUSES) or "active"
    if over and status not in _OVER:
        status = "resolved"
    certain = meaning(prb[13], _CERTAIN) or meaning(prb[19], _CERTAIN)
    verified = {"verificationStatus": concept(_VERIFICATION, certain)} if certain else {}
    return {"clinicalStatus": concept(_CLINICAL, status), **verified}


def _deleted(prb: Segment) -> bool:
    return prb[1].text.upper() in {"DE", "DELETE"}


def _kinds(prb: Segment, ctx: Context) -> list[Json]:
    """Classification (PRB-10) and disciplines (-11)."""
    return present([cwe_codeableconcept(prb[10], ctx), *each(prb[11], cwe_codeableconcept, ctx)])


def _belongs(condition: Json, ctx: Context) -> None:
    """The goal or pathway that a message of goals (PGL) or pathways (PPP) tells before its problems."""
    leads = {"PGL": "Goal", "PPP": "CarePlan"}.get(ctx.message.type if ctx.message else "")
    if leads and (leading := latest(leads, ctx)):
        complete(leading, {"addresses": [ctx.reference(condition)]})

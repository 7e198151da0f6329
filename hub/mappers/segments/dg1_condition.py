"""DG1 → Condition and Encounter.diagnosis (HL7 v2.9, chapter 6.5.2)."""

from hub.fhir.build import compact, complete, concept
from hub.fhir.codes import DIAGNOSIS_USE
from hub.fhir.ids import identifier_key
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.model import Json

_CATEGORY = concept(TERMINOLOGY + "condition-category", "encounter-diagnosis", "Encounter Diagnosis")
_IN_ERROR = concept(TERMINOLOGY + "condition-ver-status", "entered-in-error", "Entered in Error")


def dg1_condition(dg1: Segment, ctx: Context) -> Json | None:
    """Adds the Condition and names it in the Encounter; the same code is the same condition of that visit."""
    code = _code(dg1, ctx)
    identifier = ei_identifier(dg1[20].first, ctx)
    if not code or ctx.patient is None:
        return None
    condition = ctx.add(
        {
            "resourceType": "Condition",
            "extension": ctx.removals(dg1),
            "identifier": [identifier] if identifier else None,
            "verificationStatus": _IN_ERROR if dg1[21].text == "D" else None,
            "category": [_CATEGORY],
            "code": code,
            "subject": ctx.subject,
            "encounter": ctx.visit,
            "onsetDateTime": field_datetime(dg1[5], ctx),
            "recordedDate": field_datetime(dg1[19], ctx),
            "asserter": xcn_reference(dg1[16], ctx),
        },
        (ctx.encounter or ctx.patient)["id"],
        identifier_key(identifier, ctx.feed.name) if identifier else _key(code),
    )
    if ctx.encounter is not None and dg1[21].text != "D":
        complete(ctx.encounter, {"diagnosis": [_diagnosis(dg1, condition, ctx)]})
    return condition


def _code(dg1: Segment, ctx: Context) -> Json:
    """DG1-3, with DG1-4 as its words."""
    code, words = cwe_codeableconcept(dg1[3], ctx), dg1[4].text
    return {**code, "text": words} if words else code


def _key(code: Json) -> str:
    first = code["coding"][0] if "coding" in code else {"code": code["text"]}
    return f"{first.get('system', '')}|{first.get('code', '')}"


def _diagnosis(dg1: Segment, condition: Json, ctx: Context) -> Json:
    rank = dg1[15].text.strip()
    return compact(
        {
            "condition": ctx.reference(condition),
            "use": cwe_codeableconcept(dg1[6], ctx, DIAGNOSIS_USE),
            "rank": int(rank) if rank.isascii() and rank.isdigit() and 0 < int(rank) < 1000 else None,
        }
    )

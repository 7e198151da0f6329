"""DG1 → Condition and Encounter.diagnosis (HL7 v2.9, chapter 6.5.2)."""

from hub.fhir.build import compact, complete, concept, extension, identified, present
from hub.fhir.codes import DIAGNOSIS_USE, Table, untranslated
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION, TERMINOLOGY, V3
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.billing import numbered, visit_claim
from hub.mappers.context import Context, Whose
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.dispatch import segment
from hub.mappers.facts import DAYS, YES_NO, Fact, coded, components, facts, money, remarks, text
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import remembered_fields, remembered_segment
from hub.mappers.segments.drg_observation import related_group
from hub.model import Json, stable_id

_CATEGORY = concept(TERMINOLOGY + "condition-category", "encounter-diagnosis", "Encounter Diagnosis")
_IN_ERROR = concept(TERMINOLOGY + "condition-ver-status", "entered-in-error", "Entered in Error")
_RESTRICTED = {"security": [{"system": V3 + "Confidentiality", "code": "R", "display": "restricted"}]}
_CLASSIFICATION = Table("0228")
_ON_ADMISSION = Table("0895")
_DRG = Table("0055")
_GROUPER = range(7, 15)
_GROUPER_FACTS = (
    Fact(7, "Major diagnostic category", coded("0118")),
    Fact(9, "DRG approved", YES_NO),
    Fact(10, "DRG grouper review", coded("0056")),
    Fact(11, "Outlier type", coded("0083")),
    Fact(12, "Outlier days", DAYS),
    Fact(13, "Outlier cost", money),
    Fact(14, "Grouper version and type", text),
    Fact(23, "Complication and comorbidity level", coded("0728")),
    Fact(24, "Used by the grouper", YES_NO),
    Fact(25, "DRG diagnosis determination", coded("0731")),
)


@segment("DG1")
def dg1_condition(dg1: Segment, ctx: Context) -> Json | None:
    """Adds the Condition and names it in the Encounter; the same code is the same condition of that visit."""
    told, diagnosis = _condition(dg1, ctx, ctx.whose)
    if told is None:
        return None
    condition = ctx.keep(told)
    if ctx.encounter is not None and diagnosis:
        complete(ctx.encounter, {"diagnosis": [diagnosis]})
    if len(dg1) > 6:
        _further(dg1, condition, ctx)
    return condition


@remembered_segment
def _condition(dg1: Segment, ctx: Mentions, whose: Whose) -> tuple[Json | None, Json | None]:
    """The Condition, and how the Encounter names it."""
    code = _code(dg1, ctx)
    identifier = ei_identifier(dg1[20].first, ctx)
    if not (code or identifier):
        return None, None
    onset = field_datetime(dg1[5], ctx)
    condition = identified(
        {
            "resourceType": "Condition",
            "meta": _RESTRICTED if dg1[18].text == "Y" else None,
            "extension": ctx.removals(dg1),
            "identifier": [identifier] if identifier else None,
            "verificationStatus": _IN_ERROR if dg1[21].text == "D" else None,
            "category": _categories(dg1, ctx, whose),
            "code": code,
            "subject": whose.whom,
            "encounter": whose.encounter,
            "onsetDateTime": onset,
            "recordedDate": field_datetime(dg1[19], ctx),
            "asserter": xcn_reference(dg1[16], ctx),
            "note": remarks((dg1[5], "Date of the diagnosis", onset)) if dg1[5] else None,
        },
        whose.stay,
        identifier_key(identifier, ctx.feed.name) if identifier else _key(code),
    )
    return condition, _diagnosis(dg1, condition, ctx) if whose.visit and dg1[21].text != "D" else None


@remembered_fields(2, 3, 4)
def _code(dg1: Segment, ctx: Notes) -> Json:
    """DG1-3, whose coding system DG1-2 names in old messages, with DG1-4 as its words."""
    code, words = cwe_codeableconcept(of_method(dg1[3].first, dg1[2].text), ctx), dg1[4].text
    return {**code, "text": words} if words else code


def of_method(cwe: Repetition, method: str) -> Repetition:
    """A code with the coding method (DG1-2, PR1-2) as the name of its coding system, where it has none."""
    if not method or cwe[3] or not cwe[1]:
        return cwe
    parts = [cwe.part(1), cwe.part(2), method, *(cwe.part(at) for at in range(4, len(cwe) + 1))]
    return cwe.like(cwe.syntax.component.join(parts))


def _key(code: Json) -> str:
    first = code["coding"][0] if "coding" in code else {"code": code.get("text", "")}
    return f"{first.get('system', '')}|{first.get('code', '')}"


def _categories(dg1: Segment, ctx: Notes, whose: Whose) -> list[Json]:
    """An encounter's diagnosis; its classification (DG1-17), and its use (-6) where no Encounter can say it."""
    apart = not whose.visit or dg1[21].text == "D"
    use = cwe_codeableconcept(dg1[6], ctx, DIAGNOSIS_USE) if apart else None
    return present([_CATEGORY, use, cwe_codeableconcept(dg1[17], ctx, _CLASSIFICATION)])


def _diagnosis(dg1: Segment, condition: Json, ctx: Mentions) -> Json:
    """Encounter.diagnosis: in which use (DG1-6) and at which place among others (-15)."""
    rank = dg1[15].text.strip()
    return compact(
        {
            "condition": ctx.reference(condition),
            "use": cwe_codeableconcept(dg1[6], ctx, DIAGNOSIS_USE),
            "rank": int(rank) if rank.isascii() and rank.isdigit() and 0 < int(rank) < 1000 else None,
        }
    )


def _further(dg1: Segment, condition: Json, ctx: Context) -> None:
    """What a billing system says beyond: the group, who else diagnosed, whether it was there on admission."""
    if len(dg1) > 22 or any(dg1[field] for field in _GROUPER):
        _group(dg1, condition, ctx)
    others = list(dg1[16])[1:]
    parent = ei_identifier(dg1[22].first, ctx)
    if others or parent:
        participants = [_participant(xcn_reference(xcn, ctx)) for xcn in others]
        complete(condition, {"extension": [*participants, *_due_to(parent, ctx)]})
    if dg1[26]:
        _on_admission(dg1, condition, ctx)


def _group(dg1: Segment, condition: Json, ctx: Context) -> None:
    """The diagnosis related group (DG1-8) and how the grouper came to it."""
    members = {
        "focus": [ctx.reference(condition)],
        "valueCodeableConcept": cwe_codeableconcept(dg1[8], ctx, _DRG),
        "component": components(facts(dg1, _GROUPER_FACTS, ctx)),
    }
    related_group(dg1, members, ctx)


def _participant(who: Json) -> Json:
    """A further diagnosing clinician: R4's Condition has one asserter, R5's many participants."""
    return {
        "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Condition.participant",
        "extension": [{"url": "actor", "valueReference": who}],
    }


def _due_to(parent: Json, ctx: Context) -> list[Json]:
    """The diagnosis that this one follows from (DG1-22), by its identifier: a reference where it is in the bundle."""
    if not parent:
        return []
    owner = ctx.stay
    known = ctx.resources.get(stable_id("Condition", owner, identifier_key(parent, ctx.feed.name)))
    cause = {**(ctx.reference(known) if known else {"type": "Condition"}), "identifier": parent}
    return [extension(EXTENSION + "condition-dueTo", "Reference", cause)]


def _on_admission(dg1: Segment, condition: Json, ctx: Context) -> None:
    """DG1-26, in the Claim that is being prepared: R4 asks it of a diagnosis there."""
    claim = visit_claim(ctx)
    line = {
        "diagnosisReference": ctx.reference(condition),
        "type": present([cwe_codeableconcept(dg1[6], ctx, untranslated(DIAGNOSIS_USE.number))]),
        "onAdmission": cwe_codeableconcept(dg1[26], ctx, _ON_ADMISSION),
        "packageCode": cwe_codeableconcept(dg1[8], ctx, _DRG),
    }
    numbered(claim, "diagnosis", compact(line))

"""AL1 → AllergyIntolerance (HL7 v2.9, chapter 3.4.6)."""

from hub.fhir.build import concept
from hub.fhir.codes import ALLERGEN_TYPE, ALLERGY_CATEGORY, ALLERGY_CRITICALITY, REACTION_SEVERITY
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered_fields
from hub.model import Json

_ACTIVE = concept(TERMINOLOGY + "allergyintolerance-clinical", "active", "Active")


def al1_allergyintolerance(al1: Segment, ctx: Context) -> Json | None:
    """Adds the allergy; its category keeps the sender's code beside R4's (extension ``alternate-codes``)."""
    coded = _coded(al1, ctx)
    if not coded or ctx.subject is None or ctx.patient is None:
        return None
    return ctx.add(
        {
            "resourceType": "AllergyIntolerance",
            "extension": ctx.removals(al1),
            "clinicalStatus": _ACTIVE,
            **coded,
            "patient": ctx.subject,
            "onsetDateTime": field_datetime(al1[6], ctx),
            "reaction": _reactions(al1, ctx),
        },
        ctx.patient["id"],
        _key(coded["code"]),
    )


@remembered_fields(2, 3, 4)
def _coded(al1: Segment, ctx: Notes) -> Json:
    """To what, of which sort and how dangerous; nothing where AL1-3 does not say to what."""
    code = cwe_codeableconcept(al1[3], ctx)
    if not code:
        return {}
    return {
        **_category(al1, ctx),
        "criticality": ALLERGY_CRITICALITY.codes.get(al1[4].text, ""),
        "code": code,
    }


def _key(code: Json) -> str:
    """The first coding, else the words."""
    if "coding" not in code:
        return str(code["text"])
    return f"{code['coding'][0].get('system', '')}|{code['coding'][0]['code']}"


def _category(al1: Segment, ctx: Notes) -> Json:
    sent = cwe_codeableconcept(al1[2], ctx, ALLERGEN_TYPE)
    if not sent:
        return {}
    category = ctx.translated(ALLERGY_CATEGORY, al1[2])
    original = [alternate_codes(sent)]
    return {"category": [category], "_category": original} if category else {"_category": original}


def _reactions(al1: Segment, ctx: Context) -> list[Json]:
    """AL1-5 as manifestations; the severity (AL1-4) is a reaction's only where there is one."""
    severity = ctx.translated(REACTION_SEVERITY, al1[4])
    shown = [{"text": reaction.text} for reaction in al1[5]]
    if not shown:
        return []
    return [{"manifestation": shown, **({"severity": severity} if severity else {})}]

"""AL1 → AllergyIntolerance (HL7 v2.9, chapter 3.4.6)."""

from hub.fhir.build import concept, identified
from hub.fhir.codes import ALLERGEN_TYPE, ALLERGY_CATEGORY, ALLERGY_CRITICALITY, REACTION_SEVERITY, Table, untranslated
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context, Whose
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.dispatch import segment
from hub.mappers.facts import codes_of, remarks, wording
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import remembered_fields, remembered_segment
from hub.model import Json

ACTIVE = concept(TERMINOLOGY + "allergyintolerance-clinical", "active", "Active")


@segment("AL1")
def al1_allergyintolerance(al1: Segment, ctx: Context) -> Json | None:
    """Adds the allergy; its category and severity keep the sender's codes beside R4's (extension ``alternate-codes``).

    An allergy that AL1-3 does not name is one still: of that category, with that reaction.
    """
    told = _allergy(al1, ctx, ctx.whose)
    return ctx.keep(sorted_once(told, ctx, told["id"])) if told else None


@remembered_segment
def _allergy(al1: Segment, ctx: Mentions, whose: Whose) -> Json | None:
    coded, reactions = allergy(al1, ctx), reaction_of(each(al1[5], manifestation, ctx), al1[4], ctx)
    onset = field_datetime(al1[6], ctx)
    if not (coded or reactions or onset):
        return None
    stated = allergy_key(coded["code"]) if "code" in coded else "|".join(map(wording, al1))
    return identified(
        {
            "resourceType": "AllergyIntolerance",
            "extension": ctx.removals(al1),
            "clinicalStatus": ACTIVE,
            **coded,
            "patient": whose.whom,
            "onsetDateTime": onset,
            "note": remarks((al1[6], "Identified", onset)) if al1[6] else None,
            "reaction": reactions,
        },
        whose.owner,
        stated,
    )


@remembered_fields(2, 3, 4)
def allergy(al1: Segment, ctx: Notes) -> Json:
    """To what, of which sort and how dangerous: fields 2, 3 and 4 of AL1 and IAM."""
    code = cwe_codeableconcept(al1[3], ctx)
    return {
        **_category(al1[2], ctx),
        **_code("criticality", al1[4], ALLERGY_CRITICALITY, ctx),
        **({"code": code} if code else {}),
    }


def sorted_once(members: Json, ctx: Context, identity: str) -> Json:
    """Without a category where the same allergy has one already: the sender's own codes stand beside the categories by
    their places, and two lists cannot be united so."""
    known = ctx.resources.get(identity)
    if known is None or not known.keys() & {"category", "_category"}:
        return members
    return {name: value for name, value in members.items() if name not in {"category", "_category"}}


def allergy_key(code: Json) -> str:
    """The first coding, else the words."""
    if not codes_of(code):
        return str(code.get("text") or code["coding"][0].get("display", ""))
    return f"{code['coding'][0].get('system', '')}|{code['coding'][0].get('code', '')}"


def reaction_of(shown: list[Json], severity: Field, ctx: Notes) -> list[Json]:
    """A reaction with its manifestations; the severity (AL1-4, IAM-4) is a reaction's only where there is one."""
    if not shown:
        return []
    code = ctx.translated(REACTION_SEVERITY, severity)
    return [{"manifestation": shown, **({"severity": code} if code else {})}]


def manifestation(shown: Repetition, ctx: Notes) -> Json:
    """A reaction in words, or as a code where the sender has one."""
    if len(shown) > 1:
        return cwe_codeableconcept(shown, ctx)
    return {"text": words} if (words := shown.text) else {}


def _category(field: Field, ctx: Notes) -> Json:
    """A category, and the sender's own beside it."""
    sent = cwe_codeableconcept(field, ctx, ALLERGEN_TYPE)
    if not sent:
        return {}
    category = ctx.translated(ALLERGY_CATEGORY, field)
    original = [alternate_codes(sent)]
    return {"category": [category], "_category": original} if category else {"_category": original}


def _code(member: str, field: Field, table: Table, ctx: Notes) -> Json:
    """The criticality, and the sender's severity beside it, which may mean less (``MO``)."""
    sent = cwe_codeableconcept(field, ctx, untranslated(table.number))
    if not sent:
        return {}
    code = table.codes.get(field.text.strip().upper(), "")
    return {**({member: code} if code else {}), f"_{member}": alternate_codes(sent)}

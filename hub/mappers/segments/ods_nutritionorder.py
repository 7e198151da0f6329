"""ODS and ODT → NutritionOrder: diets, supplements, preferences and trays (HL7 v2.9, chapter 4.8)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_codes, concept_words
from hub.mappers.datatypes.dtm_datetime import instant_of
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_KIND, _TRAY = Table("0159"), Table("0160")


@segment("ODS")
def ods_nutritionorder(ods: Segment, ctx: Context) -> Json | None:
    """Adds the NutritionOrder: ODS-1 whether a diet (D), a supplement (S) or a preference (P), -2 for which meals, -3
    what, -4 instructions."""
    what = present(cwe_codeableconcept(cwe, ctx) for cwe in ods[3])
    words = _words(ods[4])
    if ods[1].text == "S":
        diet: Json = {"supplement": [compact({"type": one, "instruction": words}) for one in what]}
    elif ods[1].text == "P":
        diet = {"foodPreferenceModifier": what}
    else:
        diet = {"oralDiet": compact({"type": what, "instruction": words})}
    kind = [{"text": f"Type: {code}"} for code in concept_codes(cwe_codeableconcept(ods[1], ctx, _KIND))]
    preference = [{"text": words}] if ods[1].text == "P" and words else []
    return _order(ods, {**diet, "note": [*kind, *_periods(ods[2], ctx), *preference]}, ctx)


@segment("ODT")
def odt_nutritionorder(odt: Segment, ctx: Context) -> Json | None:
    """Adds the order for a tray: ODT-1 what kind of tray, -2 for which meals, -3 instructions."""
    tray = cwe_codeableconcept(odt[1], ctx, _TRAY)
    diet = compact({"type": [tray] if tray else None, "instruction": _words(odt[3])})
    return _order(odt, {"oralDiet": diet, "note": _periods(odt[2], ctx)}, ctx)


def _order(of: Segment, members: Json, ctx: Context) -> Json | None:
    if ctx.subject is None:
        zzz_basic(of, ctx)
        return None
    return ctx.add(
        {
            "resourceType": "NutritionOrder",
            "status": "active",
            "intent": "order",
            "patient": ctx.subject,
            "encounter": ctx.visit,
            "dateTime": ctx.event_time or instant_of(ctx.raw.received_at),
            **members,
        },
        ctx.raw.id,
        str(of.line),
    )


def _words(field: Field) -> str:
    return "\n".join(text.text for text in field)


def _periods(field: Field, ctx: Context) -> list[Json]:
    """For which meals, in words."""
    found = (concept_words(cwe_codeableconcept(cwe, ctx)) for cwe in field)
    return [{"text": f"Service period: {words}"} for words in found if words]

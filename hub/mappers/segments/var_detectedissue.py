"""VAR → DetectedIssue: how the course differs from what was planned (HL7 v2.9, chapter 12.4.4)."""

from hub.fhir.build import compact, complete
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.dispatch import segment
from hub.model import Json

_NOTED = {"Condition", "Goal", "CarePlan"}


@segment("VAR")
def var_detectedissue(var: Segment, ctx: Context) -> Json | None:
    """Adds the variance, implicated in which is the problem, goal or pathway before it; who documented it and when is a
    note there. Returns what it is about, so that the next VAR is about the same."""
    about = ctx.last
    number, author = ei_identifier(var[1].first, ctx), xcn_reference(var[4], ctx)
    stated = field_datetime(var[3], ctx)
    words = "\n".join(said.text for said in var[6])
    ctx.add(
        {
            "resourceType": "DetectedIssue",
            "extension": ctx.removals(var),
            "identifier": [number] if number else None,
            "status": "final",
            "code": cwe_codeableconcept(var[5], ctx),
            "patient": ctx.subject,
            "identifiedDateTime": stated or field_datetime(var[2], ctx),
            "author": author,
            "implicated": [ctx.reference(about)] if about else None,
            "detail": words,
        },
        *((identifier_key(number, ctx.feed.name),) if number else (ctx.raw.id, str(var.line))),
    )
    if about is not None and about["resourceType"] in _NOTED:
        _documented(var, about, words, ctx)
    return about


def _documented(var: Segment, about: Json, words: str, ctx: Context) -> None:
    if not words:
        return
    documented = field_datetime(var[2], ctx)
    authors = each(var[4], xcn_reference, ctx)
    notes = [
        compact({"authorReference": author, "time": documented, "text": f"Variance: {words}"})
        for author in authors or [{}]
    ]
    complete(about, {"note": notes})

"""PR1 → Procedure (HL7 v2.9, chapter 6.5.4)."""

from datetime import datetime, timedelta

from hub.fhir.build import compact, complete, concept, extension, period, present, token
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.fhir.systems import EXTENSION, SNOMED
from hub.formats.hl7v2.segment import Segment
from hub.mappers.billing import numbered, visit_claim
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.dispatch import segment
from hub.mappers.facts import YES_NO, Fact, coded, components, facts, remarks
from hub.mappers.segments.dg1_condition import of_method
from hub.model import Json, stable_id

_TYPE = Table("0230")
_ANESTHESIA = Table("0019")
_ANESTHETIST = concept(SNOMED, "88189002", "Anesthesiologist")
_SURGEON = concept(SNOMED, "304292004", "Surgeon")
_PERFORMERS = ((8, _ANESTHETIST), (11, _SURGEON), (12, None))
_ANESTHESIA_KIND = concept(SNOMED, "399097000", "Administration of anesthesia")
_DETAILS = (
    Fact(13, "Consent", coded("0059")),
    Fact(18, "Tissue type", coded("0417")),
    Fact(24, "Respiration within surgery", YES_NO),
)
_RANKS = ((14, Table("0418")), (17, Table("0416")), (21, Table("0761")), (22, Table("0763")))
"""Priority, and the grouper's type, determination and relevance."""


@segment("PR1")
def pr1_procedure(pr1: Segment, ctx: Context) -> Json | None:
    """Adds the Procedure. PR1 does not say whether it was done: its status is ``unknown``, unless PR1-20 deletes it."""
    code, identifier = _code(pr1, ctx), ei_identifier(pr1[19].first, ctx)
    if not (code or identifier):
        return None
    start = field_datetime(pr1[5], ctx)
    procedure = ctx.add(
        {
            "resourceType": "Procedure",
            "extension": [*_duration(pr1[7].text), *ctx.removals(pr1)],
            "identifier": [identifier] if identifier else None,
            "status": "entered-in-error" if pr1[20].text == "D" else "unknown",
            "category": cwe_codeableconcept(pr1[6], ctx, _TYPE),
            "code": code,
            "subject": ctx.whom,
            "encounter": ctx.visit,
            **_performed(start, pr1[7].text),
            "performer": _performers(pr1, ctx),
            "location": _location(pr1, ctx),
            "reasonCode": each(pr1[15], cwe_codeableconcept, ctx),
            "partOf": _parent(pr1, ctx),
            "note": remarks((pr1[5], "Date of the procedure", start)),
        },
        ctx.stay,
        identifier_key(identifier, ctx.feed.name) if identifier else _key(code),
        "" if identifier else start,
    )
    if ctx.charge is not None and ctx.charge["subject"] == ctx.whom:
        complete(ctx.charge, {"service": [ctx.reference(procedure)]})
    if len(pr1) > 8:
        _further(pr1, procedure, ctx)
    return procedure


def _code(pr1: Segment, ctx: Context) -> Json:
    """PR1-3 with all its repetitions, named by PR1-2 where it has no coding system, and PR1-4 as its words; a modifier
    (PR1-16) follows the code after a colon, as CPT writes it."""
    sent = [cwe_codeableconcept(of_method(cwe, pr1[2].text), ctx) for cwe in pr1[3]]
    codings = [one for code in sent for one in code.get("coding", ())]
    if (modifiers := [modifier[1] for modifier in pr1[16] if modifier[1]]) and codings and "code" in codings[0]:
        plain = {name: value for name, value in codings[0].items() if name != "display"}
        codings.append({**plain, "code": token(":".join((codings[0]["code"], *modifiers)))})
    words = next((code["text"] for code in sent if "text" in code), "")
    return compact({"coding": codings, "text": pr1[4].text or words})


def _key(code: Json) -> str:
    first = code["coding"][0] if "coding" in code else {"code": code.get("text", "")}
    return f"{first.get('system', '')}|{first.get('code', '')}"


def _performed(start: str, minutes: str) -> Json:
    """The time, or from when until when, if it is exact enough to add the minutes."""
    length = minutes.strip()
    if "T" not in start or not (length.isascii() and length.isdigit() and 0 < int(length) < 100_000):
        return {"performedDateTime": start}
    end = datetime.fromisoformat(start) + timedelta(minutes=int(length))
    written = end.isoformat(timespec="seconds")
    return {"performedPeriod": period(start, written.replace("+00:00", "Z") if start.endswith("Z") else written)}


def _duration(minutes: str) -> list[Json]:
    """How long it took, as the sender says it."""
    length = nm_decimal(minutes) if minutes else None
    if length is None or minutes.strip().startswith("-"):
        return []
    timing = {"repeat": {"duration": length, "durationUnit": "min"}}
    return [extension(EXTENSION + "procedure-schedule", "Timing", timing)]


def _performers(pr1: Segment, ctx: Context) -> list[Json]:
    """Anesthesiologists (PR1-8), surgeons (-11) and other practitioners (-12)."""
    return [
        compact({"function": function, "actor": who})
        for field, function in _PERFORMERS
        for xcn in pr1[field]
        if (who := xcn_reference(xcn, ctx))
    ]


def _location(pr1: Segment, ctx: Context) -> Json | None:
    """Where (PR1-23)."""
    unit = pr1[23].first
    place = pl_location(unit, ctx) if unit else None
    return ctx.reference(place, place_name(unit)) if place else None


def _parent(pr1: Segment, ctx: Context) -> list[Json]:
    """The procedure that this one is part of (PR1-25), by its identifier: a reference where it is in the bundle."""
    parent = ei_identifier(pr1[25].first, ctx)
    if not parent:
        return []
    owner = ctx.stay
    known = ctx.resources.get(stable_id("Procedure", owner, identifier_key(parent, ctx.feed.name), ""))
    return [{**(ctx.reference(known) if known else {"type": "Procedure"}), "identifier": parent}]


def _further(pr1: Segment, procedure: Json, ctx: Context) -> None:
    if pr1[9] or pr1[10]:
        _anesthesia(pr1, procedure, ctx)
    if len(pr1) > 12:
        _details(pr1, procedure, ctx)
        _bill(pr1, procedure, ctx)


def _anesthesia(pr1: Segment, procedure: Json, ctx: Context) -> None:
    """The anesthesia (PR1-9) and its minutes (-10): a procedure that is part of this one."""
    ctx.add(
        {
            "resourceType": "Procedure",
            "extension": _duration(pr1[10].text),
            "status": procedure["status"],
            "category": _ANESTHESIA_KIND,
            "code": cwe_codeableconcept(pr1[9], ctx, _ANESTHESIA),
            "subject": ctx.whom,
            "encounter": ctx.visit,
            "partOf": [ctx.reference(procedure)],
        },
        procedure["id"],
        "anesthesia",
    )


def _details(pr1: Segment, procedure: Json, ctx: Context) -> None:
    """Consent (PR1-13), what the tissue that was removed turned out to be (-18), respiration (-24)."""
    if said := components(facts(pr1, _DETAILS, ctx)):
        ctx.add(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "Details of the procedure"},
                "subject": ctx.whom,
                "encounter": ctx.visit,
                "partOf": [ctx.reference(procedure)],
                "component": said,
            },
            procedure["id"],
            "details",
        )


def _bill(pr1: Segment, procedure: Json, ctx: Context) -> None:
    """What bills say of a procedure: its rank (PR1-14, -17, -21, -22) and its modifiers (-16)."""
    modifiers = each(pr1[16], cwe_codeableconcept, ctx)
    ranks = present(cwe_codeableconcept(pr1[field], ctx, table) for field, table in _RANKS)
    if not (modifiers or ranks):
        return
    claim = visit_claim(ctx)
    line = {"type": ranks, "procedureReference": ctx.reference(procedure)}
    number = numbered(claim, "procedure", compact(line))
    if modifiers and "code" in procedure:
        item = {"procedureSequence": [number], "productOrService": procedure["code"], "modifier": modifiers}
        numbered(claim, "item", item)

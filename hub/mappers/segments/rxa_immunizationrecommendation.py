"""RXA 998 of an answer with OBX that say what is due → ImmunizationRecommendation (CDC's guide for immunization
messaging, profile Z42: evaluated history and forecast)."""

from hub.fhir.build import coding, compact, complete
from hub.fhir.systems import LOINC, TERMINOLOGY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.groups import Observed
from hub.mappers.pharmacy import Drug
from hub.mappers.segments import orc_medication as ordered
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.model import Json

NOTHING_GIVEN = "998"
"""The CVX code for "no vaccine administered"."""
_DATES = {
    "30980-7": "Date vaccine due",
    "30981-5": "Earliest date to give",
    "59777-3": "Latest date next dose may be given",
    "59778-1": "Date dose is overdue",
}
_STATUS = "59783-1"
_CODED = {"30979-9": "vaccineCode", "30956-7": "vaccineCode", "30982-3": "forecastReason", _STATUS: "forecastStatus"}
_WORDS = {"59779-9": "series", "30973-2": "doseNumberString", "59782-3": "seriesDosesString"}
_DUE = {"coding": [coding(TERMINOLOGY + "immunization-recommendation-status", "due", "Due")]}


def is_forecast(drug: Drug) -> bool:
    """Whether an RXA only carries what is due."""
    return drug.rx[5].text == NOTHING_GIVEN and any(one.obx[3].text in _DATES for one in drug.observations)


def rxa_immunizationrecommendation(drug: Drug, ctx: Context) -> Json:
    """Adds the recommendation: an entry for each sub-id (OBX-4); the Observations themselves are based on it."""
    rxa = drug.rx
    made = ctx.add(
        {
            "resourceType": "ImmunizationRecommendation",
            **ordered.meta(drug.order, ctx),
            "extension": [*ordered.extensions(drug.order, ctx), *ctx.removals(rxa)],
            "identifier": [{"use": "temp", **number} for number in ordered.identifiers(drug.order, ctx)],
            "patient": ordered.subject(ctx),
            "date": field_datetime(rxa[3], ctx) or ctx.event_time,
            "recommendation": list(_entries(drug.observations, ctx).values()),
        },
        ctx.raw.id,
        str(rxa.line),
    )
    report = Report(made["id"], {})
    for observed in drug.observations:
        complete(obx_observation(observed, report, ctx), {"basedOn": [ctx.reference(made)]})
    for note in nte_annotations(drug.notes, ctx):
        made["recommendation"][0].setdefault("description", note["text"])
    return made


def _entries(observations: list[Observed], ctx: Context) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for observed in observations:
        entry = found.setdefault(observed.obx[4].text, {})
        complete(entry, _said(observed.obx, ctx))
    for sub_id, entry in found.items():
        found[sub_id] = compact({"forecastStatus": _DUE, "vaccineCode": [{"text": "not stated"}], **entry})
    return found


def _said(obx: Segment, ctx: Context) -> Json:
    """One OBX as members of a recommendation."""
    code, value = obx[3].text, obx[5].first
    if not value:
        return {}
    if code in _DATES:
        when = dtm_datetime(value[1], ctx, obx.path(5))
        name = {"coding": [coding(LOINC, code, _DATES[code])]}
        return {"dateCriterion": [{"code": name, "value": when}]} if when else {}
    if code in _CODED:
        said = cwe_codeableconcept(value, ctx)
        return {_CODED[code]: said if code == _STATUS else [said]} if said else {}
    return {_WORDS[code]: value[2] or value[1]} if code in _WORDS and (value[2] or value[1]) else {}

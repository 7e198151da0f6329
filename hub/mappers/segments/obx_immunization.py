"""OBX after the RXA of a vaccine → Observation that is part of the Immunization, and the elements that R4 has for it:
funding, eligibility, information statements, dose numbers, reactions (LOINC codes of CDC's guide for immunization
messaging)."""

from collections import defaultdict

from hub.fhir.build import compact, complete, concept
from hub.fhir.systems import V3
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.groups import Observed
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.model import Json

_ELIGIBILITY, _FUNDING = "64994-7", "30963-3"
_STATEMENTS = {"69764-9", "30956-7"}
"""The document, and in older messages the vaccine, that an information statement (VIS) is about."""
_PUBLISHED, _PRESENTED = "29768-9", "29769-7"
_DOSE, _DOSES = "30973-2", "59782-3"
_REACTION = "31044-1"
_SCHEDULE = "59779-9"
_WHY_NOT = {"59784-9": ("IMMUNE", "immunity"), "30945-0": ("MEDPREC", "medical precaution")}
"""Evidence of immunity and contraindications, as reasons why a vaccine was not given (v3-ActReason)."""


def obx_immunization(observations: list[Observed], immunization: Json, ctx: Context) -> None:
    """Adds the Observations, and says in the Immunization what it has elements for."""
    report = Report(immunization["id"], _effective(immunization))
    statements: dict[str, Json] = defaultdict(dict)
    dose: Json = {}
    for observed in observations:
        made = obx_observation(observed, report, ctx)
        complete(made, {"partOf": [ctx.reference(immunization)]})
        _element(observed.obx, made, immunization, ctx)
        _statement(observed.obx, statements, ctx)
        _dose(observed.obx, dose)
    _reason(observations, immunization)
    if education := [statement for statement in statements.values() if statement.get("documentType")]:
        complete(immunization, {"education": education})
    if "doseNumberPositiveInt" in dose:
        complete(immunization, {"protocolApplied": [dose]})


def _effective(immunization: Json) -> Json:
    when = immunization.get("occurrenceDateTime")
    return {"effectiveDateTime": when} if when else {}


def _reason(observations: list[Observed], immunization: Json) -> None:
    """Why it was not given, where RXA-18 does not say it."""
    if immunization["status"] != "not-done" or "statusReason" in immunization:
        return
    for observed in observations:
        if why := _WHY_NOT.get(observed.obx[3].text):
            immunization["statusReason"] = concept(V3 + "ActReason", *why)
            return


def _element(obx: Segment, made: Json, immunization: Json, ctx: Context) -> None:
    """64994-7 programEligibility, 30963-3 fundingSource, 31044-1 reaction."""
    code, value = obx[3].text, obx[5].first
    said = cwe_codeableconcept(value, ctx) if code in {_ELIGIBILITY, _FUNDING} else {}
    if said:
        complete(immunization, {"programEligibility": [said]} if code == _ELIGIBILITY else {"fundingSource": said})
    elif code == _REACTION and value:
        when = made.get("effectiveDateTime")
        complete(immunization, {"reaction": [compact({"date": when, "detail": ctx.reference(made)})]})


def _statement(obx: Segment, statements: dict[str, Json], ctx: Context) -> None:
    """One statement for each sub-id (OBX-4): which document or vaccine, when it was published and when handed over."""
    code, statement = obx[3].text, statements[obx[4].text]
    if code in _STATEMENTS:
        value: Repetition = obx[5].first
        statement.setdefault("documentType", value[2] or value[9] or value[1])
    elif code in {_PUBLISHED, _PRESENTED} and (when := dtm_datetime(obx[5].text, ctx, obx.path(5))):
        statement["publicationDate" if code == _PUBLISHED else "presentationDate"] = when


def _dose(obx: Segment, dose: Json) -> None:
    """30973-2 number of the dose, 59782-3 how many the series has, 59779-9 by which schedule."""
    code, value = obx[3].text, obx[5].first
    for wanted, member in ((_DOSE, "doseNumberPositiveInt"), (_DOSES, "seriesDosesPositiveInt")):
        if code == wanted and value[1].isascii() and value[1].isdigit() and 0 < int(value[1]) < 1000:
            dose[member] = int(value[1])
    if code == _SCHEDULE:
        dose["series"] = value[2] or value[1]

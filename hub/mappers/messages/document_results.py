"""Rows of results on a laboratory's pages → DiagnosticReport and Observations, preliminary: a machine read them, and a
person compares them with the page."""

from hub.fhir.build import compact
from hub.formats.fax import FaxDocument
from hub.formats.fax.sections import Result
from hub.mappers.context import Context
from hub.mappers.datatypes.nm_decimal import compared
from hub.model import Json

_FLAGS = {
    "H": ("H", "High"),
    "L": ("L", "Low"),
    "HH": ("HH", "Critical high"),
    "LL": ("LL", "Critical low"),
    "A": ("A", "Abnormal"),
}
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def add_results(found: FaxDocument, document: Json, performer: Json, ctx: Context) -> None:
    """Adds the report and its rows where the document has any."""
    if found.type.key != "lab_report" or not found.results:
        return
    rows = [_observation(result, number, document, found, ctx) for number, result in enumerate(found.results)]
    ctx.add(
        compact(
            {
                "resourceType": "DiagnosticReport",
                "status": "preliminary",
                "code": {"text": found.title or "Laboratory report"},
                "subject": ctx.subject,
                "effectiveDateTime": found.value("date_of_service"),
                "performer": [performer] if performer else None,
                "result": [ctx.reference(row) for row in rows],
            }
        ),
        document["id"],
    )


def _observation(result: Result, number: int, document: Json, found: FaxDocument, ctx: Context) -> Json:
    flag = _FLAGS.get(result.flag)
    coded = {"coding": [{"system": _INTERPRETATION, "code": flag[0], "display": flag[1]}]} if flag else None
    return ctx.add(
        compact(
            {
                "resourceType": "Observation",
                "status": "preliminary",
                "category": [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}],
                "code": {"text": result.name},
                "subject": ctx.subject,
                "effectiveDateTime": found.value("date_of_service"),
                **_value(result),
                "interpretation": [coded] if coded else None,
                "referenceRange": [{"text": result.range}] if result.range else None,
            }
        ),
        document["id"],
        str(number),
        result.name,
    )


def _value(result: Result) -> Json:
    """A number with its comparator and unit as Quantity, words as text."""
    comparator, number = compared(result.value.replace("≤", "<=").replace("≥", ">="))
    if number is None:
        return {"valueString": result.value}
    return {"valueQuantity": compact({"value": number, "comparator": comparator, "unit": result.unit})}

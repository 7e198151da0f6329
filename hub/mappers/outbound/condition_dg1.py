"""Condition → DG1 (HL7 v2.9, chapter 6.5.2)."""

from collections.abc import Iterable

from hub.fhir.codes import DIAGNOSIS_USE
from hub.mappers.outbound.datatypes import code_of, cwe, dtm, meaning
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_WORKING = "W"


def encounter_dg1(encounter: Json, resources: Resources) -> list[Built]:
    """The diagnoses of a visit: each as what it is used for (DG1-6), in its rank (DG1-15)."""
    listed = [(one, resources.at(one.get("condition"))) for one in encounter.get("diagnosis", ())]
    return [
        _dg1(at, condition, meaning(DIAGNOSIS_USE, code_of(one.get("use"))) or _WORKING, str(one.get("rank", "")))
        for at, (one, condition) in enumerate(((one, found) for one, found in listed if found), 1)
    ]


def conditions_dg1(conditions: Iterable[Json]) -> list[Built]:
    """The diagnoses for which something is ordered."""
    return [_dg1(at, condition, _WORKING, "") for at, condition in enumerate(conditions, 1)]


def _dg1(number: int, condition: Json, use: str, rank: str) -> Built:
    """DG1-3 code, -5 since when, -6 of what type."""
    fields = {
        1: str(number),
        3: cwe(condition.get("code")),
        5: dtm(condition.get("onsetDateTime", "")),
        6: use,
        15: rank,
    }
    return "DG1", fields

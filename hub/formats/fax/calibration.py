"""How often a field with such a score is right: points that were estimated from a few dozen seeded pages."""

import csv
from functools import cache
from importlib.resources import files
from itertools import pairwise

FAMILIES = {
    "patient_last": "name",
    "patient_first": "name",
    "referring_provider": "name",
    "author": "name",
    "dob": "date",
    "date_of_service": "date",
    "type": "type",
}
"""Fields that are measured together; all others are ``value``."""


def family(field: str) -> str:
    return FAMILIES.get(field, "value")


def calibrated(field: str, score: float) -> float:
    """The share of right values at that score, between the points of its family on a straight line (0 to 1)."""
    points = _table()[family(field)]
    if score <= points[0][0]:
        return round(points[0][1] * (score / points[0][0] if points[0][0] else 1.0), 3)
    for (low, share), (high, above) in pairwise(points):
        if score <= high:
            return round(share + (above - share) * (score - low) / (high - low), 3)
    return points[-1][1]


@cache
def _table() -> dict[str, list[tuple[float, float]]]:
    """Points of score and share by family, in rising order."""
    points: dict[str, list[tuple[float, float]]] = {}
    with (files("hub.formats.fax") / "calibration.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            points.setdefault(row["family"], []).append((float(row["score"]), float(row["share"])))
    return points

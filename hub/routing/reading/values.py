"""Observation.value[x] (FHIR R4) in words."""

from collections.abc import Callable

from hub.model import Json
from hub.routing.reading.bundle import coded

Measured = tuple[str, str]
"""A value and its unit; what has no unit has an empty one."""


def measured(element: Json) -> Measured:
    """The value of an Observation or of a component; several components are one text."""
    for name, say in _SAYING.items():
        if name in element:
            return say(element[name])
    if any("valueAttachment" in e for e in element.get("extension", ())):
        return "(attachment)", ""
    parts = (" ".join(measured(component)).strip() for component in element.get("component", ()))
    return "; ".join(p for p in parts if p), ""


def _quantity(quantity: Json) -> Measured:
    return f"{quantity.get('comparator', '')}{quantity.get('value', '')}", quantity.get("unit", "")


def _concept(concept: Json) -> Measured:
    found = coded(concept)
    return found.text or found.code, ""


def _range(limits: Json) -> Measured:
    low, high = limits.get("low", {}), limits.get("high", {})
    return f"{low.get('value', '')}–{high.get('value', '')}", low.get("unit", "") or high.get("unit", "")


def _ratio(ratio: Json) -> Measured:
    above, below = (ratio.get(part, {}).get("value", "") for part in ("numerator", "denominator"))
    return f"{above}:{below}", ""


def _period(period: Json) -> Measured:
    return f"{period.get('start', '')}–{period.get('end', '')}", ""


def _plain(value: object) -> Measured:
    return str(value), ""


_SAYING: dict[str, Callable[[Json], Measured]] = {
    "valueQuantity": _quantity,
    "valueString": _plain,
    "valueCodeableConcept": _concept,
    "valueRange": _range,
    "valueRatio": _ratio,
    "valueDateTime": _plain,
    "valueTime": _plain,
    "valuePeriod": _period,
    "valueBoolean": _plain,
    "valueInteger": _plain,
    "valueSampledData": lambda _: ("(samples)", ""),
}

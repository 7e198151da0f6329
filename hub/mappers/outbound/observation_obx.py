"""Observation → OBX and its NTE (HL7 v2.9, chapter 7.4.2)."""

from collections.abc import Callable

from hub.fhir.order_codes import INTERPRETATION, OBSERVATION_STATUS
from hub.fhir.systems import EXTENSION, V2
from hub.formats.hl7v2.build import Field, Repetition
from hub.mappers.outbound.datatypes import (
    code_of,
    cwe,
    dtm,
    each,
    ei,
    employer,
    identified,
    meaning,
    people,
    quantity,
    xon,
)
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.mappers.outbound.servicerequest_orc import notes
from hub.model import Json

Value = tuple[str, Field, Field]
"""OBX-2 data type, OBX-5 value, OBX-6 unit."""


def observation_obx(observation: Json, number: int, resources: Resources) -> list[Built]:
    """OBX-3 code, -4 sub-id, -5 values in -6 unit, -7 range, -8 interpretation, -11 status, -14 time, -16 who, -17 how,
    -21 number, -23 where; then its comments."""
    kind, value, unit = _value(observation)
    moment = observation.get("effectiveDateTime") or observation.get("effectivePeriod", {}).get("start", "")
    performers = observation.get("performer", [])
    laboratory = next((found for who in performers if (found := employer(who, resources))), {})
    fields: dict[int, Field] = {
        1: str(number),
        2: kind,
        3: cwe(observation.get("code")),
        4: _sub_id(observation),
        5: value,
        6: unit,
        7: "; ".join(limits["text"] for limits in observation.get("referenceRange", ()) if "text" in limits),
        8: [_flag(flag) for flag in observation.get("interpretation", ())],
        11: _status(observation),
        14: dtm(moment),
        16: people(performers, resources),
        17: cwe(observation.get("method")),
        21: each(identified(observation, "FILL"), ei),
        23: xon(laboratory) if laboratory else "",
    }
    return [("OBX", fields), *notes(observation.get("note"), resources)]


def _status(observation: Json) -> str:
    """OBX-11: no value that was not asked for is N; V and U are no states of FHIR's own."""
    if code_of(observation.get("dataAbsentReason")) == "not-asked":
        return "N"
    return _STATES.get(observation["status"]) or meaning(OBSERVATION_STATUS, observation["status"])


_STATES = {"final": "F", "preliminary": "P", "corrected": "C", "amended": "A", "registered": "O", "cancelled": "X",
           "entered-in-error": "D"}  # fmt: skip


def _flag(flag: Json) -> str:
    """OBX-8: the sender's code of table 0078, else the one of that meaning."""
    own = [c["code"] for c in flag.get("coding", ()) if c.get("system") == V2 + "0078"]
    return own[0] if own else meaning(INTERPRETATION, code_of(flag)) or code_of(flag)


def _sub_id(observation: Json) -> Repetition:
    """OBX-4: the sub-identifier as it was sent, or its parts (OG)."""
    for extension in observation.get("extension", ()):
        if extension["url"] == EXTENSION + "observation-v2-subid":
            said = {
                part["url"]: str(part.get("valueString", part.get("valueDecimal", "")))
                for part in extension["extension"]
            }
            return tuple(said.get(name, "") for name in _SUB_ID)
    return ""


_SUB_ID = ("original-sub-identifier", "group", "sequence", "identifier")


def _value(observation: Json) -> Value:
    """The value, else the components that repeat it: those with the observation's own code."""
    several = [one for one in observation.get("component", ()) if one["code"] == observation["code"]]
    if not several or any(member in observation for member in _SAYING):
        return _one(observation)
    values = [_one(component) for component in several]
    repeated = [value for _, value, _ in values if isinstance(value, str | tuple)]
    return values[0][0], repeated, values[0][2]


def _one(element: Json) -> Value:
    for member, say in _SAYING.items():
        if member in element:
            return say(element[member])
    return "", "", ""


def _quantity(element: Json) -> Value:
    number, unit = quantity(element)
    if comparator := element.get("comparator"):
        return "SN", (comparator, number.removeprefix(comparator)), unit
    return "NM", number, unit


def _range(limits: Json) -> Value:
    low, unit = quantity(limits.get("low", {}))
    high, other = quantity(limits.get("high", {}))
    return "SN", ("", low, "-", high), unit or other


def _ratio(ratio: Json) -> Value:
    numerator = ratio.get("numerator", {})
    comparator = numerator.get("comparator", "")
    above, unit = quantity(numerator)
    below, _ = quantity(ratio.get("denominator", {}))
    return "SN", (comparator, above.removeprefix(comparator), ":", below), unit


def _period(period: Json) -> Value:
    return "DR", (dtm(period.get("start", "")), dtm(period.get("end", ""))), ""


_SAYING: dict[str, Callable[..., Value]] = {
    "valueQuantity": _quantity,
    "valueString": lambda text: ("ST", text, ""),
    "valueCodeableConcept": lambda concept: ("CWE", cwe(concept), ""),
    "valueRange": _range,
    "valueRatio": _ratio,
    "valueDateTime": lambda moment: ("DTM", dtm(moment), ""),
    "valueTime": lambda time: ("TM", time.replace(":", ""), ""),
    "valuePeriod": _period,
    "valueBoolean": lambda said: ("ID", "Y" if said else "N", ""),
    "valueInteger": lambda number: ("SI", str(number), ""),
}

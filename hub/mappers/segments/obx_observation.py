"""OBX (and its NTE) → Observation (HL7 v2.9, chapter 7.4.2)."""

import re
from dataclasses import dataclass, field

from hub.fhir.order_codes import INTERPRETATION, OBSERVATION_STATUS
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.nm_decimal import Decimal, nm_decimal
from hub.mappers.dispatch import segment
from hub.mappers.groups import Observed
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered_fields
from hub.mappers.segments.nte_annotation import nte_annotations
from hub.mappers.segments.obx_details import (
    absence,
    has_details,
    obx_components,
    obx_details,
    obx_extensions,
    obx_notes,
)
from hub.mappers.segments.obx_value import obx_unit, obx_values, quantity
from hub.mappers.segments.prt_participation import prt_devices, prt_performers
from hub.model import Json

_MEASURED = {"valueQuantity", "valueRange", "valueRatio", "valueSampledData"}
SUB_ID = EXTENSION + "observation-v2-subid"
_RANGE = re.compile(r"\s*(-?[\d.]+)\s*(?:-|–|to)\s*(-?[\d.]+)\s*")
_BOUND = re.compile(r"\s*([<>])=?\s*(-?[\d.]+)\s*")


@dataclass(slots=True)
class Report:
    """What the observations of one report share: the report's key, effective time, specimen; and what was seen."""

    key: str
    effective: Json
    issued: str = ""
    specimen: Json | None = None
    specimens: list[Json] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def occurrence(self, code: str) -> str:
        """How many of this code came before: the same result of a corrected report is the same Observation."""
        number = self.seen.get(code, 0)
        self.seen[code] = number + 1
        return str(number)


@dataclass(frozen=True, slots=True)
class _Coded:
    """What stands alike in many results of a test: OBX-3 code, -6 unit, -7 reference range (in that unit for a value
    that is a Quantity, else without), -8 interpretation, -11 status."""

    code: Json
    key: str
    unit: Json
    range: list[Json]
    range_in_unit: list[Json]
    interpretation: list[Json]
    suffix: list[Json]
    status: str


@segment("OBX")
def obx_alone(obx: Segment, ctx: Context) -> Json:
    """An observation that belongs to no report: of the patient, in the visit that the message is about."""
    return obx_observation(Observed(obx), Report(f"{ctx.raw.id}|{obx.line}", {}), ctx)


def obx_observation(observed: Observed, report: Report, ctx: Context) -> Json:
    """Adds the Observation of an OBX: its id is made of the report, the code (OBX-3), the sub-id (OBX-4) and the place
    among results of the same code, so that a correction meets what it corrects."""
    obx = observed.obx
    coded = _coded(obx, ctx)
    sub_id = obx[4]
    key = f"{coded.key}|{sub_id.text}"
    values, attachments = obx_values(obx, coded.unit, ctx)
    is_quantity = len(values) == 1 and "valueQuantity" in values[0]
    notes = nte_annotations(observed.notes, ctx) if observed.notes else []
    if coded.unit and not is_quantity:
        notes += _unit_in_words(obx, values)
    members = {
        "resourceType": "Observation",
        "extension": [*attachments, *(_sub_id(sub_id) if sub_id.raw else ()), *ctx.removals(obx)],
        "status": coded.status,
        "category": coded.suffix,
        "code": coded.code,
        "subject": ctx.subject,
        "encounter": ctx.visit,
        **_effective(obx, report, ctx),
        "issued": report.issued,
        **(_value(values, coded.code) if values or attachments else absence(obx, ctx)),
        "interpretation": coded.interpretation,
        "note": notes,
        "specimen": report.specimen,
        "referenceRange": coded.range_in_unit if is_quantity else coded.range,
    }
    if has_details(obx.raws) or observed.participations:
        _detail(members, observed, report, ctx)
    return ctx.add(members, report.key, key, report.occurrence(key))


def _detail(members: Json, observed: Observed, report: Report, ctx: Context) -> None:
    """Adds what most results leave out."""
    obx = observed.obx
    category = members["category"]
    members |= obx_details(obx, report.specimens, ctx)
    members["category"] += category
    members["extension"] += obx_extensions(obx, ctx)
    members["performer"] += prt_performers(observed.participations, ctx)
    if (devices := prt_devices(observed.participations, ctx)) and not members["device"]:
        members["device"] = devices[0]
    members["note"] += obx_notes(obx, ctx)
    if parts := obx_components(obx):
        members["component"] = [*members.get("component", ()), *parts]


@remembered_fields(3, 6, 7, 8, 11)
def _coded(obx: Segment, ctx: Notes) -> _Coded:
    code, unit, text = _code(obx, ctx), obx_unit(obx[6].first, ctx), obx[7].first.text
    return _Coded(
        code=code,
        key=_code_key(code),
        unit=unit,
        range=_reference_range(text, {}),
        range_in_unit=_reference_range(text, {name: value for name, value in unit.items() if name != "extension"}),
        interpretation=each(obx[8], _interpretation, ctx),
        suffix=_suffix(obx),
        status=ctx.translated(OBSERVATION_STATUS, obx[11]) or "unknown",
    )


def _code(obx: Segment, ctx: Notes) -> Json:
    if code := cwe_codeableconcept(obx[3], ctx):
        return code
    ctx.warn(obx.path(3), "required", "the observation does not say what was observed")
    return {"text": "not stated"}


def _suffix(obx: Segment) -> list[Json]:
    """The suffix of an observation's code in older versions (OBX-3.1 ``19771&IMP``: the impression) as a category."""
    if obx.syntax.subcomponent not in obx[3].raw:
        return []
    return [{"text": text} for text in obx[3].first.subcomponents(1)[1:] if text.strip()]


def _code_key(code: Json) -> str:
    """The first coding, else the words."""
    first = code["coding"][0] if "coding" in code else {"code": code["text"]}
    return f"{first.get('system', '')}|{first.get('code') or first.get('display', '')}"


def _unit_in_words(obx: Segment, values: list[Json]) -> list[Json]:
    """OBX-6 where the value has no place for a unit: a number that comes as text."""
    if any(_MEASURED & value.keys() for value in values):
        return []
    cwe = obx[6].first
    words = " ".join(dict.fromkeys(filter(None, (cwe[1], cwe[2], cwe[3], cwe[4], cwe[5]))))
    return [{"text": f"Unit: {words}"}] if words else []


def _value(values: list[Json], code: Json) -> Json:
    """One value is the Observation's own, several are its components."""
    if len(values) > 1:
        return {"component": [{"code": code, **value} for value in values]}
    return values[0] if values else {}


def _sub_id(field: Field) -> list[Json]:
    """OBX-4 (OG): .1 the sub-id, .2 group, .3 sequence, .4 identifier."""
    og = field.first
    names = ("original-sub-identifier", "group", "sequence", "identifier")
    parts: list[Json] = []
    for component, name in enumerate(names, 1):
        text = og.whole(component)
        number = nm_decimal(text) if name in {"group", "sequence"} else None
        if number is not None:
            parts.append({"url": name, "valueDecimal": number})
        elif text:
            parts.append({"url": name, "valueString": text})
    return [{"url": SUB_ID, "extension": parts}] if parts else []


def _effective(obx: Segment, report: Report, ctx: Context) -> Json:
    moment = field_datetime(obx[14], ctx)
    return {"effectiveDateTime": moment} if moment else report.effective


def _interpretation(cwe: Repetition, ctx: Notes) -> Json:
    """OBX-8: the v3 code of the same name; what only version 2 knows stays in table 0078."""
    return cwe_codeableconcept(cwe, ctx, INTERPRETATION)


def _reference_range(text: str, unit: Json) -> list[Json]:
    """OBX-7 as text, and as low and high where it reads as numbers (``3.5-5.1``, ``<106``)."""
    if not text:
        return []
    return [{**{name: quantity(number, unit) for name, number in _bounds(text)}, "text": text}]


def _bounds(text: str) -> tuple[tuple[str, Decimal], ...]:
    """The ends of a range that are numbers, by name."""
    if match := _RANGE.fullmatch(text):
        ends = {"low": match[1], "high": match[2]}
    elif match := _BOUND.fullmatch(text):
        ends = {"high" if match[1] == "<" else "low": match[2]}
    else:
        return ()
    return tuple((name, number) for name, end in ends.items() if (number := nm_decimal(end)) is not None)

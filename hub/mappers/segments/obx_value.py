"""OBX-5 by its type (OBX-2) → Observation.value[x] (HL7 v2.9, chapter 7.4.2; v2-to-FHIR guide, segment OBX)."""

from collections.abc import Callable
from typing import TypeAlias

from hub.fhir.build import compact, extension
from hub.fhir.systems import EXTENSION, UCUM
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import coding_system, cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, tm_time
from hub.mappers.datatypes.ed_attachment import ed_attachment, rp_attachment
from hub.mappers.datatypes.nm_decimal import Decimal, compared, nm_decimal
from hub.mappers.notes import Notes
from hub.model import Json

ATTACHMENT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.valueAttachment"
"""R4 observations have no attachment: HL7's own extension for the R5 element."""

_Value: TypeAlias = Callable[[Repetition, Json, Context], Json]


def obx_values(obx: Segment, unit: Json, ctx: Context) -> tuple[list[Json], list[Json]]:
    """The values of OBX-5, one for each repetition: members of an Observation or component (``{"valueQuantity": …}``);
    beside them the attachments, which in R4 are extensions.

    A value that is not what OBX-2 says is kept as text.
    """
    repetitions = list(obx[5])
    if not repetitions:
        return [], []
    kind = obx[2].text.upper()
    if kind == "NA":
        return [_sampled(repetitions, unit)], []
    mapper = _TYPES.get(kind, _text)
    values = [mapper(repetition, unit, ctx) or _text(repetition, unit, ctx) for repetition in repetitions]
    if kind not in _ATTACHED:
        return values, []
    return [v for v in values if "url" not in v], [v for v in values if "url" in v]


def obx_unit(cwe: Repetition, ctx: Notes) -> Json:
    """Unit in words (.2 else .1); code and system only where the sender names the system (UCUM: .3 ``UCUM``)."""
    code, words, name = cwe[1], cwe[2], cwe[3]
    if not (code and name):
        return compact({"unit": words or code})
    system = UCUM if name == "UCUM" else coding_system(name, ctx, f"{cwe.path}.3")
    return {"unit": words or code, "system": system, "code": code}


def quantity(value: Decimal, unit: Json, comparator: str = "") -> Json:
    """A Quantity; a unit without system carries words alone."""
    return {"value": value, **({"comparator": comparator} if comparator else {}), **unit}


def _number(nm: Repetition, unit: Json, ctx: Context) -> Json:
    comparator, number = compared(nm[1])
    if number is not None:
        return {"valueQuantity": quantity(number, unit, comparator)}
    ctx.warn(nm.path, "value", "OBX-2 is NM and the value is no number: kept as text")
    return {}


def _structured(sn: Repetition, unit: Json, ctx: Context) -> Json:
    """SN: comparator, number, separator, number."""
    comparator, separator = sn[1].strip(), sn[3].strip()
    low, high = nm_decimal(sn[2]), nm_decimal(sn[4])
    if low is None or comparator == "<>" or separator == "+":
        return _joined(sn, unit)
    if separator == "-" and high is not None:
        return {"valueRange": {"low": quantity(low, unit), "high": quantity(high, unit)}}
    if separator in {":", "/"} and high is not None:
        return {"valueRatio": _ratio(low, high, comparator, unit)}
    if separator or comparator not in {"", "=", "<", "<=", ">", ">="}:
        return _joined(sn, unit)
    return {"valueQuantity": quantity(low, unit, comparator.strip("=") if comparator == "=" else comparator)}


def _ratio(numerator: Decimal, denominator: Decimal, comparator: str, unit: Json) -> Json:
    known = comparator if comparator in {"<", "<=", ">", ">="} else ""
    return {"numerator": quantity(numerator, unit, known), "denominator": quantity(denominator, {})}


def _joined(value: Repetition, unit: Json) -> Json:
    """The components and the unit as one text."""
    parts = [value.whole(component) for component in range(1, len(value) + 1)]
    return {"valueString": " ".join(part for part in [*parts, unit.get("unit", "")] if part)}


def _text(value: Repetition, unit: Json, ctx: Context) -> Json:
    return {"valueString": value.text}


def _coded(cwe: Repetition, unit: Json, ctx: Context) -> Json:
    return {"valueCodeableConcept": concept} if (concept := cwe_codeableconcept(cwe, ctx)) else {}


def _moment(value: Repetition, unit: Json, ctx: Context) -> Json:
    moment = dtm_datetime(value[1], ctx, value.path)
    return {"valueDateTime": moment} if moment else {}


def _time(value: Repetition, unit: Json, ctx: Context) -> Json:
    time = tm_time(value[1], ctx, value.path)
    return {"valueTime": time} if time else {}


def _period(dr: Repetition, unit: Json, ctx: Context) -> Json:
    ends = {"start": dtm_datetime(dr[1], ctx, dr.path), "end": dtm_datetime(dr[2], ctx, dr.path)}
    return {"valuePeriod": compact(ends)} if any(ends.values()) else {}


def _range(nr: Repetition, unit: Json, ctx: Context) -> Json:
    ends = {name: nm_decimal(nr[part]) for name, part in (("low", 1), ("high", 2))}
    known = {name: quantity(number, unit) for name, number in ends.items() if number is not None}
    return {"valueRange": known} if known else {}


def _sampled(rows: list[Repetition], unit: Json) -> Json:
    """NA: rows of numbers. R4 wants an origin and a period; the sender gives neither, so zero and a marked absence."""
    numbers = [[row[component] for component in range(1, len(row) + 1)] for row in rows]
    absent = {"extension": [{"url": f"{EXTENSION}data-absent-reason", "valueCode": "unknown"}]}
    data = " ".join(number or "E" for row in numbers for number in row)
    return {
        "valueSampledData": {
            "origin": quantity(0, unit),
            "_period": absent,
            "dimensions": max(len(row) for row in numbers),
            "data": data,
        }
    }


def _attached(ed: Repetition, unit: Json, ctx: Context) -> Json:
    return extension(ATTACHMENT, "Attachment", ed_attachment(ed, ctx))


def _pointed(rp: Repetition, unit: Json, ctx: Context) -> Json:
    return extension(ATTACHMENT, "Attachment", rp_attachment(rp, ctx))


_ATTACHED = {"ED", "RP"}
_TYPES: dict[str, _Value] = {
    "NM": _number,
    "SN": _structured,
    **dict.fromkeys(("ST", "FT", "TX"), _text),
    **dict.fromkeys(("CE", "CWE", "CNE", "CF", "IS", "ID"), _coded),
    **dict.fromkeys(("DT", "DTM", "TS"), _moment),
    "TM": _time,
    "DR": _period,
    "NR": _range,
    "ED": _attached,
    "RP": _pointed,
}

"""OBX-5 by its type (OBX-2) → Observation.value[x] (HL7 v2.9, chapter 7.4.2; v2-to-FHIR guide, segment OBX)."""

from collections.abc import Callable
from typing import TypeAlias

from hub.fhir.build import compact, extension, token
from hub.fhir.systems import EXTENSION
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import TRANSLATION, cq_quantity, cwe_unit, other_units
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
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
    if kind in _ARRAYS:
        return [_sampled(repetitions, unit)], []
    mapper = _TYPES.get(kind) or _guessed
    made = (mapper(repetition, unit, ctx) or _text(repetition, unit, ctx) for repetition in repetitions)
    values = [value for value in made if value]
    if kind not in _ATTACHED:
        return values, []
    return [v for v in values if "url" not in v], [v for v in values if "url" in v]


def obx_unit(cwe: Repetition, ctx: Notes) -> Json:
    """The unit of OBX-6, as ``cwe_unit`` reads it; what the sender calls it otherwise stands in HL7's extension."""
    if not cwe.raw:
        return {}
    others = [{"url": TRANSLATION, "valueQuantity": other} for other in other_units(cwe, ctx)]
    return {**({"extension": others} if others else {}), **cwe_unit(cwe, ctx)}


def quantity(value: Decimal, unit: Json, comparator: str = "") -> Json:
    """A Quantity; a unit without system carries words alone."""
    return {"value": value, **({"comparator": comparator} if comparator else {}), **unit}


def _number(nm: Repetition, unit: Json, ctx: Context) -> Json:
    comparator, number = compared(nm[1])
    if number is not None:
        return {"valueQuantity": quantity(number, unit, comparator)}
    ctx.warn(nm.path, "value", "OBX-2 is NM and the value is no number: kept as text")
    return {}


def structured(sn: Repetition, unit: Json, ctx: Context) -> Json:
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


def _words(value: Repetition, unit: Json, ctx: Context) -> Json:
    """A composite data type that no value[x] of R4 has (names, addresses, numbers): its parts as one text."""
    return _joined(value, {})


def _text(value: Repetition, unit: Json, ctx: Context) -> Json:
    return {"valueString": text} if (text := value.text).strip() else {}


def _guessed(value: Repetition, unit: Json, ctx: Context) -> Json:
    """A value whose type the sender leaves out, or that HL7 does not know: coded where it names a coding system, a
    number where it has a unit, else text."""
    if len(value) > 2 and value[1] and value[3]:
        return _coded(value, unit, ctx)
    comparator, number = compared(value.text) if unit else ("", None)
    return {} if number is None else {"valueQuantity": quantity(number, unit, comparator)}


def _money(mo: Repetition, unit: Json, ctx: Context) -> Json:
    """MO: amount and currency (ISO 4217)."""
    number, currency = nm_decimal(mo[1]), token(mo[2])
    if number is None:
        return _joined(mo, {})
    coded = {"unit": currency, "system": _CURRENCY, "code": currency}
    return {"valueQuantity": quantity(number, coded if currency else unit)}


def _composite_quantity(cq: Repetition, unit: Json, ctx: Context) -> Json:
    """CQ: a number with its own unit."""
    amount = cq_quantity(cq, ctx)
    return {"valueQuantity": amount} if "value" in amount else _joined(cq, unit)


def _integer(si: Repetition, unit: Json, ctx: Context) -> Json:
    text = si[1].strip()
    return {"valueInteger": int(text)} if text.isascii() and text.isdigit() and len(text) < 10 else {}


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


_CURRENCY = "urn:iso:std:iso:4217"
_ARRAYS = {"NA", "MA"}
_ATTACHED = {"ED", "RP"}
_COMPOSITE = (
    *("AD", "CK", "CN", "CP", "CX", "DLN", "EI", "EIP", "HD", "PL", "PN", "PPN"),
    *("RI", "SAD", "XAD", "XCN", "XON", "XPN", "XTN"),
)
_TYPES: dict[str, _Value] = {
    "NM": _number,
    "SN": structured,
    **dict.fromkeys(("ST", "FT", "TX"), _text),
    **dict.fromkeys(("CE", "CWE", "CNE", "CF", "IS", "ID"), _coded),
    **dict.fromkeys(("DT", "DTM", "TS"), _moment),
    "TM": _time,
    "DR": _period,
    "CQ": _composite_quantity,
    "NR": _range,
    "ED": _attached,
    "RP": _pointed,
    "MO": _money,
    "SI": _integer,
    **dict.fromkeys(_COMPOSITE, _words),
}

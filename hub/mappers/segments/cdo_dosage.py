"""CDO → the most that may be given of a drug in a time (HL7 v2.9, chapter 4A.4.11; FHIR R4, Dosage)."""

from hub.fhir.build import complete
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import cq_quantity, simple, with_value
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.datatypes.rpt_timing import time_unit
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_LIFETIME = "PL"
_INTERVALS = {"A": "a", "M": "mo"}
"""Table 0924 where a letter means another time than elsewhere; O (the order) is no time."""


def cdo_limit(cdo: Segment, ctx: Context) -> Json:
    """Members of a Dosage: CDO-3 the limit, CDO-4 the time that it is for."""
    limit, interval = cq_quantity(cdo[3].first, ctx), cdo[4].first
    unit = interval.sub(2, 1).upper()
    if not limit:
        return {}
    if unit == _LIFETIME:
        return {"maxDosePerLifetime": simple(limit)} if simple(limit) else {}
    if time := _INTERVALS.get(unit) or time_unit(unit):
        number = nm_decimal(interval[1])
        per = {**with_value(1 if number is None else number, time), "unit": interval.sub(2, 2) or unit}
        return {"maxDosePerPeriod": {"numerator": limit, "denominator": per}}
    return {"additionalInstruction": [{"text": f"At most {_words(limit)} {interval.sub(2, 2) or unit}".strip()}]}


@segment("CDO")
def cdo_alone(cdo: Segment, ctx: Context) -> Json | None:
    """Adds the limit to the first dosage of the order before it; without one the CDO is kept as it is."""
    drug, limit = ctx.last, cdo_limit(cdo, ctx)
    if drug is None or drug["resourceType"] not in {"MedicationRequest", "MedicationDispense"} or not limit:
        zzz_basic(cdo, ctx)
        return drug
    first, *others = drug.get("dosageInstruction") or [{}]
    dosage = dict(first)
    complete(dosage, limit)
    drug["dosageInstruction"] = [dosage, *others]
    return drug


def _words(quantity: Json) -> str:
    return f"{quantity['value']} {quantity.get('unit', '')}"

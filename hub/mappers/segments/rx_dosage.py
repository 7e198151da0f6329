"""How much, how fast, how and when: the Dosage of RXO, RXE, RXG, RXD and RXA with their RXR and timing segments
(HL7 v2.9, chapter 4A.4; FHIR R4, datatype Dosage)."""

import re
from collections.abc import Iterable

from hub.fhir.build import compact, present
from hub.fhir.systems import TERMINOLOGY, UCUM
from hub.formats.hl7v2.segment import Field
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import amount, cq_quantity, quantity_of, simple, unit_words, with_value
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.datatypes.rpt_timing import time_unit
from hub.model import Json

_ORDERED = {"coding": [{"system": TERMINOLOGY + "dose-rate-type", "code": "ordered", "display": "Ordered"}]}
_PER = re.compile(r"([A-Za-z]+)\s*(\d*)")
_RANGE = re.compile(r"\s*([\d.]+)\s*-\s*([\d.]+)\s*")
_BOTH = ("additionalInstruction", "doseAndRate")


def dose_and_rate(low: Field, high: Field, unit: Field, ctx: Context) -> Json:
    """The amount: exact where there is no other end (RXO-2/-3, RXE-3/-4, RXG-5/-6); ``{}`` where it is no number."""
    written = _RANGE.fullmatch(low.text)
    ends = (written[1], written[2]) if written else (low.text, high.text)
    first, second = (_end(text, unit, ctx) for text in ends)
    if first and (not second or second == first):
        return {"doseQuantity": first}
    return {"doseRange": compact({"low": first, "high": second})} if first or second else {}


def rate(per: Field, number: Field, unit: Field, dose: Json, ctx: Context) -> Json:
    """How fast: amount and units (RXE-23/-24) per time (RXE-22, ``H8``), unless the units say per what (``mL/h``);
    without an amount the dose per that time."""
    lasts = _per(per.text)
    stated = _rate_amount(number, unit, ctx)
    if "low" in stated:
        return {"rateRange": stated}
    if stated and (not lasts or "/" in unit.text):
        return {"rateQuantity": stated}
    if not lasts:
        return {}
    numerator = stated or dose.get("doseQuantity", {})
    return {"rateRatio": {"numerator": numerator, "denominator": lasts}} if numerator else {}


def per_words(per: Field, speed: Json) -> str:
    """The time of a rate that its Quantity does not say."""
    return f"per {per.text}" if per.text and "rateRatio" not in speed else ""


def dose(amounts: Json, speed: Json) -> list[Json]:
    """Dosage.doseAndRate, as ordered."""
    return [{"type": _ORDERED, **amounts, **speed}] if amounts or speed else []


def in_words(*amounts: tuple[Field, Field]) -> str:
    """Amounts that are no single number (``as directed``, ``1-2``), with their units."""
    said = [
        " ".join(filter(None, (number.first.text, unit_words(unit.first))))
        for number, unit in amounts
        if number.text and nm_decimal(number.text) is None
    ]
    return ", ".join(said)


def instructions(fields: Iterable[Field], ctx: Context) -> list[Json]:
    """Coded instructions (CWE) of several fields, all repetitions."""
    return present(cwe_codeableconcept(cwe, ctx) for one in fields for cwe in one)


def daily_maximum(cq: Field, ctx: Context) -> Json:
    """RXO-23, RXE-19, RXD-12: total daily dose."""
    total = cq_quantity(cq.first, ctx)
    return {"numerator": total, "denominator": {"value": 1, **_DAY}} if total else {}


_DAY = {"unit": "d", "system": UCUM, "code": "d"}


def dosages(usual: Json, timings: list[Json], routes: list[Json]) -> list[Json]:
    """The dose, once for each timing, by the first route; each other RXR names another way in which it may be given."""
    first, *others = routes or [{}]
    found = [_joined(_joined(usual, timing), first) for timing in timings or [{}]]
    found += [{"text": "Alternative route", **other} for other in others if other]
    return [dosage for dosage in found if dosage]


def _joined(dosage: Json, more: Json) -> Json:
    """Both; words follow words, instructions instructions. Members stand in R4's order."""
    both = {**dosage, **more}
    for name in _BOTH:
        if name in dosage and name in more:
            both[name] = [*dosage[name], *(one for one in more[name] if one not in dosage[name])]
    if "text" in dosage and "text" in more and more["text"] != dosage["text"]:
        both["text"] = f"{dosage['text']}; {more['text']}"
    return {name: both[name] for name in _ORDER if name in both}


_ORDER = (
    "sequence",
    "text",
    "additionalInstruction",
    "patientInstruction",
    "timing",
    "asNeededBoolean",
    "site",
    "route",
    "method",
    "doseAndRate",
    "maxDosePerPeriod",
    "maxDosePerLifetime",
)


def _end(text: str, unit: Field, ctx: Context) -> Json:
    return simple(quantity_of(text, unit.first, ctx)) if text else {}


def _rate_amount(number: Field, unit: Field, ctx: Context) -> Json:
    if match := _RANGE.fullmatch(number.text):
        return {"low": _end(match[1], unit, ctx), "high": _end(match[2], unit, ctx)}
    return simple(amount(number, unit, ctx))


def _per(text: str) -> Json:
    """``H8`` → eight hours, ``H`` and ``HR`` → one; empty for what is no time unit."""
    match = _PER.fullmatch(text.strip())
    unit = time_unit(match[1]) if match else ""
    return with_value(int(match[2] or 1), unit) if match and unit else {}

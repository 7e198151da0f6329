"""Facts that FHIR R4 has no element for: billing, social and grouper data, each with its name and a typed value.

A segment lists them as ``Fact(field, name, value)``; they become components of an Observation, or supporting
information of a Claim.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from hub.fhir.build import period
from hub.fhir.codes import untranslated
from hub.fhir.systems import LOINC, TERMINOLOGY
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.datatypes.cp_money import cp_quantity, quantity
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.notes import Notes
from hub.model import Json

Value: TypeAlias = Callable[[Repetition, Notes], Json]
"""A repetition as ``value[x]``: ``{"valueString": …}``; ``{}`` when it says nothing."""


class Fact(NamedTuple):
    """Field ``number`` of a segment, what it is, and how its repetitions become values."""

    number: int
    about: str
    value: Value


def text(repetition: Repetition, ctx: Notes) -> Json:
    """Words, their components joined by spaces."""
    words = " ".join(part for at in range(1, len(repetition) + 1) for part in repetition.subcomponents(at) if part)
    return {"valueString": words} if words.strip() else {}


def name(repetition: Repetition, ctx: Notes) -> Json:
    """A person's name (XPN) in words."""
    words = full_name(xpn_humanname(repetition, ctx))
    return {"valueString": words} if words else {}


def moment(repetition: Repetition, ctx: Notes) -> Json:
    """A time; what is none is kept as words."""
    when = dtm_datetime(repetition[1], ctx, repetition.path)
    return {"valueDateTime": when} if when else text(repetition, ctx)


def money(repetition: Repetition, ctx: Notes) -> Json:
    """An amount; what is none is kept as words."""
    amount = cp_quantity(repetition)
    return {"valueQuantity": amount} if amount else text(repetition, ctx)


@lru_cache(maxsize=64)
def coded(table: str = "") -> Value:
    """A code, of that HL7 table where its sender names no other system."""
    known = untranslated(table) if table else None

    def value(repetition: Repetition, ctx: Notes) -> Json:
        concept = cwe_codeableconcept(repetition, ctx, known)
        return {"valueCodeableConcept": concept} if concept else {}

    return value


@lru_cache(maxsize=16)
def number(unit: str = "", code: str = "") -> Value:
    """A number with its unit; what is none is kept as words."""

    def value(repetition: Repetition, ctx: Notes) -> Json:
        amount = quantity(repetition[1], unit, code)
        return {"valueQuantity": amount} if amount else text(repetition, ctx)

    return value


YES_NO = coded("0136")
DAYS = number("day", "d")
MINUTES = number("minute", "min")
COUNT = number()


_LOINC = {
    "Marital status": "45404-1",
    "Race": "32624-9",
    "Ethnic group": "69490-1",
    "Employment status": "74165-2",
    "Job title": "11341-5",
    "Size of the household": "63512-8",
    "Income of the household": "63586-2",
}


def facts(segment: Segment, of: Iterable[Fact], ctx: Notes) -> list[tuple[str, Json]]:
    """What the segment says of each fact, once for each repetition: its name and its ``value[x]``."""
    raws = segment.raws
    stated = len(raws)
    return [
        (fact.about, said)
        for fact in of
        if fact.number < stated and raws[fact.number]
        for repetition in segment[fact.number]
        if (said := fact.value(repetition, ctx))
    ]


def codes_of(concept: Json) -> list[str]:
    """The codes of a CodeableConcept; a Coding may have words alone."""
    return [one["code"] for one in concept.get("coding", ()) if "code" in one]


def wording(field: Field) -> str:
    """All that a field says, whatever delimiters its sender writes: what it is known by where it has no number."""
    return "~".join("^".join("&".join(said.subcomponents(at)) for at in range(1, len(said) + 1)) for said in field)


def notes_of(*fields: Field) -> list[Json]:
    """A note for each repetition of the fields, in its own words."""
    return [{"text": words} for field in fields for said in field if (words := said.text)]


def remarks(*read: tuple[Field, str, object]) -> list[Json]:
    """A note for each field that says something which could not be read as what it is (a word instead of a time): its
    name and its text."""
    return [{"text": f"{about}: {field.first.text}"} for field, about, value in read if not value and field.first.text]


def components(found: Iterable[tuple[str, Json]]) -> list[Json]:
    """Facts as Observation.component; those that LOINC names have its code."""
    return [{"code": _called(about), **said} for about, said in found]


@lru_cache(maxsize=512)
def _called(about: str) -> Json:
    code = _LOINC.get(about)
    return {"coding": [{"system": LOINC, "code": code}], "text": about} if code else {"text": about}


def in_words(found: Iterable[tuple[str, Json]]) -> list[str]:
    """Facts that are texts or codes, each by its name: ``Duration: T Temporary``."""
    return [f"{about}: {_worded(said)}" for about, said in found]


def _worded(said: Json) -> str:
    """A text, or a code with its display."""
    if "valueString" in said:
        return str(said["valueString"])
    found = said["valueCodeableConcept"]
    codes = [part for coding in found.get("coding", ()) for part in (coding.get("code"), coding.get("display"))]
    return " ".join(dict.fromkeys(filter(None, (*codes, found.get("text")))))


def supporting(found: Iterable[tuple[str, Json]]) -> list[Json]:
    """Facts as Claim.supportingInfo, without their sequence numbers: a code stands in ``code``, a time in
    ``timing[x]``, all else in ``value[x]``."""
    return [_information(about, said) for about, said in found]


def _information(about: str, said: Json) -> Json:
    line: Json = {"category": _category(about)}
    for name, value in said.items():
        if name == "valueCodeableConcept":
            line["code"] = value
        elif name == "valueDateTime":
            line.update(timing(value))
        else:
            line[name] = value
    return line


def timing(when: str, until: str = "") -> Json:
    """Claim's ``timing[x]`` of a dateTime: a day, else a Period."""
    if until or "T" in when:
        return {"timingPeriod": period(when, until)}
    return {"timingDate": when}


@lru_cache(maxsize=512)
def _category(about: str) -> Json:
    return {"coding": [{"system": TERMINOLOGY + "claiminformationcategory", "code": "info"}], "text": about}

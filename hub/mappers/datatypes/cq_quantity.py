"""CQ (composite quantity with units), and a number with the CWE of its unit, → Quantity (HL7 v2.9, chapter 2A.3.12)."""

from hub.fhir.build import compact, token
from hub.fhir.systems import EXTENSION, UCUM
from hub.formats.hl7v2.segment import Field, Repetition
from hub.mappers.datatypes.cwe_codeableconcept import coding_system
from hub.mappers.datatypes.nm_decimal import Decimal, compared
from hub.mappers.notes import Notes
from hub.model import Json

TRANSLATION = EXTENSION + "iso21090-PQ-translation"


def cq_quantity(cq: Repetition, ctx: Notes) -> Json:
    """CQ.1 number, .2 unit; nothing without a number."""
    return quantity_of(cq[1], cq.inner(2), ctx) if cq.raw else {}


def amount(number: Field, unit: Field, ctx: Notes) -> Json:
    """A number in one field and its unit in another; nothing without a number."""
    return quantity_of(number.text, unit.first, ctx) if number.raw else {}


def simple(quantity: Json) -> Json:
    """The quantity where R4 wants a SimpleQuantity, which has no comparator; ``{}`` for "less than"."""
    return {} if "comparator" in quantity else quantity


def with_value(value: Decimal, unit: str) -> Json:
    """A Quantity in a unit of UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def cwe_unit(cwe: Repetition, ctx: Notes) -> Json:
    """Unit in words (.2 else .1); code and system only where the sender names the system (UCUM: .3 ``UCUM``)."""
    code, name = cwe[1], cwe[3]
    if not (code and name):
        return compact({"unit": unit_words(cwe)})
    system = UCUM if name == "UCUM" else coding_system(name, ctx, f"{cwe.path}.3")
    return {"unit": unit_words(cwe), "system": system, "code": token(code)} if system else {"unit": unit_words(cwe)}


def unit_words(cwe: Repetition) -> str:
    """The unit as people read it."""
    return cwe[2] or cwe[9] or cwe[1] or cwe[5] or cwe[4]


def quantity_of(text: str, unit: Repetition, ctx: Notes) -> Json:
    """A number in words (``<5`` has a comparator) and its unit (CWE); ``{}`` where it is no number.

    The unit as the sender writes it otherwise (a code without a system, .4–.6) stands in R4's extension for that.
    """
    comparator, number = compared(text)
    if number is None:
        return {}
    others = [{"url": TRANSLATION, "valueQuantity": {"value": number, **other}} for other in other_units(unit, ctx)]
    return {
        **({"extension": others} if others else {}),
        "value": number,
        **({"comparator": comparator} if comparator else {}),
        **cwe_unit(unit, ctx),
    }


def other_units(cwe: Repetition, ctx: Notes) -> list[Json]:
    """The units that the sender names beside the first: a code without a system, and the alternate unit (.4–.6)."""
    if len(cwe) < 2:
        return []
    code, words, name, code2, words2, name2 = cwe.texts(6)
    plain = {"unit": code} if code and words and words != code and not name else {}
    other = cwe_unit(cwe.like(cwe.syntax.component.join((code2, words2, name2))), ctx) if code2 or words2 else {}
    return [unit for unit in (plain, other) if unit]

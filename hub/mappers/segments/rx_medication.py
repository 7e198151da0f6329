"""The drug itself: code, form, strength, ingredients, lot → Medication or its code alone (HL7 v2.9, chapter 4A.4;
FHIR R4, Medication)."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from hub.fhir.build import compact, concept, present
from hub.fhir.systems import TERMINOLOGY
from hub.formats.hl7v2.segment import ABSENT, Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cq_quantity import amount
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_organization import cwe_organization
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.model import Json

NOT_STATED: Json = {
    "coding": [{"system": TERMINOLOGY + "data-absent-reason", "code": "unknown", "display": "Unknown"}],
    "text": "not stated",
}
"""A drug that only the order's number names: R4 demands a medication."""


@dataclass(frozen=True, slots=True)
class Product:
    """Where a segment says what of the drug: numbers of its fields, 0 where it has none."""

    code: int
    form: int = 0
    strength: int = 0
    volume: int = 0
    lot: int = 0
    package: int = 0
    supplementary: int = 0
    instance: int = 0
    barcode: int = 0


def rx_medication(
    rx: Segment, product: Product, components: Iterable[Segment], ctx: Context, words: str = ""
) -> tuple[Json, Json]:
    """``medicationCodeableConcept`` or, where more is known than a code, ``medicationReference`` with a Medication.

    ``words`` are what stands for the code where the sender writes the order in free text. Returned beside it: the
    Medication, empty where there is none.
    """
    code = drug_code(rx, product, ctx) or ({"text": words} if words else {})
    more = _more(rx, product, code, components, ctx)
    if not more:
        return {"medicationCodeableConcept": code or NOT_STATED}, {}
    content = {"resourceType": "Medication", **compact({"code": code, **more})}
    medication = ctx.add(content, ctx.feed.name, orjson.dumps(content).decode())
    return {"medicationReference": ctx.reference(medication, code.get("text", ""))}, medication


def coded_medication(cwe: Field, display: str, ctx: Context) -> Json:
    """A Reference to a Medication that an order mentions beside the one it is for; ``{}`` without a code."""
    code = cwe_codeableconcept(cwe, ctx)
    if not code:
        return {}
    medication = ctx.add({"resourceType": "Medication", "code": code}, ctx.feed.name, cwe.raw)
    return ctx.reference(medication, display)


def drug_code(rx: Segment, product: Product, ctx: Context) -> Json:
    """The code with the supplementary ones (RXE-31: NDC, GCN), which name the same drug in other systems."""
    code = cwe_codeableconcept(rx[product.code], ctx)
    others = each(_field(rx, product.supplementary), cwe_codeableconcept, ctx)
    codings = [coding for other in others for coding in other.get("coding", ())]
    if not codings:
        return code
    known = code.get("coding", [])
    return {**code, "coding": [*known, *(coding for coding in codings if coding not in known)]}


def strength(number: Field, unit: Field, volume: Field, volume_unit: Field, ctx: Context) -> Json:
    """A Ratio: so much of the substance in that volume, else in one unit of the drug."""
    numerator, denominator = amount(number, unit, ctx), amount(volume, volume_unit, ctx)
    if not numerator:
        return {}
    return {"numerator": numerator, "denominator": denominator or {"value": 1}}


def _more(rx: Segment, product: Product, code: Json, components: Iterable[Segment], ctx: Context) -> Json:
    """What a code alone cannot say."""
    ingredients = [rxc_ingredient(rxc, ctx) for rxc in components]
    if (has := _strength(rx, product, ctx)) and code:
        ingredients.insert(0, {"itemCodeableConcept": code, "strength": has})
    identifiers = present(
        [
            ei_identifier(_field(rx, product.instance).first, ctx),
            *(_barcode(one) for one in each(_field(rx, product.barcode), cwe_codeableconcept, ctx)),
        ]
    )
    package = amount(_field(rx, product.package), _field(rx, product.package and product.package + 1), ctx)
    return compact(
        {
            "identifier": identifiers,
            "manufacturer": _manufacturer(rx, product, ctx),
            "form": cwe_codeableconcept(_field(rx, product.form), ctx),
            "amount": {"numerator": package, "denominator": {"value": 1}} if package else None,
            "ingredient": ingredients,
            "batch": _batch(rx, product, ctx),
        }
    )


def _strength(rx: Segment, product: Product, ctx: Context) -> Json:
    if not product.strength or len(rx) < product.strength:
        return {}
    at, volume = product.strength, product.volume
    return strength(rx[at], rx[at + 1], _field(rx, volume), _field(rx, volume and volume + 1), ctx)


def _batch(rx: Segment, product: Product, ctx: Context) -> Json:
    """Lot and expiry; a drug of several lots names them all."""
    lots = ", ".join(lot.text for lot in _field(rx, product.lot))
    return compact(
        {"lotNumber": lots, "expirationDate": field_datetime(_field(rx, product.lot and product.lot + 1), ctx)}
    )


def _manufacturer(rx: Segment, product: Product, ctx: Context) -> Json:
    maker = cwe_organization(_field(rx, product.lot and product.lot + 2).first, ctx)
    return ctx.reference(maker, maker.get("name", "")) if maker else {}


def _barcode(code: Json) -> Json:
    """A CWE that numbers one package."""
    first: Json = next(iter(code.get("coding", ())), {})
    kind = concept("", "", text="Barcode")
    return compact({"type": kind, "system": first.get("system"), "value": first.get("code") or code.get("text")})


def rxc_ingredient(rxc: Segment, ctx: Context) -> Json:
    """RXC → Medication.ingredient: RXC-1 additive (what acts), -2 (with -7) what, -3/-4 how much of it; its own
    strength (-5/-6, -8/-9) makes the ingredient a Medication itself."""
    code = drug_code(rxc, Product(code=2, supplementary=7), ctx) or NOT_STATED
    own = strength(rxc[5], rxc[6], rxc[8], rxc[9], ctx)
    how_much = amount(rxc[3], rxc[4], ctx)
    return compact(
        {
            **_item(code, own, ctx),
            "isActive": True if rxc[1].text.upper() == "A" else None,
            "strength": {"numerator": how_much, "denominator": {"value": 1}} if how_much else None,
        }
    )


def _item(code: Json, own: Json, ctx: Context) -> Json:
    if not own:
        return {"itemCodeableConcept": code}
    content = {
        "resourceType": "Medication",
        "code": code,
        "ingredient": [{"itemCodeableConcept": code, "strength": own}],
    }
    medication = ctx.add(content, ctx.feed.name, orjson.dumps(content).decode())
    return {"itemReference": ctx.reference(medication, code.get("text", ""))}


def _field(rx: Segment, number: int) -> Field:
    return rx[number] if number else ABSENT

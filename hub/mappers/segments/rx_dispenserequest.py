"""What RXO, RXE and RXG say to the pharmacy → MedicationRequest.dispenseRequest, substitution and note (HL7 v2.9,
chapter 4A.4)."""

from hub.fhir.build import compact, complete
from hub.fhir.codes import untranslated
from hub.fhir.systems import V3
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import amount, cq_quantity, simple, with_value
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_organization import cwe_organization
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.mappers.premises import lines, premises
from hub.mappers.segments.rx_columns import Columns, at
from hub.mappers.segments.tq1_dosage import is_length
from hub.model import Json

_ALLOWED = {
    "0161": {"N": ("N", "none"), "G": ("G", "generic composition"), "T": ("TE", "therapeutic alternative")},
    "0167": {"1": ("N", "none"), "7": ("N", "none")},
}
"""Tables 0161 and 0167 to v3-substanceAdminSubstitution, where a code says what is allowed."""


def dispense_request(rx: Segment, of: Columns, lasting: Json, ctx: Context) -> Json:
    """Quantity, refills, first fill, interval, pharmacy; ``lasting`` is for how long the order is, hence the supply."""
    quantity = simple(amount(at(rx, of.dispensed), at(rx, of.dispensed, 1), ctx))
    interval = nm_decimal(at(rx, of.interval).text)
    initial = simple(cq_quantity(at(rx, of.first_fill).first, ctx))
    return compact(
        {
            "initialFill": {"quantity": initial} if initial else None,
            "dispenseInterval": with_value(interval, "d") if interval is not None else None,
            "numberOfRepeatsAllowed": _whole(at(rx, of.refills)),
            "quantity": quantity,
            "expectedSupplyDuration": lasting if quantity and is_length(lasting) else None,
            "performer": pharmacy(at(rx, of.pharmacy), at(rx, of.pharmacy_address), at(rx, of.telephone), ctx),
        }
    )


def pharmacy(name: Field, address: Field, telephone: Field, ctx: Context) -> Json:
    """The Reference to a pharmacy, whose address and telephones stand in fields of their own; ``{}`` without a name."""
    found = cwe_organization(name.first, ctx)
    if found is None:
        return {}
    more = {
        "telecom": lines(telephone, ctx),
        "address": premises(address, ctx),
    }
    complete(found, compact(more))
    return ctx.reference(found, found.get("name", ""))


def substitution(rx: Segment, of: Columns, ctx: Context) -> Json:
    """Whether another drug may be dispensed: table 0161 of the order, 0167 of what the pharmacy makes of it."""
    field = rx[of.substitution]
    said = cwe_codeableconcept(field, ctx, untranslated(of.substitution_table)) if field else {}
    if not said:
        return {}
    code, display = _ALLOWED[of.substitution_table].get(field.text.upper(), ("", ""))
    if code:
        meant = {"system": V3 + "substanceAdminSubstitution", "code": code, "display": display}
        said = {**said, "coding": [meant, *said.get("coding", ())]}
    return {"allowedCodeableConcept": said}


def comments(rx: Segment, of: Columns, ctx: Context) -> list[Json]:
    """Instructions to the pharmacy in words, and what R4 has no element for: how often it has been filled, when last
    and by whom, and whether a person should look at it."""
    written = [words(cwe) for number in of.comments for cwe in rx[number]]
    filled = [
        f"{name}: {at(rx, number).text}"
        for name, number in (("Refills remaining", of.remaining), ("Refills or doses dispensed", of.given))
        if at(rx, number).text
    ]
    review = "Needs human review" if rx[of.review].text == "Y" else ""
    return [*({"text": text} for text in (*written, *filled, review) if text), *_last_fill(rx, of, ctx)]


def words(cwe: Repetition) -> str:
    """A CWE as one reads it: its text, with the code behind it."""
    said = cwe[9] or cwe[2] or cwe[5]
    return f"{said} ({cwe[1]})" if said and cwe[1] and cwe[1] != said else said or cwe[1]


def _last_fill(rx: Segment, of: Columns, ctx: Context) -> list[Json]:
    when = field_datetime(at(rx, of.recent), ctx)
    who = cwe_organization(at(rx, of.recent_pharmacy).first, ctx)
    if not (when or who):
        return []
    author = ctx.reference(who, who.get("name", "")) if who else None
    return [compact({"authorReference": author, "time": when, "text": "Most recent refill or dose dispensed"})]


def _whole(field: Field) -> int | None:
    text = field.text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None

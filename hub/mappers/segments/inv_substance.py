"""INV → Substance, and what is known of this stock of it (HL7 v2.9, chapter 13.4.4)."""

from hub.fhir.build import compact, present
from hub.fhir.codes import Table, untranslated
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import amount, cq_quantity, simple
from hub.mappers.datatypes.cwe_code import alternate_codes
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact, coded, components, facts, moment, text, wording
from hub.mappers.notes import Notes
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json


def _quantity(cq: Repetition, ctx: Notes) -> Json:
    """A quantity with its unit; what is none is kept as words."""
    read = cq_quantity(cq, ctx)
    return {"valueQuantity": read} if read else text(cq, ctx)


_STATUS = untranslated(Table("0383"))
_KIND = untranslated(Table("0384"))
_FACTS = (
    Fact(5, "Container carrier", coded()),
    Fact(6, "Position on the carrier", coded()),
    Fact(13, "First used", moment),
    Fact(15, "Test or fluid", coded()),
    Fact(16, "Manufacturer's lot number", text),
    Fact(17, "Manufacturer", coded()),
    Fact(18, "Supplier", coded()),
    Fact(19, "On-board stability", _quantity),
    Fact(20, "Target value", _quantity),
)
_AMOUNTS = ((7, "Initial quantity"), (9, "Available quantity"), (10, "Consumed quantity"))


@segment("INV")
def inv_substance(inv: Segment, ctx: Context) -> Json | None:
    """Adds the Substance (INV-1 code, -2 status, -3 type; -4 container, -8 quantity with -11, -12 expiry as its
    instance), and an Observation about it of what R4 has no element for."""
    code = cwe_codeableconcept(inv[1], ctx)
    if not code:
        zzz_basic(inv, ctx)
        return None
    state, kind = cwe_codeableconcept(inv[2], ctx, _STATUS), cwe_codeableconcept(inv[3], ctx, _KIND)
    made = {
        "resourceType": "Substance",
        "_status": alternate_codes(state) if state else None,
        "category": present([kind]),
        "code": code,
        "instance": present([_instance(inv, ctx)]),
    }
    substance = ctx.add(compact(made), wording(inv[1]), wording(inv[4]), wording(inv[16]))
    _known(inv, substance, ctx)
    return substance


def _instance(inv: Segment, ctx: Context) -> Json:
    container = inv[4].first
    named = compact({"value": container[1], "type": {"text": container[2]} if container[2] else None})
    return compact(
        {
            "identifier": named if container[1] else None,
            "expiry": field_datetime(inv[12], ctx),
            "quantity": simple(amount(inv[8], inv[11], ctx)),
        }
    )


def _known(inv: Segment, substance: Json, ctx: Context) -> None:
    amounts = [(about, said) for number, about in _AMOUNTS if (said := amount(inv[number], inv[11], ctx))]
    known = [*((about, {"valueQuantity": said}) for about, said in amounts), *facts(inv, _FACTS, ctx)]
    if known:
        observation = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "Inventory"},
            "focus": [ctx.reference(substance)],
            "component": components(known),
        }
        ctx.add(observation, substance["id"], "inventory")

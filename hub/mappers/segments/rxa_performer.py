"""What RXA says of a drug that was given and of a vaccine alike: how it ended, who gave it, where (HL7 v2.9, chapter
4A.4.7; v2-to-FHIR guide, ``RXA[Immunization]``)."""

from hub.fhir.build import coding, present
from hub.fhir.codes import Table
from hub.fhir.systems import V2
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_coding
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.la_location import la_location, place_with_address
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.groups import Order
from hub.mappers.segments.orc_medication import ordering, sent_beside_code
from hub.mappers.segments.rx_medication import Product
from hub.model import Json

PRODUCT = Product(code=5, form=8, strength=13, volume=23, lot=15, barcode=25)
COMPLETION = Table("0322", "http://hl7.org/fhir/event-status")
_ACTION = Table("0206")
_ADMINISTERING = {"coding": [coding(V2 + "0443", "AP", "Administering Provider")]}
_ORDERING = {"coding": [coding(V2 + "0443", "OP", "Ordering Provider")]}


def rxa_status(rxa: Segment, ctx: Context) -> Json:
    """Member ``status``: RXA-21 D deletes what was sent before; else RXA-20, where nothing said means that it is done,
    and empty for a code that is not in table 0322.

    RXA-20 stands beside it as sent. A refusal without a status (RXA-18 alone) was not done.
    """
    if rxa[21].text == "D":
        status = "entered-in-error"
    elif rxa[20]:
        status = ctx.translated(COMPLETION, rxa[20])
    else:
        status = "not-done" if rxa[18] else "completed"
    return {"status": status, **sent_beside_code("status", rxa[20], "0322", ctx)}


def rxa_action(rxa: Segment, ctx: Context) -> Json:
    """RXA-21 as a Coding: added, changed, deleted."""
    return cwe_coding(rxa[21], ctx, _ACTION)


def rxa_performers(rxa: Segment, order: Order, ctx: Context) -> list[Json]:
    """RXA-10 gave it; ORC-12 ordered it."""
    given = [{"function": _ADMINISTERING, "actor": who} for xcn in rxa[10] if (who := xcn_reference(xcn, ctx))]
    who_ordered = ordering(order, ctx)
    return [*given, *([{"function": _ORDERING, "actor": who_ordered}] if who_ordered else ())]


def rxa_numbers(rxa: Segment, ctx: Context) -> list[Json]:
    """RXA-29 tag, and the counters RXA-1 and -2 where they count: immunization registries send 0 and 1."""
    names = ((1, "Give Sub-ID Counter"), (2, "Administration Sub-ID Counter"))
    counted = rxa[1].text.strip("0") != "" or rxa[2].text not in {"", "0", "1"}
    found = [{"type": {"text": name}, "value": rxa[at].text} for at, name in names if counted and rxa[at].text]
    return present([*found, *each(rxa[29], ei_identifier, ctx)])


def rxa_locations(rxa: Segment, ctx: Context) -> list[Json]:
    """RXA-27 with the address RXA-28, and RXA-11 of older versions, which has both."""
    places = (place_with_address(rxa[27], rxa[28], ctx), la_location(rxa[11].first, ctx))
    found = {place["id"]: place for place in places if place}
    return [ctx.reference(place, place.get("name", "")) for place in found.values()]

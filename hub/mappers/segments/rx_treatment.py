"""The drugs of one order, each mapped: what was ordered, encoded, dispensed and given (HL7 v2.9, chapter 4A.3); and
each segment by itself, where its message does not say to what it belongs."""

from hub.fhir.build import complete
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.groups import Order
from hub.mappers.pharmacy import Drug, alone, drugs_of
from hub.mappers.segments.obr_servicerequest import obr_reported
from hub.mappers.segments.obx_observation import Report, obx_observation
from hub.mappers.segments.orc_servicerequest import order_servicerequest
from hub.mappers.segments.order_rest import order_rest
from hub.mappers.segments.prt_participation import prt_devices
from hub.mappers.segments.rx_columns import RXE, RXG, RXO
from hub.mappers.segments.rx_medicationrequest import orc_medicationrequest, rx_medicationrequest
from hub.mappers.segments.rxa_immunization import rxa_immunization
from hub.mappers.segments.rxa_immunizationrecommendation import is_forecast, rxa_immunizationrecommendation
from hub.mappers.segments.rxa_medicationadministration import rxa_medicationadministration
from hub.mappers.segments.rxd_medicationdispense import rxd_medicationdispense
from hub.mappers.segments.tq1_timing import related_orders
from hub.model import Json

VACCINATIONS = frozenset(("VXU", "VXR", "VXX", "RSP"))
"""Types of messages in which an RXA is a vaccine."""
_VACCINES = frozenset(("CVX", "HL70292"))
"""Names of the coding system of vaccines (RXA-5.3)."""


def treatment(order: Order, ctx: Context) -> list[Json]:
    """Adds what the drugs of an order are, in their order; an ORC alone is a MedicationRequest without a drug."""
    made = _drugs(order, ctx)
    if made:
        _rest(order, made[0], ctx)
    return [*made, *_service(order, ctx)]


def _service(order: Order, ctx: Context) -> list[Json]:
    """What an OBR beside the drugs orders under the same number: a level in the blood, an infusion to be hung."""
    if order.obr is None:
        return []
    request = order_servicerequest(Order(ctx, order.orc, order.obr, [order.obr]), ctx)
    if request is not None and len(order.obr) > 6:
        obr_reported(order.obr, request, ctx)
    return [request] if request else []


def _drugs(order: Order, ctx: Context) -> list[Json]:
    drugs = drugs_of(order, ctx)
    if not drugs:
        request = orc_medicationrequest(order, ctx)
        return [request] if request else []
    made: list[Json] = []
    request = None
    for drug in drugs:
        found = _mapped(drug, request, ctx)
        request = found if found["resourceType"] == "MedicationRequest" else request
        _observed(drug, found, ctx)
        made.append(found)
    return made


def _rest(order: Order, first: Json, ctx: Context) -> None:
    """Devices that take part (PRT), related orders (TQ2), contacts, studies and charges, with the first resource."""
    order_rest(order, first, ctx)
    related = [{**one, "type": "MedicationRequest"} for one in related_orders(order.all("TQ2"), ctx)]
    support = [*prt_devices(order.participations, ctx), *related]
    if support and first["resourceType"] in _OBSERVED:
        complete(first, {_OBSERVED[first["resourceType"]]: support})


@segment("RXO", "RXE", "RXG", "RXD", "RXA")
def rx_alone(rx: Segment, ctx: Context) -> Json:
    """A drug that stands by itself: its order is not known."""
    return _mapped(alone(rx, ctx), None, ctx)


def is_vaccine(rxa: Segment, ctx: Context) -> bool:
    """Whether an RXA is a vaccination: by its message, else by the coding system of RXA-5."""
    if ctx.message is not None and ctx.message.type in VACCINATIONS:
        return True
    code = rxa[5].first
    return code[3].upper() in _VACCINES or code[6].upper() in _VACCINES


def _mapped(drug: Drug, request: Json | None, ctx: Context) -> Json:
    """``request`` is the MedicationRequest that stands before the drug in its order."""
    rx = drug.rx
    if rx.name == "RXO":
        return rx_medicationrequest(drug, RXO, "original-order", request, ctx)
    if rx.name == "RXE":
        return rx_medicationrequest(drug, RXE, "filler-order" if request else "order", request, ctx)
    if rx.name == "RXG":
        return rx_medicationrequest(drug, RXG, "instance-order", request, ctx)
    if rx.name == "RXD":
        return rxd_medicationdispense(drug, request, ctx)
    if not is_vaccine(rx, ctx):
        return rxa_medicationadministration(drug, request, ctx)
    return rxa_immunizationrecommendation(drug, ctx) if is_forecast(drug) else rxa_immunization(drug, ctx)


_OBSERVED = {
    "MedicationRequest": "supportingInformation",
    "MedicationDispense": "supportingInformation",
    "MedicationAdministration": "supportingInformation",
}


def _observed(drug: Drug, of: Json, ctx: Context) -> None:
    """Observations of an order (weight, a level in the blood) support it; those of a vaccination are part of it."""
    if of["resourceType"] not in _OBSERVED or not drug.observations:
        return
    report = Report(of["id"], {})
    found = [ctx.reference(obx_observation(observed, report, ctx)) for observed in drug.observations]
    complete(of, {_OBSERVED[of["resourceType"]]: found})

"""The drugs of an order: each RXO, RXE, RXD, RXG and RXA with the segments that follow it (HL7 v2.9, chapter 4A.3)."""

from dataclasses import dataclass, field

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.groups import Observed, Order

DRUGS = frozenset(("RXO", "RXE", "RXD", "RXG", "RXA"))


@dataclass(slots=True)
class Drug:
    """A drug as it is ordered, encoded, dispensed or given; ``place`` counts those of its kind within the order."""

    rx: Segment
    order: Order
    place: int = 0
    routes: list[Segment] = field(default_factory=list)
    components: list[Segment] = field(default_factory=list)
    timings: list[Segment] = field(default_factory=list)
    limits: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    observations: list[Observed] = field(default_factory=list)


_PLACES = {"RXR": "routes", "RXC": "components", "TQ1": "timings", "CDO": "limits"}


def drugs_of(order: Order, ctx: Context) -> list[Drug]:
    """The drugs of an order, all their segments taken; what stands before the first of them belongs to it."""
    found: list[Drug] = []
    waiting: list[tuple[str, Segment]] = []
    for segment in order.segments:
        if segment.name in DRUGS:
            found.append(_drug(ctx.take(segment), order, found))
        elif place := _PLACES.get(segment.name):
            waiting.append((place, ctx.take(segment)))
        if found:
            for place, one in waiting:
                getattr(found[-1], place).append(one)
            waiting.clear()
    if found:
        _share(order, found)
    return found


def alone(rx: Segment, ctx: Context) -> Drug:
    """A drug whose order is not known: the segment stands by itself."""
    return Drug(rx, Order(ctx, segments=[rx]))


def has_drugs(order: Order) -> bool:
    """Whether the order is one for drugs."""
    return any(segment.name in DRUGS for segment in order.segments)


def _drug(rx: Segment, order: Order, before: list[Drug]) -> Drug:
    return Drug(rx, order, sum(one.rx.name == rx.name for one in before))


def _share(order: Order, drugs: list[Drug]) -> None:
    """Gives comments and observations to the drug that they follow, else to the first."""
    for observed in order.observations:
        _before(observed.obx, drugs).observations.append(observed)
    for nte in order.notes:
        _before(nte, drugs).notes.append(nte)


def _before(segment: Segment, drugs: list[Drug]) -> Drug:
    return next((drug for drug in reversed(drugs) if drug.rx.line < segment.line), drugs[0])

"""The groups of a message: which segments belong to one order (ORDER_OBSERVATION of ORU^R01, ORDER of OMG^O19 …).

Groups are found by the order of segments alone, so that a segment in an unexpected place still lands somewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context


@dataclass(slots=True)
class Observed:
    """An OBX and the notes that follow it."""

    obx: Segment
    notes: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """One order and all that belongs to it; a result has an OBR, an answer to an order may have an ORC alone."""

    orc: Segment | None = None
    obr: Segment | None = None
    notes: list[Segment] = field(default_factory=list)
    timings: list[Segment] = field(default_factory=list)
    participations: list[Segment] = field(default_factory=list)
    diagnoses: list[Segment] = field(default_factory=list)
    observations: list[Observed] = field(default_factory=list)
    specimens: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class PatientGroup:
    """A patient's segments (PID, PD1, PV1 …) and the orders that follow them; comments on the patient (an NTE before
    the first order) go to the first order, because a Patient has no place for them."""

    segments: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)


_STARTS = ("ORC", "OBR")
_PLACES = {"TQ1": "timings", "PRT": "participations", "DG1": "diagnoses", "SPM": "specimens"}


def patient_groups(message: Message, ctx: Context) -> list[PatientGroup]:
    """The patients of a message in order, each with its orders; segments before the first PID belong to the first."""
    groups = [PatientGroup()]
    for segment in message.segments:
        if segment.name == "PID" and any(s.name == "PID" for s in groups[-1].segments):
            groups.append(PatientGroup())
        _place(segment, groups[-1], ctx)
    return groups


def orders(message: Message, ctx: Context) -> list[Order]:
    """All orders of a message that is about one patient."""
    return [order for group in patient_groups(message, ctx) for order in group.orders]


def _place(segment: Segment, group: PatientGroup, ctx: Context) -> None:
    name, order = segment.name, group.orders[-1] if group.orders else None
    if name in _STARTS:
        _start(segment, group, order)
    elif order is None and name == "NTE":
        group.notes.append(segment)
    elif order is None:
        group.segments.append(segment)
        return
    elif name == "OBX":
        order.observations.append(Observed(segment))
    elif name == "NTE":
        (order.observations[-1].notes if order.observations else order.notes).append(segment)
    elif name in _PLACES:
        getattr(order, _PLACES[name]).append(segment)
    else:
        group.segments.append(segment)
        return
    ctx.take(segment)


def _start(segment: Segment, group: PatientGroup, order: Order | None) -> None:
    """An ORC begins an order; an OBR completes the ORC before it, or begins an order when there is none."""
    if segment.name == "OBR" and order is not None and order.obr is None and not order.observations:
        order.obr = segment
        return
    started = Order(orc=segment) if segment.name == "ORC" else Order(obr=segment)
    started.notes.extend(group.notes if order is None else ())
    group.orders.append(started)


def of_name(segments: list[Segment], name: str) -> Iterator[Segment]:
    """Those of that name."""
    return (segment for segment in segments if segment.name == name)

"""The groups of a message: which segments belong to one order (ORDER_OBSERVATION of ORU^R01, ORDER of OMG^O19 …) and to
one specimen (SPECIMEN of OUL^R22).

Groups are found by the order of segments alone, so that a segment in an unexpected place still lands somewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context


@dataclass(slots=True)
class Observed:
    """An OBX with the notes and the participations (PRT) that follow it."""

    obx: Segment
    notes: list[Segment] = field(default_factory=list)
    participations: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Sample:
    """A specimen with what follows it: containers (SAC), observations on the specimen itself, notes, collectors.

    An automated laboratory may name the container alone: then there is no SPM.
    """

    spm: Segment | None = None
    containers: list[Segment] = field(default_factory=list)
    observations: list[Observed] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    participations: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """One order and all that belongs to it; a result has an OBR, an answer to an order may have an ORC alone.

    ``segments`` are all of them in message order, ORC, OBR, OBX and NTE included; ``notes`` and ``participations`` are
    those of the order itself. What neither the groups nor a mapper take by ``all`` or ``first`` is mapped by itself.
    """

    ctx: Context = field(repr=False)
    orc: Segment | None = None
    obr: Segment | None = None
    segments: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    participations: list[Segment] = field(default_factory=list)
    observations: list[Observed] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def all(self, name: str) -> list[Segment]:
        """The order's segments of that name, which hereby count as mapped."""
        return [self.ctx.take(segment) for segment in self.segments if segment.name == name]

    def first(self, name: str) -> Segment | None:
        """The first of them, which hereby counts as mapped."""
        return next((self.ctx.take(segment) for segment in self.segments if segment.name == name), None)

    @property
    def head(self) -> Segment:
        """The segment that the order begins with."""
        return self.segments[0]


@dataclass(slots=True)
class PatientGroup:
    """A patient's segments (PID, PD1, PV1 …) and the orders and specimens that follow them; comments among the former
    (``notes``) go to the first order, which they are mostly about."""

    segments: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


DETAILS = frozenset(("OBR", "RXO", "RXE", "RXD", "RXG", "RXA", "RQD", "RQ1", "ODS", "ODT"))
"""What is ordered, dispensed or given: it completes the ORC before it, or begins an order when there is none."""


def patient_groups(message: Message, ctx: Context) -> list[PatientGroup]:
    """The patients of a message in order, each with its orders; segments before the first PID belong to the first."""
    grouping = _Grouping(message, ctx)
    for segment in message.segments:
        grouping.place(segment)
    return grouping.groups


def orders(message: Message, ctx: Context) -> list[Order]:
    """All orders of a message that is about one patient."""
    return [order for group in patient_groups(message, ctx) for order in group.orders]


def of_name(segments: list[Segment], name: str) -> Iterator[Segment]:
    """Those of that name."""
    return (segment for segment in segments if segment.name == name)


class _Grouping:
    """The groups as far as they are known; ``order``, ``sample`` and ``observed`` are those that are open, and
    ``of_sample`` is whether the next OBX speaks of the specimen: before its order, and after the results."""

    def __init__(self, message: Message, ctx: Context) -> None:
        self.ctx = ctx
        self.groups = [PatientGroup()]
        self.order: Order | None = None
        self.sample: Sample | None = None
        self.observed: Observed | None = None
        self.of_sample = False
        self.orc_follows = message.type == "OUL"
        self.specimens_first = _line(message, "SPM", "SAC") < _line(message, "ORC", "OBR")
        self.places = {
            "OBX": self._observation,
            "NTE": self._note,
            "PRT": self._participation,
            "SPM": self._specimen,
            "SAC": self._container,
            "PID": self._patient,
            "ORC": self._control,
            **dict.fromkeys(DETAILS, self._detail),
        }

    def place(self, segment: Segment) -> None:
        """Puts a segment where it belongs; what belongs to no order is the patient's."""
        if found := self.places.get(segment.name):
            found(segment)
        elif self.order is None:
            self.groups[-1].segments.append(segment)
        if self.order is not None:
            self.order.segments.append(segment)

    def _patient(self, pid: Segment) -> None:
        if any(segment.name == "PID" for segment in self.groups[-1].segments):
            self.groups.append(PatientGroup())
        self.order = self.sample = self.observed = None
        self.of_sample = False
        self.groups[-1].segments.append(pid)

    def _control(self, orc: Segment) -> None:
        """An ORC begins an order; in an OUL it follows its OBR."""
        self.ctx.take(orc)
        order = self.order
        if order and self.orc_follows and order.obr and order.orc is None and not order.observations:
            order.orc = orc
        else:
            self._start(Order(self.ctx, orc=orc))

    def _detail(self, segment: Segment) -> None:
        order = self.order
        if order is None or _is_full(order, segment.name):
            order = self._start(Order(self.ctx))
        self.observed = None
        if segment.name == "OBR":
            order.obr = self.ctx.take(segment)

    def _start(self, order: Order) -> Order:
        """Opens an order; where specimens come first it is for the last of them."""
        self.order, self.observed, self.of_sample = order, None, False
        if self.specimens_first:
            order.samples.extend((self.sample,) if self.sample else ())
        else:
            self.sample = None
        group = self.groups[-1]
        if not group.orders:
            order.notes.extend(map(self.ctx.take, group.notes))
        group.orders.append(order)
        return order

    def _observation(self, obx: Segment) -> None:
        """An OBX is the order's, the specimen's, or else the patient's."""
        self.observed = Observed(obx)
        if self.order is not None and not self.of_sample:
            self.order.observations.append(self.observed)
        elif self.sample is not None:
            self.sample.observations.append(self.observed)
        else:
            self.observed = None
            self.groups[-1].segments.append(obx)
            return
        self.ctx.take(obx)

    def _note(self, nte: Segment) -> None:
        if opened := self._open:
            opened.notes.append(self.ctx.take(nte))
        else:
            self.groups[-1].notes.append(nte)

    def _participation(self, prt: Segment) -> None:
        if opened := self._open:
            opened.participations.append(self.ctx.take(prt))
        else:
            self.groups[-1].segments.append(prt)

    @property
    def _open(self) -> Observed | Sample | Order | None:
        """What a comment or a participation speaks of: the innermost of what is open."""
        if self.observed is not None:
            return self.observed
        return self.order if self.specimens_first and self.order else self.sample or self.order

    def _specimen(self, spm: Segment) -> None:
        self._opened(Sample(self.ctx.take(spm)))

    def _container(self, sac: Segment) -> None:
        """A SAC belongs to the SPM before it; without one, or after an order on the container, it is one by itself."""
        self.ctx.take(sac)
        if self.sample is None or (self.specimens_first and self.order is not None):
            self._opened(Sample(self.sample.spm if self.sample else None))
        assert self.sample is not None, "it was opened just now"
        self.sample.containers.append(sac)
        self.observed = None

    def _opened(self, sample: Sample) -> None:
        """A specimen that comes first ends the order before it; others belong to it."""
        self.sample, self.observed = sample, None
        if self.specimens_first:
            self.order = None
        self.of_sample = self.order is None or bool(self.order.observations)
        if self.order is None:
            self.groups[-1].samples.append(sample)
        else:
            self.order.samples.append(sample)


def _is_full(order: Order, name: str) -> bool:
    """Whether a segment of that name begins another order: an ORC has one OBR, but may have several RXA."""
    if name == "OBR":
        return order.obr is not None or bool(order.observations)
    return order.orc is None and any(segment.name == name for segment in order.segments)


def _line(message: Message, *names: str) -> int:
    """The line of the first segment of these names; beyond the last where there is none."""
    found = [segment.line for name in names if (segment := message.first(name))]
    return min(found, default=len(message.segments) + 1)

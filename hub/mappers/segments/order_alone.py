"""ORC, OBR and TQ1 that stand by themselves, in messages that are not about orders: what they say of an order."""

from hub.fhir.build import compact, complete
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.dispatch import segment
from hub.mappers.groups import Order
from hub.mappers.segments.orc_servicerequest import order_servicerequest
from hub.mappers.segments.tq1_dosage import tq1_schedule
from hub.mappers.segments.tq1_timing import instructions, occurrence, related_orders, tq1_priority
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json


@segment("ORC")
def orc_alone(orc: Segment, ctx: Context) -> Json | None:
    """Adds the ServiceRequest; an OBR with the same number completes it."""
    return _kept(orc, order_servicerequest(Order(ctx, orc=orc, segments=[orc]), ctx), ctx)


@segment("OBR")
def obr_alone(obr: Segment, ctx: Context) -> Json | None:
    """Adds the ServiceRequest, or completes that of the ORC with the same number; one without a number, that of the
    ORC before it."""
    orc = None if obr[2] or obr[3] else _control_of(obr, ctx)
    order = Order(ctx, orc=orc, obr=obr, segments=[orc or obr])
    return _kept(obr, order_servicerequest(order, ctx), ctx)


def _control_of(obr: Segment, ctx: Context) -> Segment | None:
    """The ORC before an OBR, with no other OBR nor patient between."""
    before = reversed(ctx.message.segments[: obr.line - 1]) if ctx.message else ()
    nearest = next((one for one in before if one.name in ("ORC", "OBR", "PID")), None)
    return nearest if nearest is not None and nearest.name == "ORC" else None


@segment("TQ1", "TQ2")
def timing_alone(timing: Segment, ctx: Context) -> Json | None:
    """Completes the ServiceRequest before it."""
    request = ctx.last
    if request is None or request["resourceType"] != "ServiceRequest":
        return _kept(timing, None, ctx)
    if timing.name == "TQ2":
        complete(request, compact({"supportingInfo": related_orders([timing], ctx)}))
        return request
    schedules = [tq1_schedule(timing, ctx)]
    complete(
        request,
        compact({**occurrence(schedules), **tq1_priority([timing], ctx), "note": instructions(schedules)}),
    )
    return request


def _kept(of: Segment, made: Json | None, ctx: Context) -> Json | None:
    """What was made of a segment; without it the segment is kept as it is."""
    if made is None:
        zzz_basic(of, ctx)
    return made

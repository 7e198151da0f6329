"""TQ1 → when and how urgently an order is wanted (HL7 v2.9, chapter 4.5.4)."""

from hub.fhir.build import period
from hub.fhir.order_codes import ORDER_PRIORITY
from hub.formats.hl7v2.message import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.model import Json


def tq1_occurrence(tq1: Segment, ctx: Context) -> Json:
    """TQ1-7 start and TQ1-8 end (when the order is due): a period once there is an end."""
    start, end = dtm_datetime(tq1[7].text, ctx, tq1.path(7)), dtm_datetime(tq1[8].text, ctx, tq1.path(8))
    if end:
        return {"occurrencePeriod": period(start, end)}
    return {"occurrenceDateTime": start} if start else {}


def tq1_priority(tq1: Segment, ctx: Context) -> str:
    """TQ1-9 in the words of FHIR's request priority."""
    return ctx.translate(ORDER_PRIORITY, tq1[9].first[1], tq1.path(9))

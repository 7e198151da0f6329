"""TQ1 → when and how urgently an order is wanted (HL7 v2.9, chapter 4.5.4)."""

from hub.fhir.build import period
from hub.fhir.order_codes import ORDER_PRIORITY
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.model import Json


def tq1_occurrence(tq1: Segment, ctx: Context) -> Json:
    """TQ1-7 start and TQ1-8 end (when the order is due): a period once there is an end."""
    start, end = field_datetime(tq1[7], ctx), field_datetime(tq1[8], ctx)
    if end:
        return {"occurrencePeriod": period(start, end)}
    return {"occurrenceDateTime": start} if start else {}


def tq1_priority(tq1: Segment, ctx: Context) -> str:
    """TQ1-9 in the words of FHIR's request priority."""
    return ctx.translated(ORDER_PRIORITY, tq1[9])

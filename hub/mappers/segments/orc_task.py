"""ORC → Task: how far a referral is (HL7 v2.9, chapter 4.5.1; IHE PCC 360X: OMG^O19 and OSU^O51)."""

from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.groups import Order
from hub.mappers.referral import (
    ACCEPTED,
    CANCEL_REQUESTED,
    CANCELLED,
    DECLINED,
    IN_ERROR,
    INTERIM_NOTE,
    NOTE_RECEIVED,
    ON_HOLD,
    RECEIVED,
    REQUESTED,
    Progress,
    referral_task,
)
from hub.mappers.segments.orc_servicerequest import order_identifiers
from hub.model import Json

_BY_CONTROL: dict[str, Progress] = {
    **dict.fromkeys(("NW", "SN", "RO", "XO"), REQUESTED),
    "NA": RECEIVED,
    "OK": ACCEPTED,
    "UA": DECLINED,
    "OC": DECLINED,
    "OD": DECLINED,
    "CA": CANCEL_REQUESTED,
    "DC": CANCEL_REQUESTED,
    "CR": CANCELLED,
    "DR": CANCELLED,
    **dict.fromkeys(("HD", "HR", "OH"), ON_HOLD),
}
"""ORC-1 (table 0119) where it says by itself what happened."""
_BY_STATUS: dict[str, Progress] = {
    "IP": ACCEPTED,
    "SC": ACCEPTED,
    "A": INTERIM_NOTE,
    "CM": NOTE_RECEIVED,
    "CA": CANCELLED,
    "DC": CANCELLED,
    "RP": CANCELLED,
    "HD": ON_HOLD,
    "ER": IN_ERROR,
}
"""ORC-5 (table 0038) with the controls that only announce it: SC status changed, RE results follow, PR, SS."""


def orc_task(order: Order, request: Json | None, ctx: Context) -> Json | None:
    """Adds the Task of a referral; ``None``, with a warning, where ORC-1 and ORC-5 do not say what happened."""
    orc = order.orc
    identifiers = order_identifiers(order, ctx)
    if orc is None or not identifiers:
        ctx.warn("ORC-2" if orc else "ORC", "required", "the referral has no number: it cannot be followed")
        return None
    progress = _BY_CONTROL.get(orc[1].text) or _BY_STATUS.get(orc[5].text)
    if progress is None:
        ctx.warn(orc.path(1), "unmapped-code", "ORC-1 and ORC-5 do not say what happened to the referral")
        return None
    return referral_task(progress, request, ctx, identifiers=identifiers, reason=_reason(orc))


def _reason(orc: Segment) -> str:
    """ORC-16 in words."""
    why = orc[16].first
    return why[9] or why[2] or why[5] or why[1]

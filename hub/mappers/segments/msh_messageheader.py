"""MSH and EVN → the bundle's header: event, sender, receiver, times (HL7 v2.9, chapter 2.13.9 and chapter 3.4.1)."""

from dataclasses import dataclass

from hub.fhir.build import compact, present, token
from hub.fhir.systems import V2, V3
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant
from hub.mappers.datatypes.hd_uri import hd_uri
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import hd_organization
from hub.mappers.envelope import Header, agent
from hub.mappers.notes import Notes
from hub.mappers.remember import remembered_fields
from hub.model import Json

_TEST_DATA = {"system": V3 + "ActReason", "code": "HTEST", "display": "test health data"}


def msh_messageheader(ctx: Context) -> Header:
    """The header of a message; sets the context's trigger, facility and event time (EVN-6, else EVN-2, else MSH-7)."""
    msh, evn = ctx.first("MSH"), ctx.first("EVN")
    assert msh is not None, "the parser gives no message without MSH"
    assert ctx.message is not None, "only messages of HL7 v2 have an MSH"
    sent = field_instant(msh[7], ctx)
    ctx.trigger = ctx.message.trigger
    ctx.event_time = _event_time(evn, ctx) or sent
    parties = _parties(msh, ctx)
    ctx.facility = hd_organization(msh[4], ctx)
    return Header(
        event=_event(ctx),
        source=parties.source,
        source_uri=parties.source_uri,
        receiver=parties.receiver,
        sender=ctx.facility,
        occurred=ctx.event_time,
        recorded=sent,
        agents=_operators(evn, ctx),
        tags=parties.tags,
        members=_reason(evn),
    )


@dataclass(frozen=True, slots=True)
class _Parties:
    """What stands in all messages from one application to another."""

    source: str
    source_uri: str
    receiver: str
    tags: tuple[Json, ...]


@remembered_fields(3, 5, 6, 11)
def _parties(msh: Segment, ctx: Notes) -> _Parties:
    hd = msh[3].first
    return _Parties(
        source=hd[1] or hd[2],
        source_uri=hd_uri(hd[1], hd[2], hd[3], ctx),
        receiver="|".join(name for name in (msh[5].text, msh[6].text) if name),
        tags=_tags(msh),
    )


def _event(ctx: Context) -> Json:
    """The trigger event (table 0003); a message without one is known by its type (table 0076)."""
    assert ctx.message is not None
    if code := token(ctx.trigger):
        return {"system": V2 + "0003", "code": code}
    return {"system": V2 + "0076", "code": token(ctx.message.type) or "unknown"}


def _event_time(evn: Segment | None, ctx: Context) -> str:
    if evn is None:
        return ""
    return field_datetime(evn[6], ctx) or field_datetime(evn[2], ctx)


def _operators(evn: Segment | None, ctx: Context) -> tuple[Json, ...]:
    """Who entered the event (EVN-5)."""
    if evn is None:
        return ()
    return tuple(agent("enterer", who) for who in each(evn[5], xcn_reference, ctx))


def _reason(evn: Segment | None) -> Json:
    """Why the event happened (EVN-4, table 0062)."""
    code = token(evn[4].text) if evn else ""
    return {"reason": {"coding": [{"system": V2 + "0062", "code": code}]}} if code else {}


def _tags(msh: Segment) -> tuple[Json, ...]:
    """The processing id (MSH-11); training and debugging data are tagged as test data, so that no one is told."""
    processing = token(msh[11].text)
    sent = compact({"system": V2 + "0103", "code": processing}) if processing else None
    return tuple(present([sent, _TEST_DATA if processing in {"T", "D"} else None]))

"""MSH, EVN, MSA and SFT → the bundle's header: event, sender, receiver, times (HL7 v2.9, chapters 2.13.9, 2.13.12 and
3.4.1)."""

from dataclasses import dataclass
from functools import lru_cache

from hub.fhir.build import coding, compact, complete, concept, present, token
from hub.fhir.codes import Table
from hub.fhir.ids import uri
from hub.fhir.systems import EXTENSION, V2, V3
from hub.formats.hl7v2.segment import Field, Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant
from hub.mappers.datatypes.hd_device import hd_device
from hub.mappers.datatypes.hd_uri import hd_uri
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import hd_organization, xon_reference
from hub.mappers.envelope import Header, agent
from hub.mappers.notes import Mentions, Notes
from hub.mappers.remember import remembered_fields
from hub.mappers.segments.evn_location import evn_location
from hub.mappers.segments.msa_response import msa_response, msa_tags
from hub.mappers.segments.sft_device import RELEASE, sft_device
from hub.model import Json

_TEST_DATA = {"system": V3 + "ActReason", "code": "HTEST", "display": "test health data"}
_REASON, _CLASSIFICATION, _HANDLING = Table("0062"), Table("0952"), Table("0953")
_LANGUAGE = Table("0296", "urn:ietf:bcp:47")
_ANSWERS = {"AL": "always", "NE": "never", "ER": "on-error", "SU": "on-success"}
"""Table 0155 to the codes of the extension ``messageheader-response-request``."""


def msh_messageheader(ctx: Context) -> Header:
    """The header of a message; sets the context's trigger, facility and event time (EVN-6, else EVN-2, else MSH-7)."""
    msh, evn, msa = ctx.first("MSH"), ctx.first("EVN"), ctx.first("MSA")
    assert msh is not None, "the parser gives no message without MSH"
    assert ctx.message is not None, "only messages of HL7 v2 have an MSH"
    sent = field_instant(msh[7], ctx)
    entered = field_datetime(evn[2], ctx) if evn else ""
    occurred = field_datetime(evn[6], ctx) if evn else ""
    ctx.trigger = ctx.message.trigger
    ctx.event_time = occurred or entered or sent
    ctx.facility = _facility(msh, ctx)
    software = [sft_device(sft, ctx) for sft in ctx.all("SFT")]
    parties = _parties(msh, ctx)
    devices = [*(ctx.reference(device) for device in software), *parties.devices]
    return Header(
        event=_event(ctx.trigger, ctx.message.type),
        source=parties.source,
        source_uri=parties.source_uri,
        source_members={**parties.source_members, **_product(software)},
        destinations=parties.destinations,
        sender=ctx.facility,
        occurred=ctx.event_time,
        recorded=entered if "T" in entered else sent,
        sent=sent,
        location=evn_location(evn, ctx) if evn and len(evn) > 6 else None,
        agents=(*_operators(evn, ctx), *(agent("assembler", device) for device in devices)),
        tags=(*parties.tags, *msa_tags(msa)),
        security=parties.security,
        activity=_activity(evn, ctx),
        members={**_reason(evn, ctx), **msa_response(msa, ctx), **(_further(msh, ctx) if len(msh) > 15 else {})},
    )


@dataclass(frozen=True, slots=True)
class _Parties:
    """What stands in all messages from one application to another; ``devices`` are References to the sending one."""

    source: str
    source_uri: str
    source_members: Json
    devices: tuple[Json, ...]
    destinations: tuple[Json, ...]
    tags: tuple[Json, ...]
    security: tuple[Json, ...]


@remembered_fields(3, 5, 6, 8, 9, 11, 12, 15, 16, 18, 20, 21, 23, 24, 25, 26, 27, 28)
def _parties(msh: Segment, ctx: Mentions) -> _Parties:
    device = hd_device(msh[3].first, ctx) if _is_elsewhere(msh[3], msh[24], ctx) else None
    return _Parties(
        source=msh[3].text or msh[3].first[2],
        source_uri=_endpoint(msh[24].first, ctx) or hd_uri(msh[3].first[1], msh[3].first[2], msh[3].first[3], ctx),
        source_members=_called(msh[24].first),
        devices=(ctx.reference(device),) if device else (),
        destinations=_destinations(msh, ctx),
        tags=(*_tags(msh), *_profiles(msh, ctx)),
        security=_security(msh, ctx),
    )


def _endpoint(hd: Repetition, ctx: Notes) -> str:
    """A network address (MSH-24, -25): its URI, else what it is called."""
    return hd_uri(hd[1], hd[2], hd[3], ctx) or uri(hd[2] or hd[1])


def _called(hd: Repetition) -> Json:
    """The name of a network address that has a universal id beside it, as the endpoint's original text."""
    named = {"extension": [{"url": EXTENSION + "originalText", "valueString": hd[1]}]} if hd[1] and hd[2] else {}
    return {"_endpoint": named} if named else {}


def _facility(msh: Segment, ctx: Context) -> Json | None:
    """The Organization that sends (MSH-4), in the country of MSH-17."""
    facility = hd_organization(msh[4], ctx)
    if facility is not None and (country := msh[17].text):
        complete(facility, {"address": [{"country": country}]})
    return facility


def _destinations(msh: Segment, ctx: Mentions) -> tuple[Json, ...]:
    """Where the message goes: the application (MSH-5, -25) of the facility (MSH-6) and of the organization that answers
    for it (MSH-23)."""
    name = msh[5].text or msh[5].first[2]
    known = "|".join(part for part in (name, msh[6].text) if part)
    endpoint = _endpoint(msh[25].first, ctx) or hd_uri(msh[5].first[1], msh[5].first[2], msh[5].first[3], ctx)
    endpoint = endpoint or ("urn:carering:receiver:" + uri(known) if known else "")
    if not endpoint:
        return ()
    application = compact({"name": name, "endpoint": endpoint, **_called(msh[25].first), **_target(msh, ctx)})
    facilities = [hd_organization(hd, ctx) for hd in msh[6]]
    receivers = [ctx.reference(one, one.get("name", "")) for one in facilities if one]
    if responsible := xon_reference(msh[23], ctx):
        receivers.append(responsible)
    return tuple({**application, "receiver": receiver} for receiver in receivers) or (application,)


def _is_elsewhere(application: Field, network: Field, ctx: Notes) -> bool:
    """Whether the endpoint of an application is not its universal id: it has a network address, or the id is no URI."""
    hd = application.first
    return bool(network) or (bool(hd[2]) and not hd_uri("", hd[2], hd[3], ctx))


def _target(msh: Segment, ctx: Mentions) -> Json:
    """The receiving application by its universal id (MSH-5.2), where that is not the endpoint."""
    device = hd_device(msh[5].first, ctx) if _is_elsewhere(msh[5], msh[25], ctx) else None
    return {"target": ctx.reference(device, msh[5].text)} if device else {}


def _product(software: list[Json]) -> Json:
    """The software that made the message, and its release (SFT-3, SFT-2)."""
    if not software:
        return {}
    device = software[0]
    name = next((one["name"] for one in device.get("deviceName", ())), None)
    release = next((one["value"] for one in device.get("version", ()) if one["type"]["text"] == RELEASE), None)
    return {"software": name, "version": release}


@lru_cache(maxsize=256)
def _event(trigger: str, kind: str) -> Json:
    """The trigger event (table 0003); a message without one is known by its type (table 0076)."""
    if code := token(trigger):
        return {"system": V2 + "0003", "code": code}
    return {"system": V2 + "0076", "code": token(kind) or "unknown"}


def _activity(evn: Segment | None, ctx: Context) -> Json:
    """The event as EVN-1 names it (table 0003), where that is not what the message says to be its event (MSH-9.2)."""
    code = token(evn[1].text) if evn else ""
    return concept(V2 + "0003", code) if code and code != token(ctx.trigger) else {}


def _operators(evn: Segment | None, ctx: Context) -> tuple[Json, ...]:
    """Who entered the event (EVN-5)."""
    if evn is None:
        return ()
    return tuple(agent("enterer", who) for who in each(evn[5], xcn_reference, ctx))


def _reason(evn: Segment | None, ctx: Context) -> Json:
    """Why the event happened (EVN-4, table 0062)."""
    reason = cwe_codeableconcept(evn[4], ctx, _REASON) if evn else {}
    return {"reason": reason} if reason else {}


def _tags(msh: Segment) -> tuple[Json, ...]:
    """Type and structure (MSH-9), processing id and mode (MSH-11), version (MSH-12), acknowledgements (MSH-15, -16) and
    character sets (MSH-18, -20); training and debugging data are tagged as test data, so that no one is told."""
    kind, processing, version = msh[9].first, msh[11].first, msh[12].first
    sent = [
        ("0103", processing[1], ""),
        ("0076", kind[1], ""),
        ("0354", kind[3], ""),
        ("0207", processing[2], ""),
        ("0104", version[1], ""),
        ("0399", version.inner(2)[1], ""),
        ("0155", msh[15].text, "accept acknowledgment"),
        ("0155", msh[16].text, "application acknowledgment"),
        *(("0211", charset.text, "") for charset in msh[18]),
        ("0356", msh[20].text, ""),
    ]
    tags = [coding(V2 + table, code, words) for table, text, words in sent if (code := token(text))]
    return (*tags, _TEST_DATA) if token(processing[1]) in {"T", "D"} else tuple(tags)


def _security(msh: Segment, ctx: Notes) -> tuple[Json, ...]:
    """The security of the message: MSH-8 and -28 in words, -26 and -27 coded."""
    words = [{"display": text} for field in (msh[8], msh[28]) for said in field if (text := said.text.strip())]
    labels = [cwe_coding(msh[26], ctx, _CLASSIFICATION), *(cwe_coding(cwe, ctx, _HANDLING) for cwe in msh[27])]
    return tuple(present([*words, *labels]))


def _profiles(msh: Segment, ctx: Notes) -> list[Json]:
    """The profiles of HL7 v2 that the message follows (MSH-21): no profiles of FHIR, so that they are tags."""
    return [
        compact({"system": hd_uri(ei[2], ei[3], ei[4], ctx), "code": token(ei[1] or ei[3]), "display": ei[2]})
        for ei in msh[21]
        if token(ei[1] or ei[3])
    ]


def _further(msh: Segment, ctx: Context) -> Json:
    """When an answer is expected (MSH-16), in which language the message is (-19), who answers for it (-22)."""
    answer = _ANSWERS.get(msh[16].text)
    asked = {"url": EXTENSION + "messageheader-response-request", "valueCode": answer}
    return compact(
        {
            "extension": [asked] if answer else None,
            "language": cwe_coding(msh[19], ctx, _LANGUAGE).get("code"),
            "responsible": xon_reference(msh[22], ctx),
        }
    )

"""TXA (with ORC, OBR and OBX) → DocumentReference (HL7 v2.9, chapter 9.6.1)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.fhir.build import compact, extension, present
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import (
    DOCUMENT_AVAILABILITY,
    DOCUMENT_CONFIDENTIALITY,
    DOCUMENT_LOINC,
    DOCUMENT_TYPE,
    FINAL_DOCUMENT,
)
from hub.fhir.systems import LOINC, TREATMENT_CHANGE
from hub.formats.hl7v2.segment import Segment
from hub.formats.treatment import treatment_changes
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.segments.obx_content import obx_contents, obx_lines
from hub.model import Json

_RELATES = {"T05": "appends", "T06": "appends", "T09": "replaces", "T10": "replaces"}
"""What the event makes of the parent document (TXA-13)."""
_CANCELLED = "T11"


@dataclass(slots=True)
class Written:
    """What belongs to a document beside TXA: its content, and the numbers of the orders it answers."""

    content: list[Segment] = field(default_factory=list)
    orders: list[Json] = field(default_factory=list)


def txa_documentreference(txa: Segment, written: Written, ctx: Context) -> Json:
    """Adds the DocumentReference, known by TXA-12; a document without a number is known by its bytes."""
    number = ei_identifier(txa[12].first, ctx)
    related = _related(txa, written, ctx)
    kind = _type(txa, written.content, ctx)
    dated, period = _dates(txa, ctx)
    return ctx.add(
        {
            "resourceType": "DocumentReference",
            "extension": [*change_extensions(treatment_changes(obx_lines(written.content))), *ctx.removals(txa)],
            "masterIdentifier": number,
            "identifier": [{"value": name.text} for name in txa[16]],
            "status": _status(txa, ctx),
            "docStatus": _completion(txa, ctx),
            "type": kind,
            "subject": ctx.subject,
            "date": dated,
            "author": present(xcn_reference(xcn, ctx) for field in (txa[9], txa[5]) for xcn in field)[: _authors(txa)],
            "authenticator": xcn_reference(txa[10], ctx) or xcn_reference(txa[22], ctx),
            "relatesTo": _relates(txa, ctx),
            "description": txa[25].first.text or kind.get("text", ""),
            "securityLabel": present([cwe_codeableconcept(txa[18], ctx, DOCUMENT_CONFIDENTIALITY)]),
            "content": obx_contents(written.content, ctx) or [{"attachment": _absent(txa)}],
            "context": compact({"encounter": [ctx.visit] if ctx.visit else None, "period": period, "related": related}),
        },
        identifier_key(number, ctx.feed.name) if number else ctx.raw.sha256,
    )


def change_extensions(changes: Iterable[str]) -> list[Json]:
    """An extension for each change of treatment that a note names."""
    return [extension(TREATMENT_CHANGE, "String", change) for change in changes]


def _authors(txa: Segment) -> int:
    """The originators (TXA-9); the provider of the activity (TXA-5) stands in where there is none."""
    return len(list(txa[9])) or len(list(txa[5]))


def _type(txa: Segment, content: list[Segment], ctx: Context) -> Json:
    """TXA-2 as sent, with its LOINC code first: given in TXA-2, else in OBX-3, else what table 0270 means."""
    sent = cwe_codeableconcept(txa[2], ctx, DOCUMENT_TYPE)
    codings = sent.get("coding", [])
    if any(coding.get("system") == LOINC for coding in codings):
        return sent
    loinc = _loinc_of(content, ctx) or _loinc_for(txa[2].first[1])
    text = sent.get("text") or (loinc or {}).get("display", "")
    return compact({"coding": [*([loinc] if loinc else ()), *codings], "text": text})


def _loinc_of(content: list[Segment], ctx: Context) -> Json | None:
    """The LOINC code that all parts of the content share (OBX-3)."""
    named = [coding for obx in content for coding in cwe_codeableconcept(obx[3], ctx).get("coding", ())]
    found = {coding["code"]: coding for coding in named if coding.get("system") == LOINC}
    return next(iter(found.values())) if len(found) == 1 else None


def _loinc_for(code: str) -> Json | None:
    known = DOCUMENT_LOINC.get(code.upper())
    return {"system": LOINC, "code": known[0], "display": known[1]} if known else None


def _status(txa: Segment, ctx: Context) -> str:
    """T11 takes the document back; otherwise TXA-19, empty is current."""
    if ctx.trigger == _CANCELLED:
        return "entered-in-error"
    return ctx.translated(DOCUMENT_AVAILABILITY, txa[19]) or "current"


def _completion(txa: Segment, ctx: Context) -> str:
    """TXA-17: authenticated is final, everything before it preliminary."""
    stated = txa[17].text
    if ctx.trigger == _CANCELLED:
        return "entered-in-error"
    if not stated:
        return ""
    return "final" if stated in FINAL_DOCUMENT else "preliminary"


def _dates(txa: Segment, ctx: Context) -> tuple[str, Json]:
    """``date`` (an instant): origination TXA-6, edit TXA-8, transcription TXA-7; ``context.period``: activity TXA-4,
    else an origination that is a day only."""
    dated = next((moment for n in (6, 8, 7) if (moment := field_instant(txa[n], ctx))), "")
    activity = field_datetime(txa[4], ctx)
    start = activity or ("" if dated else field_datetime(txa[6], ctx))
    return dated, {"start": start} if start else {}


def _relates(txa: Segment, ctx: Context) -> list[Json]:
    parent, how = ei_identifier(txa[13].first, ctx), _RELATES.get(ctx.trigger)
    return [{"code": how, "target": {"identifier": parent}}] if parent and how else []


def _related(txa: Segment, written: Written, ctx: Context) -> list[Json]:
    """The orders and referrals that the document answers, by number: ORC, OBR, TXA-14, TXA-15; each once."""
    listed = [
        *written.orders,
        *(ei_identifier(ei, ctx, "PLAC") for ei in txa[14]),
        *(ei_identifier(ei, ctx, "FILL") for ei in txa[15]),
    ]
    return [{"identifier": one} for place, one in enumerate(listed) if one and one not in listed[:place]]


def _absent(txa: Segment) -> Json:
    """A notice without content: R4 wants an attachment, so it says what it would be called."""
    return {"title": txa[16].first.text or txa[25].first.text or "content not sent"}

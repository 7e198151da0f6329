"""TXA (with ORC, OBR, OBX, NTE) → DocumentReference (HL7 v2.9, chapter 9.6.1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hub.fhir.build import compact, extension, present
from hub.fhir.codes import Table, untranslated
from hub.fhir.ids import identifier_key
from hub.fhir.order_codes import (
    DOCUMENT_AVAILABILITY,
    DOCUMENT_COMPLETION,
    DOCUMENT_CONFIDENTIALITY,
    DOCUMENT_LOINC,
    DOCUMENT_TYPE,
)
from hub.fhir.systems import LOINC, TREATMENT_CHANGE
from hub.formats.hl7v2.segment import Segment
from hub.formats.treatment import treatment_changes
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept, cwe_coding
from hub.mappers.datatypes.cwe_sent import sent_beside
from hub.mappers.datatypes.dtm_datetime import field_datetime, field_instant
from hub.mappers.datatypes.ed_attachment import media_type
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.datatypes.st_text import text_of, texts
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.mappers.datatypes.xon_organization import hd_organization
from hub.mappers.segments.obx_content import obx_contents, obx_lines
from hub.mappers.segments.txa_provenance import document_history
from hub.model import Json

_RELATES = {"T09": "replaces", "T10": "replaces"}
"""What the event makes of the parent document (TXA-13); otherwise the document is added to it (T05, T06)."""
_CANCELLED = "T11"
_PRESENTATION, _COMPLETION, _STORAGE = Table("0191"), Table("0271"), Table("0275")
_BY_RESULT = {
    **dict.fromkeys("FUV", "final"),
    **dict.fromkeys("PRSI", "preliminary"),
    **dict.fromkeys("CA", "amended"),
}
"""OBX-11 (table 0085) for a document whose TXA does not say how far it is."""


@dataclass(slots=True)
class Written:
    """What belongs to a document beside TXA: its content with comments, and what it is related to: orders and
    observations (References)."""

    content: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    related: list[Json] = field(default_factory=list)


def txa_documentreference(txa: Segment, written: Written, ctx: Context) -> Json:
    """Adds the DocumentReference, known by TXA-12; a document without a number is known by its bytes."""
    number = ei_identifier(txa[12].first, ctx)
    kind = _type(txa, written.content, ctx)
    authors = [who for at in (9, 5) if (who := present(xcn_reference(xcn, ctx) for xcn in txa[at]))]
    status, completion = _status(txa, ctx), _completion(txa, written.content, ctx)
    custodian = hd_organization(txa[27].first, ctx)
    document = ctx.add(
        {
            "resourceType": "DocumentReference",
            "meta": {"tag": storage} if (storage := _storage(txa, ctx)) else None,
            "extension": [*change_extensions(treatment_changes(obx_lines(written.content))), *ctx.removals(txa)],
            "masterIdentifier": number,
            "identifier": _identifiers(txa, written.content, ctx),
            "status": status,
            **(sent_beside("status", txa[19], untranslated(DOCUMENT_AVAILABILITY), "av", ctx)),
            "docStatus": completion,
            **sent_beside("docStatus", txa[17], _COMPLETION, completion, ctx),
            "type": kind,
            "subject": ctx.subject,
            **_dates(txa, ctx),
            "author": authors[0] if authors else None,
            "authenticator": xcn_reference(txa[10], ctx) or xcn_reference(txa[22], ctx),
            "custodian": ctx.reference(custodian, custodian.get("name", "")) if custodian else None,
            "relatesTo": _relates(txa, ctx),
            "description": "; ".join(texts(txa[25])) or kind.get("text", ""),
            "securityLabel": present(cwe_codeableconcept(cwe, ctx, DOCUMENT_CONFIDENTIALITY) for cwe in txa[18]),
            "content": _contents(txa, written, ctx),
            "context": _context(txa, written, kind, ctx),
        },
        identifier_key(number, ctx.feed.name) if number else ctx.raw.sha256,
    )
    document_history(txa, written.content, document, ctx)
    return document


def change_extensions(changes: Iterable[str]) -> list[Json]:
    """An extension for each change of treatment that a note names."""
    return [extension(TREATMENT_CHANGE, "String", change) for change in changes]


def _type(txa: Segment, content: list[Segment], ctx: Context) -> Json:
    """TXA-2 as sent, with its LOINC code first: given in TXA-2, else in OBX-3, else what table 0270 means."""
    sent = cwe_codeableconcept(txa[2], ctx, DOCUMENT_TYPE)
    codings = sent.get("coding", [])
    if any(coding.get("system") == LOINC for coding in codings):
        return {**sent, "coding": sorted(codings, key=lambda coding: coding.get("system") != LOINC)}
    loinc = _loinc_of(content, ctx) or _loinc_for(txa[2].first[1])
    text = sent.get("text") or (loinc or {}).get("display", "")
    return compact({"coding": [*([loinc] if loinc else ()), *codings], "text": text})


def _loinc_of(content: list[Segment], ctx: Context) -> Json | None:
    """The LOINC code that all parts of the content share (OBX-3)."""
    named = [coding for obx in content for coding in cwe_codeableconcept(obx[3], ctx).get("coding", ())]
    found = {coding["code"]: coding for coding in named if coding.get("system") == LOINC and "code" in coding}
    return next(iter(found.values())) if len(found) == 1 else None


def _loinc_for(code: str) -> Json | None:
    known = DOCUMENT_LOINC.codes.get(code.upper())
    return {"system": LOINC, "code": known, "display": DOCUMENT_LOINC.displays[known]} if known else None


def _status(txa: Segment, ctx: Context) -> str:
    """T11 takes the document back; otherwise TXA-19, empty is current."""
    if ctx.trigger == _CANCELLED:
        return "entered-in-error"
    return ctx.translated(DOCUMENT_AVAILABILITY, txa[19]) or "current"


def _completion(txa: Segment, content: list[Segment], ctx: Context) -> str:
    """TXA-17: authenticated is final, everything before it preliminary; without it what all of the content says."""
    stated = txa[17].text
    if ctx.trigger == _CANCELLED:
        return "entered-in-error"
    if stated:
        return DOCUMENT_COMPLETION.codes.get(stated) or "preliminary"
    results = {_BY_RESULT.get(obx[11].text, "") for obx in content}
    return results.pop() if len(results) == 1 else ""


def _storage(txa: Segment, ctx: Context) -> list[Json]:
    """TXA-20: whether the document is active or archived with its keeper."""
    return present([cwe_coding(txa[20], ctx, _STORAGE)]) if txa[20] else []


def _identifiers(txa: Segment, content: list[Segment], ctx: Context) -> list[Json]:
    """The name of its file (TXA-16), and what its parts are numbered (OBX-21)."""
    names: list[Json] = [{"value": name} for name in texts(txa[16])]
    return names + [number for obx in content for number in each(obx[21], ei_identifier, ctx)]


def _dates(txa: Segment, ctx: Context) -> Json:
    """``date`` (an instant): origination TXA-6, edit TXA-8, transcription TXA-7."""
    dated = next((moment for n in (6, 8, 7) if (moment := field_instant(txa[n], ctx))), "")
    return {"date": dated} if dated else {}


def _period(txa: Segment, ctx: Context) -> Json:
    """When what is documented happened: activity TXA-4, else an origination that is a day only."""
    origin = field_datetime(txa[6], ctx)
    start = field_datetime(txa[4], ctx) or ("" if "T" in origin else origin)
    return {"start": start} if start else {}


def _relates(txa: Segment, ctx: Context) -> list[Json]:
    how = _RELATES.get(ctx.trigger, "appends")
    return [{"code": how, "target": {"identifier": parent}} for parent in each(txa[13], ei_identifier, ctx)]


def _contents(txa: Segment, written: Written, ctx: Context) -> list[Json]:
    """The content, in the presentation of TXA-3; a notice without any says what it would be called, because R4 wants
    an attachment."""
    presented = cwe_coding(txa[3], ctx, _PRESENTATION) if txa[3] else {}
    found = obx_contents(written.content, written.notes, ctx) or [{"attachment": _absent(txa)}]
    return [{**one, "format": presented} for one in found] if presented else found


def _absent(txa: Segment) -> Json:
    stated = media_type(txa[3].text, txa[3].first[2]) if txa[3] else ""
    title = text_of(txa[16]) or text_of(txa[25]) or "content not sent"
    return compact({"contentType": stated, "title": title})


def _context(txa: Segment, written: Written, kind: Json, ctx: Context) -> Json:
    """The visit, what was done (OBX-3 where it is not the type), when, in which specialty (TXA-28), on whose order."""
    return compact(
        {
            "encounter": [ctx.visit] if ctx.visit else None,
            "event": _events(written.content, kind, ctx),
            "period": _period(txa, ctx),
            "practiceSetting": cwe_codeableconcept(txa[28], ctx),
            "related": list(_related(txa, written, ctx)),
        }
    )


def _events(content: list[Segment], kind: Json, ctx: Context) -> list[Json]:
    """Each act that the content is about, once."""
    known, found = kind.get("coding", ()), {}
    for obx in content:
        named = cwe_codeableconcept(obx[3], ctx)
        if named and not all(coding in known for coding in named.get("coding", [{}])):
            found[obx[3].raw] = named
    return list(found.values())


def _related(txa: Segment, written: Written, ctx: Context) -> Iterator[Json]:
    """The orders and referrals that the document answers: ORC, OBR, TXA-14, TXA-15; each once."""
    seen: list[Json] = []
    numbers = [(ei_identifier(ei, ctx, kind)) for at, kind in ((14, "PLAC"), (15, "FILL")) for ei in txa[at]]
    for one in (*written.related, *({"identifier": number} for number in numbers if number)):
        said = one.get("identifier", one)
        if said not in seen:
            seen.append(said)
            yield one

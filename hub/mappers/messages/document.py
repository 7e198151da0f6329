"""Documents whose pages were read → DocumentReferences, Patient, authors; rows of laboratory results as preliminary.

The text of the pages is kept as content beside the original, which stays where it is (the raw log). All documents of a
file must speak of one patient.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from hub.errors import Held
from hub.fhir.build import compact
from hub.fhir.ids import FEED, uri
from hub.fhir.systems import CONFIDENCE, EVENT, LOINC
from hub.formats.fax import FaxDocument, read_documents
from hub.formats.fax.calibration import calibrated
from hub.formats.fax.document import US_DATES
from hub.formats.referral_code import SYSTEM as REFERRAL_CODE
from hub.formats.referral_code import decode
from hub.mappers.context import Context
from hub.mappers.datatypes.ed_attachment import attachment, original_url
from hub.mappers.envelope import Header, conversion
from hub.mappers.messages.document_results import add_results
from hub.mappers.people import add_patient, clinician_reference, numbered
from hub.mappers.provenance import provenance
from hub.mappers.segments.txa_documentreference import change_extensions
from hub.model import Conversion, Json, RawMessage
from hub.ports import Page
from hub.settings import Feed

COVER = "cover_sheet"
FIELD_CONFIDENCE = CONFIDENCE + ":field"
"""The extension on Provenance that tells the confidence of one field: ``field`` and ``confidence`` (0 to 1)."""
_GENDERS = {"M": "male", "F": "female", "X": "other"}


def convert_document(raw: RawMessage, feed: Feed, pages: tuple[Page, ...]) -> Conversion:
    """The bundle of the documents of one file. Raises ``Held`` when it cannot be said whose they are."""
    if not any(line.text.strip() for page in pages for line in page.lines):
        raise Held("no text could be read on any page", code="no-text", path="page 1")
    iso = feed.date_format == Feed.model_fields["date_format"].default
    read = read_documents(pages, US_DATES if iso else feed.date_format)
    cover = [document for document in read if document.type.key == COVER]
    documents = [document for document in read if document.type.key != COVER]
    _check(documents)
    first = documents[0]
    ctx = Context(replace(raw, sender=raw.sender or feed.name), feed)
    add_patient(
        first.patient,
        first.value("dob"),
        _GENDERS.get(first.value("sex"), ""),
        ctx,
        mrn=_mrn(documents, ctx),
        phone=_value(documents, "phone"),
    )
    for document in documents:
        ctx.focus.append(_reference(document, cover, ctx))
    return conversion(ctx, _header(first, ctx))


def _check(documents: Sequence[FaxDocument]) -> None:
    """Each document must name the same patient: what names nobody may belong to somebody else."""
    if not documents:
        raise Held("the pages are a cover sheet and nothing behind it", code="cover-sheet-only", path="page 1")
    for document in documents:
        place = f"page {document.pages[0].number}"
        named = (("name", bool(document.patient)), ("birth date", bool(document.value("dob"))))
        if missing := [what for what, there in named if not there]:
            reason = f"the patient's {' and '.join(missing)} cannot be read on the pages"
            raise Held(reason, code="patient-not-read", path=place)
        if document.contradictions:
            raise Held("; ".join(document.contradictions), code="several-patients", path=place)
        if _whose(document) != _whose(documents[0]):
            reason = "the documents of this file are not all of one patient, or not read alike: they must be parted"
            raise Held(reason, code="several-patients", path=place)


def _whose(document: FaxDocument) -> tuple[str, ...]:
    name = document.patient
    return name.family.casefold(), name.given[0].casefold(), document.value("dob")


def _value(documents: Sequence[FaxDocument], field: str) -> str:
    return next((value for document in documents if (value := document.value(field))), "")


def _mrn(documents: Sequence[FaxDocument], ctx: Context) -> Json:
    """A number on paper does not say whose number it is: its authority is the feed's, when the feed names one."""
    return numbered(_value(documents, "mrn"), ctx.feed.constants.get("mrn_authority", ""), "MR", ctx)


def _header(found: FaxDocument, ctx: Context) -> Header:
    return Header(
        event={"system": EVENT, "code": "document"},
        source=ctx.feed.name,
        source_uri=FEED + uri(ctx.feed.name),
        occurred=_signed(found, ctx) or found.value("date_of_service"),
    )


def _reference(found: FaxDocument, cover: Sequence[FaxDocument], ctx: Context) -> Json:
    """The DocumentReference, known by the bytes of the file and, behind other documents, by its first page."""
    who = clinician_reference(found.author.npi, _words(found), found.organization, ctx)
    date = found.value("date_of_service")
    made = ctx.add(
        {
            "resourceType": "DocumentReference",
            "extension": [
                *change_extensions(found.changes),
                {"url": CONFIDENCE, "valueDecimal": _confidence(found)},
            ],
            "status": "current",
            "docStatus": "final" if found.final else "preliminary",
            "type": _type(found),
            "subject": ctx.subject,
            "date": _signed(found, ctx),
            "author": [who] if who else None,
            "description": found.title or "Document",
            "content": [{"attachment": _original(found, ctx)}, {"attachment": _text(found, ctx)}],
            "context": compact(
                {
                    "period": {"start": date} if date else None,
                    "related": list(_related((found, *cover), ctx)),
                }
            ),
        },
        *_key(found, cover, ctx),
    )
    add_results(found, made, who, ctx)
    _read_by(found, made, ctx)
    return made


def _key(found: FaxDocument, cover: Sequence[FaxDocument], ctx: Context) -> tuple[str, ...]:
    page = found.pages[0].number
    behind_cover = bool(cover) and page == cover[0].pages[-1].number + 1
    return (ctx.raw.sha256,) if page == 1 or behind_cover else (ctx.raw.sha256, str(page))


def _confidence(found: FaxDocument) -> float:
    """That of the least sure of the fields that say whose the document is."""
    return min(calibrated(name, found.fields[name].confidence) for name in ("patient_last", "patient_first", "dob"))


def _read_by(found: FaxDocument, made: Json, ctx: Context) -> None:
    """Who read the pages, and how sure of each field."""
    engines = ", ".join(dict.fromkeys(page.engine for page in found.pages if page.engine)) or "reader"
    fields = [
        {
            "url": FIELD_CONFIDENCE,
            "extension": [
                {"url": "field", "valueString": name},
                {"url": "confidence", "valueDecimal": calibrated(name, field.confidence)},
            ],
        }
        for name, field in found.fields.items()
    ]
    provenance(made, "read from pages", [{"who": {"display": engines}}], ctx, extension=fields)


def _words(found: FaxDocument) -> str:
    name = found.author.name
    return " ".join(word for word in (name.prefix, *name.given, name.family, name.suffix) if word)


def _type(found: FaxDocument) -> Json:
    """What the title means; an unknown kind is named and not coded."""
    kind = found.type
    coded = [{"system": LOINC, "code": kind.loinc, "display": kind.display}] if kind.loinc else None
    return compact({"coding": coded, "text": kind.display or found.title or "Document"})


def _signed(found: FaxDocument, ctx: Context) -> str:
    """When it was signed, with the feed's offset: paper has none."""
    return datetime.fromisoformat(found.signed_at).replace(tzinfo=ctx.feed.zone).isoformat() if found.signed_at else ""


def _original(found: FaxDocument, ctx: Context) -> Json:
    body = ctx.raw.body
    return {
        "contentType": ctx.raw.type or "application/pdf",
        "url": original_url(ctx),
        "size": len(body),
        "hash": base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode(),
        "title": found.title or "Document",
    }


def _text(found: FaxDocument, ctx: Context) -> Json:
    return attachment(found.text.encode(), "text/plain; charset=utf-8", ctx, "text of the pages")


def _related(documents: Sequence[FaxDocument], ctx: Context) -> Iterator[Json]:
    """The referrals that the document and its cover sheet name, in print or by the code on it. The authority of a
    printed number is the feed's, when the feed names one."""
    authority = ctx.feed.constants.get("referral_authority", "")
    codes = [code for document in documents for text in document.codes if (code := decode(text))]
    printed = [number for document in documents for number in document.referral_numbers]
    for number in dict.fromkeys([*printed, *(code.number for code in codes if code.number)]):
        yield {"identifier": numbered(number, authority, "PLAC", ctx)}
    for referral_id in dict.fromkeys(code.referral_id for code in codes if code.referral_id):
        yield {"identifier": {"system": REFERRAL_CODE, "value": referral_id}}

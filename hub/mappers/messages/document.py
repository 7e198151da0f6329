"""A document whose pages were read → DocumentReference, Patient and author.

The text of the pages is kept as content beside the original, which stays where it is (the raw log).
"""

import base64
import hashlib
from dataclasses import replace
from datetime import datetime

from hub.errors import Held
from hub.fhir.build import compact
from hub.fhir.ids import FEED, uri
from hub.fhir.systems import CONFIDENCE, EVENT, LOINC
from hub.formats.document import DocumentFields, read_document
from hub.mappers.context import Context
from hub.mappers.datatypes.ed_attachment import attachment, original_url
from hub.mappers.envelope import Header, conversion
from hub.mappers.people import add_patient, clinician_reference, numbered
from hub.mappers.segments.txa_documentreference import change_extensions
from hub.model import Conversion, Json, RawMessage
from hub.ports import Page
from hub.settings import Feed

US_DATES = "%m/%d/%Y"
"""How numeric dates are read where the feed says nothing of its own (``date_format``)."""


def convert_document(raw: RawMessage, feed: Feed, pages: tuple[Page, ...]) -> Conversion:
    """The bundle of one document. Raises ``Held`` when it cannot be said whose it is: a person looks at it."""
    if not any(line.strip() for page in pages for line in page.lines):
        raise Held("no text could be read on any page", code="no-text", path="page 1")
    iso = feed.date_format == Feed.model_fields["date_format"].default
    found = read_document(pages, US_DATES if iso else feed.date_format)
    _check(found)
    ctx = Context(replace(raw, sender=raw.sender or feed.name), feed)
    add_patient(found.patient, found.birth_date, found.sex, ctx, mrn=_mrn(found, ctx), phone=found.phone)
    ctx.focus.append(_reference(found, ctx))
    return conversion(ctx, _header(found, ctx))


def _check(found: DocumentFields) -> None:
    missing = [name for name, value in (("name", found.patient), ("birth date", found.birth_date)) if not value]
    if missing:
        what = " and ".join(missing)
        raise Held(f"the patient's {what} cannot be read on the pages", code="patient-not-read", path="page 1")


def _mrn(found: DocumentFields, ctx: Context) -> Json:
    """A number on paper does not say whose number it is: its authority is the feed's, when the feed names one."""
    return numbered(found.mrn, ctx.feed.constants.get("mrn_authority", ""), "MR", ctx)


def _header(found: DocumentFields, ctx: Context) -> Header:
    return Header(
        event={"system": EVENT, "code": "document"},
        source=ctx.feed.name,
        source_uri=FEED + uri(ctx.feed.name),
        occurred=_signed(found, ctx) or found.date,
    )


def _reference(found: DocumentFields, ctx: Context) -> Json:
    """The DocumentReference, known by the bytes of the document."""
    author = found.author
    who = clinician_reference(author.npi, _words(found), found.organization, ctx)
    return ctx.add(
        {
            "resourceType": "DocumentReference",
            "extension": [
                *change_extensions(found.changes),
                {"url": CONFIDENCE, "valueDecimal": found.confidence},
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
                    "period": {"start": found.date} if found.date else None,
                    "related": [_referral(number, ctx) for number in found.referral_numbers],
                }
            ),
        },
        ctx.raw.sha256,
    )


def _words(found: DocumentFields) -> str:
    name = found.author.name
    return " ".join(word for word in (name.prefix, *name.given, name.family, name.suffix) if word)


def _type(found: DocumentFields) -> Json:
    """What the title means; an unknown kind is named and not coded."""
    kind = found.type
    coded = [{"system": LOINC, "code": kind.loinc, "display": kind.display}] if kind.loinc else None
    return compact({"coding": coded, "text": kind.display or found.title or "Document"})


def _signed(found: DocumentFields, ctx: Context) -> str:
    """When it was signed, with the feed's offset: paper has none."""
    return datetime.fromisoformat(found.signed_at).replace(tzinfo=ctx.feed.zone).isoformat() if found.signed_at else ""


def _original(found: DocumentFields, ctx: Context) -> Json:
    body = ctx.raw.body
    return {
        "contentType": ctx.raw.type or "application/pdf",
        "url": original_url(ctx),
        "size": len(body),
        "hash": base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode(),
        "title": found.title or "Document",
    }


def _text(found: DocumentFields, ctx: Context) -> Json:
    return attachment(found.text.encode(), "text/plain; charset=utf-8", ctx, "text of the pages")


def _referral(number: str, ctx: Context) -> Json:
    """A number that the document names; its authority is the feed's, when the feed names one."""
    return {"identifier": numbered(number, ctx.feed.constants.get("referral_authority", ""), "PLAC", ctx)}

"""The entrance: a raw message of any format becomes a FHIR R4 message bundle, or says why not."""

from dataclasses import replace

from hub.fhir.build import stated
from hub.fhir.check import check
from hub.formats.hl7v2.message import parse
from hub.mappers.context import Context
from hub.mappers.envelope import invalid
from hub.mappers.message import convert_message
from hub.mappers.messages.document import convert_document
from hub.mappers.messages.fhir_posted import convert_posted
from hub.mappers.rows.rows import convert_rows
from hub.model import Conversion, Format, RawMessage
from hub.ports import Page
from hub.settings import Feed


def convert(raw: RawMessage, feed: Feed, pages: tuple[Page, ...] = ()) -> Conversion:
    """The bundle of a raw message and what was noticed on the way; ``pages`` are those of a document that was read.

    Raises ``Unreadable`` for bytes that cannot be understood, and ``Held`` when nothing usable comes out of them or
    what comes out is not valid FHIR R4.
    """
    made = _mapped(raw, feed, pages)
    if check(made.bundle):  # in the text of some sender everything is blank that a mapper took for a value
        made = replace(made, bundle=stated(made.bundle))
        if problems := check(made.bundle):
            raise invalid(problems)
    return made


def _mapped(raw: RawMessage, feed: Feed, pages: tuple[Page, ...]) -> Conversion:
    if raw.format is Format.CSV:
        return convert_rows(raw, feed)
    if raw.format is Format.DOCUMENT:
        return convert_document(raw, feed, pages)
    if raw.format is Format.FHIR:
        return convert_posted(raw, feed)
    return _convert_hl7v2(raw, feed)


def _convert_hl7v2(raw: RawMessage, feed: Feed) -> Conversion:
    message = parse(raw.body, feed.charset)
    return convert_message(message, feed.profile, Context(raw, feed, message))

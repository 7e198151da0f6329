"""What can be wrong in a feed beyond the shape of its file: words that only readers, mappers and adapters know."""

import codecs
from collections.abc import Iterator
from datetime import datetime

from hub.errors import Unreadable
from hub.formats.hl7v2.charset import default_codec
from hub.formats.rows import KINDS, RowKind, kind_of
from hub.model import Format
from hub.registry import Kind, find
from hub.services.checks import profiles as check_profiles
from hub.settings import AdapterOptions, Feed

Complaint = tuple[str, str]
"""The key within the file, and what is allowed there."""

_A_DAY = datetime(2026, 1, 31)  # noqa: DTZ001 - a date of which only the form counts


def complaints(feed: Feed) -> Iterator[Complaint]:
    """What is wrong in one feed, whatever the others are."""
    options = find(Kind.ADAPTER, feed.adapter.kind, file="", key="").options
    if issubclass(options, AdapterOptions) and feed.format not in options.formats:
        yield "format", f"the {feed.adapter.kind} adapter takes in {', '.join(options.formats)} only"
    yield from _charset(feed)
    for key in ("namespaces", "coding_systems"):
        for name, uri in getattr(feed, key).items():
            if ":" not in uri:
                yield f"{key}.{name}", f"{uri!r} must be a URI, such as urn:oid:1.2.3 or https://…"
    if feed.sequence and (not feed.senders or any("*" in sender for sender in feed.senders)):
        yield "sequence", "needs senders by name, because the number of each is remembered for ever"
    yield from check_profiles.complaints(feed)
    if feed.format is Format.CSV:
        yield from _table(feed)


def _charset(feed: Feed) -> Iterator[Complaint]:
    try:
        if feed.format is Format.HL7V2:
            default_codec(feed.charset)
        else:
            codecs.lookup(feed.charset)
    except (LookupError, Unreadable):
        yield "charset", f"{feed.charset!r} is no known character set (utf-8, cp1252, 8859/1 …)"


def _table(feed: Feed) -> Iterator[Complaint]:
    kind = kind_of(feed.type)
    if kind is None:
        yield "type", f"must be the kind of rows: {', '.join(KINDS)}"
        return
    yield from _names(feed, kind)
    for names in kind.required:
        if feed.columns and not any(name in feed.columns or feed.constants.get(name) for name in names):
            yield "columns", " or ".join(names) + " is required"
    dates = {"date_format": feed.date_format}
    dates |= {f"columns.{name}.date": column.date for name, column in feed.columns.items() if column.date}
    for key, form in dates.items():
        if _read_back(form) != _A_DAY:
            yield key, "must have %Y, %m and %d (or %y, %b, %B)"


def _names(feed: Feed, kind: RowKind) -> Iterator[Complaint]:
    """The fields that are spoken of exist."""
    for key, known in (("columns", feed.columns), ("constants", feed.constants), ("codes", feed.codes)):
        for name in known:
            if kind.field(name) is None:
                yield f"{key}.{name}", f"no such field; there are: {', '.join(sorted(kind.fields))}"
    for name in feed.optional:
        if name not in feed.columns:
            yield "optional", f"{name!r} is not among the columns"


def _read_back(form: str) -> datetime | None:
    try:
        return datetime.strptime(_A_DAY.strftime(form), form)  # noqa: DTZ007 - a date of which only the form counts
    except ValueError:
        return None

"""The half of the convert stage that needs no database: one raw message and all that is taken from its bundle."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from hub import mappers
from hub.errors import Held, Unreadable
from hub.formats.hl7v2.header import salvage_header
from hub.formats.hl7v2.structures import is_wrong
from hub.identity.demographics import Demographics, read
from hub.mappers.rows.rows import read_rows
from hub.model import Conversion, Format, Issue, Json, RawMessage, Record, Severity
from hub.ports import Page
from hub.services.context import Hub
from hub.services.conversion.ties import Tie, replaced_by, ties
from hub.services.practice.panels import Parsed, parse
from hub.services.records import raw_message
from hub.settings import Feed
from hub.store.engine import utc_text

SEARCH_LIMIT = 2000
"""Characters of search text that are kept of one message."""

SEGMENTS_AT_MOST = 10_000
"""Of one HL7 v2 message; the longest reports of laboratories have a tenth of that."""

NotUsable: TypeAlias = Held | Unreadable

PANEL = "panel"
"""The type of rows of practices' panels."""

WRONG_STRUCTURE = Issue(
    Severity.WARNING, "wrong-structure", "MSH-9.3", "the event has another message structure in HL7 table 0354"
)

_NUMBERED = frozenset({"Encounter", "ServiceRequest", "Appointment", "DocumentReference", "DiagnosticReport"})


@dataclass(frozen=True, slots=True)
class Converted:
    """One raw message with what the mappers made of it.

    ``authority`` is whose the numbers are that name no authority: the feed, or a facility that sends by it.
    ``bundle`` is the FHIR bundle as it will be published and ``event`` its event code; both are empty where ``failure``
    says why there is none. ``ties`` are what the message says of pairs of patients, ``related`` the order and referral
    numbers that a document names, ``search`` the words by which a person looks for the message.
    """

    record: Record
    raw: RawMessage
    search: str
    authority: str = ""
    bundle: bytes = b""
    event: str = ""
    issues: tuple[Issue, ...] = ()
    patient: Demographics | None = None
    ties: tuple[Tie, ...] = ()
    related: frozenset[str] = frozenset()
    failure: NotUsable | None = None
    panel: Parsed | None = None
    """A row of a practice's panel, which becomes no bundle."""


def convert(hub: Hub, record: Record) -> Converted:
    """What the present mappers make of a record of ``hub.raw``."""
    raw = raw_message(record)
    feed = hub.site.feed_within(raw.feed, raw.sender)
    try:
        if raw.format is Format.CSV and raw.type == PANEL:
            return Converted(record, raw, _search(raw, None, []), panel=panel_row(raw, feed))
        _check_size(raw)
        conversion = mappers.convert(raw, feed, _pages(hub, raw))
        _check_fitness(conversion)
    except (Held, Unreadable) as failure:
        return Converted(record, raw, _search(raw, None, []), failure=failure)
    resources = [entry["resource"] for entry in conversion.bundle["entry"]]
    event = resources[0].get("eventCoding", {}).get("code", "message")
    subject = _patient(resources)
    patient = read(subject, feed.name) if subject else None
    return Converted(
        record,
        raw,
        search=_search(raw, patient, resources),
        authority=feed.name,
        bundle=orjson.dumps(conversion.bundle),
        event=event,
        issues=(*conversion.issues, *_of_header(raw)),
        patient=patient,
        ties=ties(resources, subject, event, feed.name, utc_text(raw.received_at)) if subject else (),
        related=frozenset(_related(resources)) if raw.format is Format.DOCUMENT else frozenset(),
    )


def _of_header(raw: RawMessage) -> Iterator[Issue]:
    """What the sender has not done as the standard has it, though nothing of it is lost."""
    if raw.format is Format.HL7V2:
        header = salvage_header(raw.body)
        if is_wrong(header.type, header.trigger, header.structure):
            yield WRONG_STRUCTURE


def panel_row(raw: RawMessage, feed: Feed) -> Parsed:
    """A row of a panel by its fields. Raises ``Unreadable``."""
    (row,), kind = read_rows(raw, feed)
    fields = {name: row.date(name) if name in kind.dated else row.meant(name) for name in kind.fields}
    return parse(row.line, fields)


def _check_fitness(conversion: Conversion) -> None:
    """What lacks its core (an appointment without SCH) tells nobody anything: a person must look at it."""
    for issue in conversion.issues:
        if issue.severity is Severity.ERROR:
            raise Held(issue.text, code=issue.code, path=issue.path)


def _check_size(raw: RawMessage) -> None:
    """One monstrous message must not hold up all others (promise P4)."""
    lines = raw.body.count(b"\r") + raw.body.count(b"\n")
    if raw.format is Format.HL7V2 and lines > SEGMENTS_AT_MOST:
        reason = f"the message has {lines} segments, more than {SEGMENTS_AT_MOST}"
        raise Unreadable(reason, code="too-many-segments", path="MSH")


def _pages(hub: Hub, raw: RawMessage) -> tuple[Page, ...]:
    if raw.format is not Format.DOCUMENT:
        return ()
    return hub.read_pages(raw.body, raw.type)


def _patient(resources: list[Json]) -> Json | None:
    """The patient that the message is about."""
    patients = [r for r in resources if r["resourceType"] == "Patient"]
    present = [p for p in patients if not replaced_by(p)]
    focus = {f.get("reference") for f in resources[0].get("focus", [])}
    in_focus = [p for p in present if f"urn:uuid:{p['id']}" in focus]
    return next(iter(in_focus or present), None)


def _related(resources: list[Json]) -> set[str]:
    """The numbers in DocumentReference.context.related."""
    named = [other for r in resources for other in r.get("context", {}).get("related", [])]
    return {other["identifier"]["value"] for other in named if other.get("identifier", {}).get("value")}


def _search(raw: RawMessage, patient: Demographics | None, resources: list[Json]) -> str:
    """Names, identifiers, control id and type, in lower case."""
    words = [raw.control_id, raw.type]
    if patient:
        words += [patient.name, *(key.rpartition("|")[2] for key in (*patient.keys, *patient.others))]
    for resource in resources:
        if resource["resourceType"] in _NUMBERED:
            words += [i["value"] for i in resource.get("identifier", []) if "value" in i]
    return " ".join(dict.fromkeys(words)).casefold()[:SEARCH_LIMIT]

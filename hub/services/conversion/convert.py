"""The convert stage: raw messages become FHIR bundles of a known person, or are booked as duplicate or held."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from hub.errors import Held, Unreadable
from hub.fhir.posted.addresses import is_address_key
from hub.identity.demographics import Demographics
from hub.identity.directory import Directory
from hub.identity.resolution import Resolution, SourceRecord, keys_of
from hub.model import Format, Issue, Json, MessageStatus, RawMessage, Record, Severity, Stage, Stream
from hub.services.context import Hub
from hub.services.conversion.converted import Converted, NotUsable, convert
from hub.services.conversion.tying import Tying, rename
from hub.services.identity import people, review
from hub.services.outputs import Outputs
from hub.services.practice import panels
from hub.store import messages, persons, reviews
from hub.store.engine import utc_text

RETIRED_HEADER, RESTORED_HEADER = "retired", "restored"
"""On the record of a merge, or of its end: the persons whose history moves, ``from>to`` with blanks between them."""
REUSED = "control-id-reused"
REUSED_WARNING = Issue(
    Severity.WARNING, REUSED, "MSH-10", "the sender has used this control id before, with other contents"
)


@dataclass(slots=True)
class Batch:
    """What is to be written of a batch."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    traces: dict[str, Json] = field(default_factory=dict)
    bundles: list[Record] = field(default_factory=list)
    persons: list[SourceRecord] = field(default_factory=list)
    doubts: list[tuple[str, Resolution]] = field(default_factory=list)
    """Resolutions that leave something to a person, by message id."""


def prepare(hub: Hub, records: Sequence[Record]) -> Callable[[Connection], Outputs]:
    """Converts without the database; the returned work books the batch in its transaction."""
    converted = [convert(hub, record) for record in records]
    return lambda transaction: _book_new(transaction, hub, converted)


def settle(
    transaction: Connection, converted: Sequence[Converted], reused: Callable[[RawMessage], Issue | None]
) -> Batch:
    """Finds the persons of converted messages, moves merged ones, and says what is to be written; ``reused`` is asked
    for the warning about a control id that was used before."""
    converted = [one for one in converted if one.panel is None]
    directory = _directory(transaction, converted)
    referred = _referred(transaction, converted)
    batch = Batch()
    for one in converted:
        try:
            resolution = _resolve(one, directory, referred)
        except (Held, Unreadable) as failure:
            _hold(batch, one, failure)
        else:
            headers: dict[str, str] = {}
            if resolution and one.ties:
                tying = Tying(transaction, directory, one.raw.id, utc_text(one.raw.received_at))
                resolution = tying.apply(one.ties, resolution)
                headers = {RETIRED_HEADER: " ".join(tying.retired), RESTORED_HEADER: " ".join(tying.restored)}
            _keep(batch, one, resolution, reused(one.raw), {name: said for name, said in headers.items() if said})
    batch.persons = directory.changed
    return batch


def _book_new(transaction: Connection, hub: Hub, converted: Sequence[Converted]) -> Outputs:
    people.alone(transaction, shared=not any(one.ties for one in converted))
    known = messages.known(transaction, (c.raw.id for c in converted))
    fresh: list[Converted] = []
    again: list[Converted] = []
    for one in converted:
        (again if one.raw.id in known else fresh).append(one)
        known.add(one.raw.id)
    reused = _Reused(transaction, fresh).warning
    groups = [_book_group(transaction, hub, group, reused) for group in _from_ties(fresh)]
    messages.book_duplicates(transaction, [(c.raw, c.record) for c in again])
    return Outputs([(Stream.FHIR, record) for bundles in groups for record in bundles])


def _from_ties(converted: Sequence[Converted]) -> Iterator[Sequence[Converted]]:
    """A message that makes two persons one, or one two, finds everything booked that came before it."""
    start = 0
    for end in (*(n for n, one in enumerate(converted) if n and one.ties), len(converted)):
        yield converted[start:end]
        start = end


def _book_group(
    transaction: Connection, hub: Hub, fresh: Sequence[Converted], reused: Callable[[RawMessage], Issue | None]
) -> list[Record]:
    batch = settle(transaction, fresh, reused)
    now = utc_text(hub.clock.now())
    people.save(transaction, batch.persons, now)
    reviews.add(transaction, [row for message, doubt in batch.doubts for row in review.rows(doubt, message, now)])
    messages.book(transaction, batch.rows)
    _book_panel(transaction, hub, [one for one in fresh if one.panel])
    messages.trace(transaction, Stage.CONVERT, batch.traces)
    return batch.bundles


def _book_panel(transaction: Connection, hub: Hub, rows: Sequence[Converted]) -> None:
    """Rows of panels find their persons and end here; a person looks at those that are ambiguous or invalid."""
    outcomes = panels.book(transaction, hub, [one.panel for one in rows if one.panel])
    booked = []
    for one, row in zip(rows, outcomes, strict=True):
        held = row.outcome in panels.FOR_A_PERSON
        end = {
            "code": row.outcome,
            "reason": f"row {row.line}: {row.reason}" if held else row.reason,
            "person_id": row.person_id or None,
            "search": one.search,
            "routed": True,
        }
        status = MessageStatus.HELD if held else MessageStatus.CONVERTED
        booked.append(messages.row(one.raw, one.record, status, **end))
    messages.book(transaction, booked)


def _directory(transaction: Connection, converted: Sequence[Converted]) -> Directory:
    patients = [c.patient for c in converted if c.patient]
    keys = {key for c in converted if c.patient for key in keys_of(c.patient)}
    keys |= {key for c in converted for tie in c.ties for key in (*tie.one.keys, *tie.other)}
    return people.directory(transaction, patients, keys)


def _referred(transaction: Connection, converted: Sequence[Converted]) -> dict[str, set[str]]:
    numbers = {number for c in converted for number in c.related}
    return persons.referred(transaction, numbers) if numbers else {}


def _resolve(one: Converted, directory: Directory, referred: dict[str, set[str]]) -> Resolution | None:
    if one.failure:
        raise one.failure
    if one.patient is None:
        return None
    if one.raw.format is Format.FHIR:
        _check_known(one.patient, directory)
    if one.raw.format is not Format.DOCUMENT:
        rename(directory, one.ties)
        return directory.resolve(one.patient)
    return directory.resolve_document(one.patient, {n: ids for n, ids in referred.items() if n in one.related})


def _check_known(patient: Demographics, directory: Directory) -> None:
    """Whom a message names by an address alone must have been posted before: else nobody could be told of him."""
    only_address = patient == Demographics(keys=patient.keys) and all(map(is_address_key, patient.keys))
    if patient.keys and only_address and directory.person_of(patient.keys) is None:
        reason = "the patient is named by an address that this feed has posted no Patient at"
        raise Held(reason, code="unknown-patient", path="Patient")


def _hold(batch: Batch, one: Converted, failure: NotUsable) -> None:
    reason = f"{failure.path}: {failure}" if failure.path else str(failure)
    end = {"code": failure.code, "reason": reason, "search": one.search}
    batch.rows.append(messages.row(one.raw, one.record, MessageStatus.HELD, **end))
    findings = [{"path": path, "text": text} for path, text in getattr(failure, "findings", ())]
    held = {"code": failure.code, "path": failure.path, "reason": str(failure), "findings": findings}
    batch.traces[one.raw.id] = {"held": held}


def _keep(
    batch: Batch, one: Converted, resolution: Resolution | None, reused: Issue | None, headers: dict[str, str]
) -> None:
    person_id = resolution.person_id if resolution else ""
    issues = [*one.issues, *([reused] if reused else [])]
    end = {
        "code": REUSED if reused else "",
        "person_id": person_id or None,
        "search": one.search,
        "warnings": sum(issue.severity is not Severity.INFORMATION for issue in issues),
    }
    batch.rows.append(messages.row(one.raw, one.record, MessageStatus.CONVERTED, **end))
    batch.traces[one.raw.id] = {
        "warnings": [_issue(issue) for issue in issues],
        "identity": resolution.to_json() if resolution else {},
    }
    if resolution and resolution.review:
        batch.doubts.append((one.raw.id, resolution))
    batch.bundles.append(_bundle_record(one, person_id, headers))


def _bundle_record(one: Converted, person_id: str, more: dict[str, str]) -> Record:
    """A bundle as a record of ``hub.fhir``, keyed by the person (by the message where there is no patient)."""
    headers = {
        "id": one.raw.id,
        "source": f"feed/{one.raw.feed}",
        "type": f"fhir.{one.event}",
        "time": utc_text(one.raw.received_at),
        "subject": person_id,
        "feed": one.raw.feed,
        "authority": one.authority,
        **more,
    }
    return Record(key=person_id or one.raw.id, value=one.bundle, headers=headers)


def _issue(issue: Issue) -> Json:
    return {"severity": issue.severity.value, "code": issue.code, "path": issue.path, "text": issue.text}


class _Reused:
    """Control ids that the same sender has used before with other contents."""

    def __init__(self, transaction: Connection, converted: Sequence[Converted]) -> None:
        self._seen = messages.control_ids(transaction, (c.raw.control_id for c in converted))

    def warning(self, raw: RawMessage) -> Issue | None:
        """Processed as a new message, never silently (HL7 v2, chapter 2.9.2: MSH-10 is unique)."""
        sent = (raw.feed, raw.sender, raw.control_id)
        if not raw.control_id or sent not in self._seen:
            self._seen.add(sent)
            return None
        return REUSED_WARNING

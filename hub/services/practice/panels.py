"""Panels: which practice looks after whom, loaded from a practice's CSV file.

The columns are those of the roster file: ``action`` (A, U, D; A where the file has none), ``practice_id``, ``mrn``,
``mrn_authority`` (a URI or a namespace), names, ``dob`` (YYYY-MM-DD), ``sex`` (M, F, O, U), ways to reach the patient,
``pcp_npi``, ``start_date`` and ``end_date``.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection

from hub.errors import Held, NotAllowed, PermanentError
from hub.fhir.ids import is_npi
from hub.identity.demographics import SSN_SYSTEM, Demographics, read
from hub.identity.directory import Directory
from hub.identity.resolution import keys_of
from hub.model import Json, stable_id
from hub.services.context import Hub
from hub.services.identity import people
from hub.store import panels
from hub.store.engine import utc_text, writing

REQUIRED = ("practice_id", "last", "first", "dob", "sex", "pcp_npi")
ONE_OF = ("mrn", "zip", "phone", "ssn4", "member_id")
OPTIONAL = (
    *("action", "mrn_authority", "middle", "suffix", "addr1", "city", "state", "email", "payer"),
    *("pcp_last", "pcp_first", "location", "care_manager", "program", "start_date", "end_date"),
    *("consent", "notify_profile", "batch_id"),
)
SEXES = {"M": "male", "F": "female", "O": "other", "U": "unknown"}
ADD, CHANGE, DROP = "A", "U", "D"
MOST_DROPPED = 0.2
"""The part of a panel that a full file may drop without anybody being asked."""
FOR_A_PERSON = ("ambiguous", "invalid")
"""Outcomes that somebody must look at."""


@dataclass(frozen=True, slots=True)
class PanelRow:
    """What became of one row of the file: ``matched``, ``new``, ``ambiguous``, ``invalid`` or ``removed``. ``line``
    counts from 1, the header; ``reason`` says why a row is of no use, without patient data."""

    line: int
    outcome: str
    reason: str
    practice_id: str
    person_id: str = ""


@dataclass(frozen=True, slots=True)
class PanelReport:
    """What became of a panel file, row by row; ``warnings`` concern the file as a whole."""

    name: str
    rows: tuple[PanelRow, ...]
    warnings: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(row.outcome for row in self.rows))


class _Invalid(Exception):
    """A row that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row by its fields, and the patient that it names; ``invalid`` says why it cannot be used."""

    line: int
    row: Json
    patient: Demographics
    invalid: str = ""


def load(hub: Hub, content: bytes, name: str, *, full: bool = False, sure: bool = False) -> PanelReport:
    """Loads a panel file; loading it again changes nothing. Raises ``PermanentError`` when it is no such file.

    A row of nobody who is known makes the person, so that later messages under its number find them; an ambiguous
    row never links and is kept for a person to decide. A ``full`` file is all of the panel of each practice that it
    names: who is not in it leaves. When that is more than a fifth, nothing at all changes and ``NotAllowed`` is raised,
    unless somebody is ``sure``: half a file looks just so.
    """
    columns, rows = _read(content, name)
    parsed = [parse(line, row) for line, row in rows]
    unknown = sorted(set(columns) - {*REQUIRED, *ONE_OF, *OPTIONAL})
    warnings = [f"column {column!r} is not used" for column in unknown]
    with writing(hub.main) as transaction:
        if full:
            warnings += _drop_the_others(transaction, parsed, name, sure)
        outcomes = book(transaction, hub, parsed)
    return PanelReport(name, tuple(outcomes), tuple(warnings))


def _drop_the_others(transaction: Connection, parsed: Sequence[Parsed], name: str, sure: bool) -> list[str]:
    """Takes those off the panels who are not in a full file; what it did, for each practice."""
    practices = sorted({one.row.get("practice_id", "") for one in parsed} - {""})
    there = panels.of_practices(transaction, practices)
    named = {_id(one) for one in parsed}
    gone = {practice: sorted(rows - named) for practice, rows in there.items()}
    for practice, ids in gone.items():
        if len(ids) > MOST_DROPPED * len(there[practice]) and not sure:
            lost = f"{len(ids)} of {len(there[practice])} patients would leave the panel of {practice}"
            raise NotAllowed(f"{name}: {lost}: more than {MOST_DROPPED:.0%}, so nothing was changed")
    panels.remove(transaction, [row for ids in gone.values() for row in ids])
    return [f"{len(ids)} patients left the panel of {practice}" for practice, ids in gone.items() if ids]


def _read(content: bytes, name: str) -> tuple[list[str], list[tuple[int, Json]]]:
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        columns = [column.strip().casefold() for column in next(reader, [])]
        rows = [(reader.line_num, cells) for cells in reader if any(cells)]
    except UnicodeDecodeError:
        raise PermanentError(f"{name}: not UTF-8 text") from None
    except csv.Error as error:
        raise PermanentError(f"{name}: not a CSV file ({error})") from None
    missing = [column for column in REQUIRED if column not in columns]
    if missing or len(set(columns)) != len(columns):
        raise PermanentError(
            f"{name}: columns {', '.join(missing)} are missing" if missing else f"{name}: a column is doubled"
        )
    return columns, [(line, _cells(columns, cells)) for line, cells in rows]


def _cells(columns: list[str], cells: list[str]) -> Json:
    """The row by column; one that is too long keeps the surplus under the empty name, which makes it invalid."""
    row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    return {**row, "": str(len(cells))} if len(cells) != len(columns) else row


def parse(line: int, row: Json) -> Parsed:
    """A row by its fields, dates as YYYY-MM-DD."""
    try:
        _validate(row)
    except _Invalid as invalid:
        return Parsed(line, row, Demographics(), str(invalid))
    return Parsed(line, row, read(_patient(row), ""))


def _validate(row: Json) -> None:
    if "" in row:
        raise _Invalid(f"{row['']} cells do not fit the header")
    for column in REQUIRED:
        if not row.get(column):
            raise _Invalid(f"{column} is empty")
    if not any(row.get(column) for column in ONE_OF):
        raise _Invalid(f"one of {', '.join(ONE_OF)} is needed")
    for column in ("dob", "start_date", "end_date"):
        if row.get(column) and not _is_date(row[column]):
            raise _Invalid(f"{column} is not a date YYYY-MM-DD")
    for column, allowed in (("sex", tuple(SEXES)), ("action", ("", ADD, CHANGE, DROP))):
        if row.get(column, "").upper() not in allowed:
            raise _Invalid(f"{column} must be one of {', '.join(filter(None, allowed))}")
    if not is_npi(row["pcp_npi"]):
        raise _Invalid("pcp_npi is not a National Provider Identifier")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _patient(row: Json) -> Json:
    """The row as a FHIR Patient, so that it is compared as every other patient."""
    return {
        "resourceType": "Patient",
        "identifier": list(_identifiers(row)),
        "name": [{"family": row["last"], "given": _present(row, "first", "middle"), "suffix": _present(row, "suffix")}],
        "birthDate": row["dob"],
        "gender": SEXES[row["sex"].upper()],
        "telecom": [{"system": "phone", "value": value} for value in _present(row, "phone")],
        "address": [{"line": _present(row, "addr1"), "postalCode": row.get("zip", "")}],
    }


def _identifiers(row: Json) -> Iterator[Json]:
    authority = row.get("mrn_authority") or f"urn:carering:practice:{row['practice_id']}"
    issued_by = {"system": authority} if ":" in authority else {"assigner": {"display": authority}}
    if row.get("mrn"):
        yield {**issued_by, "value": row["mrn"]}
    if row.get("ssn4"):
        yield {"system": SSN_SYSTEM, "value": row["ssn4"]}
    if row.get("member_id"):
        payer = {"display": row.get("payer") or "payer"}
        yield {"type": {"coding": [{"code": "MB"}]}, "assigner": payer, "value": row["member_id"]}


def _present(row: Json, *columns: str) -> list[str]:
    return [row[column] for column in columns if row.get(column)]


def book(transaction: Connection, hub: Hub, parsed: Sequence[Parsed]) -> list[PanelRow]:
    """Puts rows on the panels; what became of each, in their order."""
    patients = [p.patient for p in parsed if not p.invalid]
    directory = people.directory(transaction, patients, {key for p in patients for key in keys_of(p)})
    outcomes = [_outcome(one, directory) for one in parsed]
    dropped = [_id(one) for one, outcome in zip(parsed, outcomes, strict=True) if outcome.outcome == "removed"]
    kept = [_row(one, outcome) for one, outcome in zip(parsed, outcomes, strict=True) if outcome.outcome != "removed"]
    people.save(transaction, directory.changed, utc_text(hub.clock.now()))
    panels.remove(transaction, dropped)
    panels.save(transaction, list({row["id"]: row for row in kept}.values()))
    return outcomes


def _outcome(one: Parsed, directory: Directory) -> PanelRow:
    practice = one.row.get("practice_id", "")
    if one.invalid:
        return PanelRow(one.line, "invalid", one.invalid, practice)
    if one.row.get("action", "").upper() == DROP:
        return PanelRow(one.line, "removed", "the practice says so", practice)
    try:
        found = directory.look_up(one.patient)
    except Held as conflict:
        return PanelRow(one.line, "ambiguous", str(conflict), practice)
    if found.warnings:
        return PanelRow(one.line, "ambiguous", "; ".join(found.warnings), practice)
    directory.add(found.records)
    outcome = "new" if found.rule == "new" else "matched"
    return PanelRow(one.line, outcome, "", practice, found.person_id)


def _id(one: Parsed) -> str:
    """A practice names a patient by its number, or by the demographics; what is invalid is named by its own words."""
    if one.invalid:
        return stable_id("panel", "invalid", *(f"{k}={v}" for k, v in one.row.items()))
    return stable_id("panel", one.row["practice_id"], keys_of(one.patient)[0])


def _row(one: Parsed, outcome: PanelRow) -> dict[str, Any]:
    return {
        "id": _id(one),
        "practice_id": outcome.practice_id,
        "person_id": outcome.person_id or None,
        "pcp_npi": one.row.get("pcp_npi", ""),
        "start_date": one.row.get("start_date", ""),
        "end_date": one.row.get("end_date", ""),
        "outcome": outcome.outcome,
        "body": orjson.dumps({**one.row, "reason": outcome.reason}),
    }


def result_csv(report: PanelReport) -> str:
    """What became of each row, for the practice: ``line,practice_id,outcome,reason``, without patient data."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("line", "practice_id", "outcome", "reason"))
    writer.writerows((row.line, row.practice_id, row.outcome, row.reason) for row in report.rows)
    return text.getvalue()

from typing import Any

import orjson
import pytest

from hub.errors import Unreadable
from hub.mappers import convert
from hub.model import Format, Json
from tests.unit.mappers.clinical import FIXTURES, all_of, at, feed, one_of, raw

SENT: Json = orjson.loads((FIXTURES / "csv_referral" / "sent.json").read_bytes())


FIELDS: Json = dict(zip(SENT["head"], SENT["rows"][0]["cells"], strict=True))


def body(fields: Json, line: int = 12) -> bytes:
    """A row with these fields as the body of a message."""
    return orjson.dumps({**SENT, "head": list(fields), "rows": [{"line": line, "cells": list(fields.values())}]})


def row(**fields: str) -> Json:
    """The bundle of the fixture's row with other fields."""
    return converted({**FIELDS, **fields})


def converted(fields: Json, kind: str = "referral", **known: Any) -> Json:
    """The bundle of a row of a feed of which this is known."""
    return convert(raw(body(fields), Format.CSV, kind), feed(type=kind, **known)).bundle


def test_a_row_is_a_referral() -> None:
    """A row has its patient, both parties, the priority, the question and the due date."""
    bundle = row()
    request, task = one_of(bundle, "ServiceRequest"), one_of(bundle, "Task")
    assert at(bundle, request["requester"])["identifier"][0]["value"] == "1234567893"
    role = at(bundle, request["performer"][0])
    assert at(bundle, role["organization"])["name"] == "Love Cardiology Group"
    assert (request["priority"], request["occurrencePeriod"]["end"]) == ("urgent", "2026-03-10")
    assert (request["authoredOn"], request["reasonCode"][0]["text"][:8]) == ("2026-02-10", "Exertion")
    assert (task["status"], at(bundle, task["focus"])) == ("requested", request)
    patient = one_of(bundle, "Patient")
    assert (patient["birthDate"], patient["identifier"][0]["assigner"]) == ("1955-09-14", {"display": "BUSY"})
    header = bundle["entry"][0]["resource"]
    assert header["eventCoding"] == {"system": "urn:carering:event", "code": "referral"}


@pytest.mark.parametrize(
    ("status", "task", "business"),
    [
        ("accepted", "accepted", "3.0"),
        ("declined", "rejected", "4.0"),
        ("scheduled", "in-progress", "5.1.1"),
        ("no-show", "in-progress", "5.1.2"),
        ("NO_SHOW", "in-progress", "5.1.2"),
        ("appointment-cancelled", "in-progress", "5.1.3"),
        ("cancelled", "cancelled", "6.0"),
        ("note-received", "completed", "7.0"),
        ("completed", "completed", "7.0"),
    ],
)
def test_status(status: str, task: str, business: str) -> None:
    """The word in the column ``status`` says how far the referral is."""
    made = one_of(row(status=status), "Task")
    assert (made["status"], made["businessStatus"]["coding"][0]["code"]) == (task, business)


def test_an_appointment() -> None:
    """A row with an appointment has it, at the feed's own time of day, tied to the referral."""
    bundle = row(status="scheduled", appt_dt="2026-03-17 10:00")
    appointment = one_of(bundle, "Appointment")
    assert (appointment["status"], appointment["start"]) == ("booked", "2026-03-17T10:00:00-04:00")
    assert at(bundle, appointment["basedOn"][0]) == one_of(bundle, "ServiceRequest")
    assert one_of(bundle, "Task")["status"] == "accepted"


def test_a_missed_appointment() -> None:
    """A no-show is one of the appointment as well as of the referral."""
    assert one_of(row(status="no-show", appt_dt="2026-03-17 10:00"), "Appointment")["status"] == "noshow"


def test_a_reason_of_refusal() -> None:
    """The note of a refusal is its reason."""
    assert one_of(row(status="declined", note="Full"), "Task")["statusReason"] == {"text": "Full"}


def test_constants_fill_what_is_empty() -> None:
    """A feed's constants stand in for fields that a row leaves empty, and only for those."""
    constants = {"mrn_authority": "BUSY", "status": "declined"}
    bundle = converted({**FIELDS, "mrn_authority": ""}, constants=constants, namespaces={"BUSY": "urn:oid:1.2.3"})
    assert one_of(bundle, "Patient")["identifier"][0]["system"] == "urn:oid:1.2.3"
    assert one_of(bundle, "Task")["status"] == "requested"


def test_a_patient_without_a_number() -> None:
    """A row without a patient number gives the same patient for the same name and birth date."""
    ids = {one_of(row(mrn="", status=status), "Patient")["id"] for status in ("sent", "accepted")}
    assert len(ids) == 1
    assert "identifier" not in one_of(row(mrn=""), "Patient")


def test_dates_by_the_feeds_format() -> None:
    """Dates are read as the feed says, with or without a time of day."""
    dates = {"dob": "09/14/1955", "sent_at": "02/10/2026 3:30 PM", "due": ""}
    made = converted({**FIELDS, **dates}, date_format="%m/%d/%Y")
    assert one_of(made, "Patient")["birthDate"] == "1955-09-14"
    assert one_of(made, "ServiceRequest")["authoredOn"] == "2026-02-10T15:30:00-05:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("referral_id", ""),
        ("last", " "),
        ("first", ""),
        ("dob", ""),
        ("status", ""),
        ("status", "lost"),
        ("dob", "14.09.1955"),
        ("dob", "2026-02-30"),
        ("appt_dt", "tomorrow"),
        ("priority", "whenever"),
    ],
)
def test_a_bad_row_names_row_and_field(field: str, value: str) -> None:
    """A row with a missing or unreadable value is refused by row and field, and the value is not repeated."""
    with pytest.raises(Unreadable) as unreadable:
        row(**{"status": "scheduled", field: value})
    assert unreadable.value.path == f"row 12: {field}"
    assert not value.strip() or value not in str(unreadable.value)


def test_a_row_that_could_not_be_split() -> None:
    """What the table reader says of a broken row is the reason why it is not converted."""
    broken = {"line": 7, "file": "a.csv", "problem": "an unclosed quote", "text": "x"}
    with pytest.raises(Unreadable, match="unclosed quote") as unreadable:
        convert(raw(orjson.dumps(broken), Format.CSV, "referral"), feed())
    assert unreadable.value.path == "row 7"


def test_rows_of_another_type() -> None:
    """A kind of row that nothing reads is refused with the kinds that are read."""
    with pytest.raises(Unreadable, match="rows of type adt, census"):
        convert(raw(orjson.dumps(SENT), Format.CSV, "allergies"), feed())


@pytest.mark.parametrize("bad", [b"", b"[]", b"{}", b'{"line": "x"}', b"not json", b'{"head": [], "rows": []}'])
def test_a_body_that_is_no_row(bad: bytes) -> None:
    """A body that no table reader has made is refused."""
    with pytest.raises(Unreadable):
        convert(raw(bad, Format.CSV, "referral"), feed())


def test_the_fixture_stands_for_itself() -> None:
    """The row as a raw message's body is the row of the table beside it."""
    head, line = (FIXTURES / "csv_referral" / "sent.csv").read_text().splitlines()
    assert dict(zip(head.split(","), line.split(","), strict=True)) == FIELDS
    assert not all_of(row(), "Appointment")


def test_only_the_status_of_a_referral() -> None:
    """A row of a feed of statuses needs the number, the word and the patient's number; the referral is named by it."""
    said = {"referral_id": "REF-1", "status": "Booked", "mrn": "B-1021", "appt_dt": "2026-03-17 10:00"}
    bundle = converted(said, "referral_status", codes={"status": {"Booked": "scheduled"}})
    task, appointment = one_of(bundle, "Task"), one_of(bundle, "Appointment")
    assert (task["focus"]["identifier"]["value"], task["status"]) == ("REF-1", "accepted")
    assert appointment["basedOn"][0]["identifier"]["value"] == "REF-1"
    assert not all_of(bundle, "ServiceRequest")


def test_the_visit_of_a_status_is_that_of_the_referral() -> None:
    """A row of the referral and a row of its status speak of the same Task and of the same appointment."""
    visit = {"status": "scheduled", "appt_dt": "2026-03-17 10:00"}
    whole, status = converted({**FIELDS, **visit}), converted({**FIELDS, **visit}, "referral_status")
    for kind in ("Task", "Appointment"):
        assert one_of(whole, kind)["id"] == one_of(status, kind)["id"]

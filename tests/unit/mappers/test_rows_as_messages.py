from typing import Any

import orjson
import pytest

from hub.errors import Unreadable
from hub.mappers import convert
from hub.model import Conversion, Format, Json
from tests.unit.mappers.clinical import all_of, at, feed, message, one_of, raw

_PATIENT = {
    "mrn": "70045",
    "mrn_authority": "MERCY",
    "last": "Andrews",
    "first": "Harold",
    "dob": "1955-09-14",
    "sex": "M",
}
_STAY = {"class": "I", "unit": "4WEST", "facility": "MERCY", "visit_number": "V1", "admit_time": "2026-03-02 17:05"}
VISIT = {**_PATIENT, **_STAY}
VALUE = {"mrn": "70045", "accession": "L55", "test_code": "2823-3", "test_name": "Potassium", "value": "6.1"}
APPOINTMENT = {"mrn": "70045", "appointment_id": "AP9", "start": "2026-03-17 10:00"}


def made(kind: str, *rows: dict[str, str], **known: Any) -> Conversion:
    """What rows of a kind become."""
    head = list(dict.fromkeys(name for row in rows for name in row))
    cells = [{"line": line, "cells": [row.get(name, "") for name in head]} for line, row in enumerate(rows, 2)]
    body = orjson.dumps({"file": "a.csv", "head": head, "rows": cells})
    return convert(raw(body, Format.CSV, kind), feed(format=Format.CSV, type=kind, **known))


def event(bundle: Json) -> str:
    return str(bundle["entry"][0]["resource"]["eventCoding"]["code"])


@pytest.mark.parametrize(
    ("row", "trigger"),
    [
        ({}, "A01"),
        ({"class": "E"}, "A04"),
        ({"discharge_time": "2026-03-09 14:20"}, "A03"),
        ({"event": "Transfer"}, "A02"),
        ({"event": "cancel discharge"}, "A13"),
        ({"event": "a08"}, "A08"),
    ],
)
def test_the_event_of_a_visit(row: dict[str, str], trigger: str) -> None:
    """The event is the word or code in its column; without one the times and the class say it."""
    assert event(made("adt", {**VISIT, **row}).bundle) == trigger


def test_a_visit_is_that_of_a_message() -> None:
    """A row becomes the same Patient and Encounter, by id and content, as the ADT message that says the same."""
    row = made("adt", VISIT).bundle
    pv1 = "PV1|1|I|4WEST^^^MERCY||||||||||||||||V1^^^^VN" + "|" * 25 + "202603021705-0500"
    sent = message("ADT^A01", "EVN|A01|202603021705-0500", pv1).bundle
    assert one_of(row, "Patient") == one_of(sent, "Patient")
    visit, other = one_of(row, "Encounter"), one_of(sent, "Encounter")
    assert {k: v for k, v in visit.items() if k != "serviceProvider"} == {
        k: v for k, v in other.items() if k != "serviceProvider"
    }


def test_codes_by_the_names_of_fields() -> None:
    """The feed's codes translate the words of a column, as they do a field of a message."""
    codes = {"class": {"Inpatient": "I"}, "event": {"ADM": "A01"}}
    bundle = made("adt", {**VISIT, "class": "Inpatient", "event": "ADM"}, codes=codes).bundle
    assert (event(bundle), one_of(bundle, "Encounter")["class"]["code"]) == ("A01", "IMP")


def test_a_local_code_keeps_itself_beside_its_meaning() -> None:
    """A local test code becomes its LOINC, with the code as sent as a further coding."""
    meaning = {"test_code": {"K": {"code": "2823-3", "system": "LN", "display": "Potassium"}}}
    codings = one_of(made("result", {**VALUE, "test_code": "K"}, codes=meaning).bundle, "Observation")["code"]["coding"]
    assert (codings[0]["system"], codings[0]["code"]) == ("http://loinc.org", "2823-3")
    assert "K" in [coding["code"] for coding in codings]


def test_a_place_of_hl7_as_a_field() -> None:
    """A column may be any other place of the message."""
    columns = {**{name: name for name in VISIT}, "PV1-14": "Came from"}
    visit = one_of(made("adt", {**VISIT, "Came from": "7"}, columns=columns).bundle, "Encounter")
    assert visit["hospitalization"]["admitSource"]["coding"][0]["code"]


def test_an_authority_that_is_a_uri() -> None:
    """A number's authority may be a URI: it is the identifier's system."""
    patient = one_of(made("adt", {**VISIT, "mrn_authority": "urn:oid:1.2.3"}).bundle, "Patient")
    assert patient["identifier"][0]["system"] == "urn:oid:1.2.3"


def test_what_is_noticed_names_row_and_field() -> None:
    """A remark of the conversion is about a column of a row, not about a place of a message that nobody wrote."""
    remarks = made("adt", {**VISIT, "sex": "Q"}).issues
    assert [issue.path for issue in remarks if issue.code == "unmapped-code"] == ["row 2: sex"]
    results = made("result", VALUE, {**VALUE, "test_code": "2951-2", "flag": "??"}).issues
    assert "row 3: flag" in [issue.path for issue in results]


def test_rows_of_one_report() -> None:
    """Rows with one accession are one report with an observation each, numbers as quantities."""
    rows = ({**VALUE, "units": "mmol/L"}, {**VALUE, "test_code": "APP", "test_name": "Appearance", "value": "clear"})
    bundle = made("result", *rows).bundle
    report = one_of(bundle, "DiagnosticReport")
    first, second = (at(bundle, result) for result in report["result"])
    assert (first["valueQuantity"]["value"], second["valueString"]) == (6.1, "clear")
    assert report["status"] == "final"


@pytest.mark.parametrize(("statuses", "whole"), [("FP", "preliminary"), ("FC", "corrected"), ("X", "cancelled")])
def test_the_status_of_a_report(statuses: str, whole: str) -> None:
    """A report without a status of its own has that of its values."""
    rows = [{**VALUE, "test_code": f"T{n}", "status": status} for n, status in enumerate(statuses)]
    assert one_of(made("result", *rows).bundle, "DiagnosticReport")["status"] == whole


@pytest.mark.parametrize(
    ("row", "trigger", "status"),
    [
        ({}, "S12", "booked"),
        ({"event": "no-show"}, "S26", "noshow"),
        ({"status": "Cancelled"}, "S15", "cancelled"),
        ({"event": "rescheduled", "minutes": "30"}, "S13", "booked"),
    ],
)
def test_appointments(row: dict[str, str], trigger: str, status: str) -> None:
    """A row is the appointment that SIU would tell of."""
    bundle = made("appointment", {**APPOINTMENT, **row}).bundle
    assert (event(bundle), one_of(bundle, "Appointment")["status"]) == (trigger, status)


@pytest.mark.parametrize(
    ("kind", "row", "path"),
    [
        ("adt", {**VISIT, "mrn": ""}, "mrn"),
        ("adt", {**VISIT, "class": ""}, "class"),
        ("adt", {**VISIT, "admit_time": ""}, "event"),
        ("adt", {**VISIT, "dob": "14.09.1955"}, "dob"),
        ("adt", {**VISIT, "mrn": "7.0045E+04"}, "mrn"),
        ("adt", {**VISIT, "event": "vanished"}, "event"),
        ("result", {**VALUE, "accession": ""}, "accession"),
        ("appointment", {**APPOINTMENT, "appointment_id": ""}, "appointment_id"),
    ],
)
def test_a_bad_row_names_row_and_field(kind: str, row: dict[str, str], path: str) -> None:
    """A row that lacks what it needs, or cannot be read, is refused by row and field, without its values."""
    with pytest.raises(Unreadable) as unreadable:
        made(kind, row)
    assert unreadable.value.path == f"row 2: {path}"


def test_separators_in_a_cell_are_text() -> None:
    """Whatever characters a cell has, they split nothing."""
    patient = one_of(made("adt", {**VISIT, "last": "O^Hara|~\\&"}).bundle, "Patient")
    assert patient["name"][0]["family"] == "O^Hara|~\\&"


def test_all_is_published_with_the_patient() -> None:
    """A census row is an ADT too."""
    assert all_of(made("census", VISIT).bundle, "Encounter")

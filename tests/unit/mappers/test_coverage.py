import base64
from typing import Any

import pytest

from hub.formats.hl7v2.message import parse
from hub.mappers.coverage import coverage
from hub.model import Json

HEADER = "MSH|^~\\&|HIS|MERCY|||20260302||ADT^A01|1|P|2.5\r"
HL7 = "http://hl7.org/fhir/StructureDefinition/"


def bundle(*resources: Json, **members: Any) -> Json:
    """A bundle of the resources, or of one Observation with these members."""
    made = resources or ({"resourceType": "Observation", "status": "final", **members},)
    return {"resourceType": "Bundle", "type": "message", "entry": [{"resource": one} for one in made]}


def missed(segment: str, made: Json) -> list[str]:
    """The paths of the values of a segment that landed nowhere."""
    values = coverage(parse((HEADER + segment).encode(), "utf-8"), made)
    return [value.path for value in values if not value.landed and not value.path.startswith("MSH")]


def test_paths() -> None:
    """A value is named by segment, field, repetition, component and, of several, subcomponent."""
    values = coverage(parse((HEADER + "PID|1||7^^^A&1.2&ISO~8\rPID|2||9").encode()), bundle())
    paths = [(value.path, value.field) for value in values if value.field.startswith("PID")]
    assert paths == [
        ("PID-3.1", "PID-3.1"),
        ("PID-3.4.1", "PID-3.4.1"),
        ("PID-3.4.2", "PID-3.4.2"),
        ("PID-3.4.3", "PID-3.4.3"),
        ("PID-3[2].1", "PID-3.1"),
        ("PID[2]-3.1", "PID-3.1"),
    ]


def test_no_values() -> None:
    """Delimiters, set ids, empty components and the explicit null are no values."""
    values = coverage(parse((HEADER + 'PID|1||""|^^|^""').encode()), bundle())
    assert [value.path for value in values] == [
        *("MSH-3.1", "MSH-4.1", "MSH-7.1", "MSH-9.1", "MSH-9.2", "MSH-10.1", "MSH-11.1", "MSH-12.1"),
    ]


@pytest.mark.parametrize(
    ("segment", "members"),
    [
        ("PID|||||ANDREWS", {"family": "Andrews"}),
        ("PID|||||An  drews ", {"family": "An drews"}),
        ("PID|||||Andrews^Jo", {"text": "Jo Andrews"}),
        ("PID|||70045", {"value": "70045"}),
        ("OBX|||||065.80", {"valueQuantity": {"value": 65.8}}),
        ("OBX|||||<5", {"valueQuantity": {"value": 5, "comparator": "<"}}),
        ("OBX|||||5", {"rank": 5}),
        ("PV1|||||||||||||||||||||||||||||||||||||||||||||202603021215", {"start": "2026-03-02T12:15:00-05:00"}),
        ("EVN||202603021215-0500", {"start": "2026-03-02T17:15:00Z"}),
        ("EVN||20260302121500.1234", {"start": "2026-03-02T12:15:00.123-05:00"}),
        ("EVN||202603", {"start": "2026-03"}),
        ("OBX|||||1215", {"valueTime": "12:15:00"}),
        ("PID|||||||||||||(555) 010-0100", {"value": "+1 555 0100100"}),
        ("PID|||||||||||||^PRN^PH^^1^555^0100100", {"value": "+1 555 0100100", "use": "home", "system": "phone"}),
        ("NTE|||one\\.br\\two", {"text": "two\none"}),
        ("NTE|||fish & chips^and more", {"text": "fish & chips^and more"}),
        ("OBX|||||^AP^PDF^Base64^SGVs bG8=", {"contentType": "application/pdf", "data": "SGVsbG8="}),
        ("OBX|||||Hello there", {"data": base64.b64encode(b"Hello there\nyou").decode()}),
        ("PID|||^^^&1.2.3&ISO", {"system": "urn:oid:1.2.3"}),
        ("OBX|||718-7^Hb^LN", {"code": {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hb"}]}}),
        ("OBX|||^^HL70078", {"system": "http://terminology.hl7.org/CodeSystem/v2-0078"}),
        ("PID||||||||F", {"gender": "female"}),
        ("PID||||||||||||||||||||||||||||||Y", {"deceasedBoolean": True}),
        ("OBX||NM", {"valueQuantity": {}, "value": 1}),
        ("PID|||||||||||1 Main St", {"line": ["1 Main St"]}),
        ("PID|||||||||||^^^NY", {"state": "NY"}),
        ("PID|||||^^^Jr", {"suffix": ["Jr"]}),
        ("PID|||||Andrews", {"extension": [{"url": HL7 + "x", "valueString": "Andrews"}]}),
        ("PID|||||Andrews", {"extension": [{"url": HL7 + "x", "extension": [{"url": "a", "valueString": "Andrews"}]}]}),
    ],
)
def test_landed(segment: str, members: Json) -> None:
    """A value has landed that stands there as sent, in another form, or by what its code means."""
    assert missed(segment, bundle(**members)) == []


@pytest.mark.parametrize(
    ("segment", "members"),
    [
        ("PID|||||Andrews", {"family": "Andrew"}),
        ("PID||||||||F", {"gender": "male", "status": "final"}),
        ("PID||||||||F", {"family": "Fox"}),
        ("PID||||||||||||||||||||||||||||||Y", {"active": True}),
        ("PV1||I", {"text": "i"}),
        ("PID|||70045", {"value": "170045"}),
        ("EVN||20260302", {"start": "2026-03-03T00:00:00Z"}),
        ("EVN||202603021215", {"start": "2026-03-02T12:16:00-05:00"}),
        ("OBX|||||5.10", {"value": 5.11}),
        ("OBX||NM", {"valueString": "1"}),
        ("PID|||||Andrews", {"extension": [{"url": "urn:carering:x", "valueString": "Andrews"}]}),
        ("PID|||||Andrews", {"subject": {"reference": "Andrews"}}),
        ("PID|||||Andrews", {"id": "Andrews"}),
        ("PID|||||Andrews", {"text_": {"div": "Andrews"}}),
        ("NTE|||one\\.br\\three", {"text": "one\ntwo"}),
    ],
)
def test_missed(segment: str, members: Json) -> None:
    """A value has landed nowhere when only something like it stands there, or stands where it does not count."""
    assert len(missed(segment, bundle(**members))) == 1


@pytest.mark.parametrize("kind", ["Basic", "OperationOutcome"])
def test_what_does_not_count(kind: str) -> None:
    """What is kept in a Basic or told in an OperationOutcome has not landed."""
    assert missed("PID|||||Andrews", bundle({"resourceType": kind, "text": "Andrews"})) == ["PID-5.1"]


@pytest.mark.parametrize(("system", "counts"), [("http://loinc.org", True), ("urn:carering:issue", False)])
def test_outcome_of_the_sender(system: str, counts: bool) -> None:
    """What a sender says to be wrong has landed in an OperationOutcome; what the hub noticed is no value of his."""
    issue = {"details": {"coding": [{"system": system}], "text": "No such order"}}
    made = bundle({"resourceType": "OperationOutcome", "issue": [issue]})
    assert missed("MSA|||No such order", made) == ([] if counts else ["MSA-3.1"])

"""Every message under ``fixtures/messages`` becomes the bundle that stands beside it, and that bundle is valid FHIR R4.

``UPDATE_GOLDEN=1 pytest tests/golden`` writes the expected bundles anew; read the difference before you keep it.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from hub.model import Format, Json
from hub.services.conversion.files import converted, messages_in
from hub.settings import Feed, PluginUse

ROOM = Path(__file__).parents[2] / "fixtures" / "messages"
EXPECTED = ".expected.json"
POSTED = sorted(p for p in ROOM.glob("fhir_*/*.json") if not p.name.endswith(EXPECTED))
FIXTURES = sorted([*POSTED, *(p for p in ROOM.rglob("*") if p.suffix in {".hl7", ".csv", ".pdf", ".tif"})])
RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)

DATE_TIME = re.compile(
    r"\d{4}(-\d\d(-\d\d(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00))?)?)?"
)
"""FHIR R4, datatype dateTime: an offset once there is a time."""
TIMES = {"start", "end", "issued", "recorded", "timestamp", "date", "authoredOn", "onsetDateTime", "deceasedDateTime"}

REQUIRED_CODES = {
    ("Patient", "gender"): {"male", "female", "other", "unknown"},
    ("RelatedPerson", "gender"): {"male", "female", "other", "unknown"},
    ("Encounter", "status"): {
        *{"planned", "arrived", "triaged", "in-progress", "onleave"},
        *{"finished", "cancelled", "entered-in-error", "unknown"},
    },
    ("AllergyIntolerance", "criticality"): {"low", "high", "unable-to-assess"},
    ("Coverage", "status"): {"active", "cancelled", "draft", "entered-in-error"},
    ("Account", "status"): {"active", "inactive", "entered-in-error", "on-hold", "unknown"},
    ("Observation", "status"): {
        *{"registered", "preliminary", "final", "amended"},
        *{"corrected", "cancelled", "entered-in-error", "unknown"},
    },
    ("DiagnosticReport", "status"): {
        *{"registered", "partial", "preliminary", "final", "amended", "corrected", "appended"},
        *{"cancelled", "entered-in-error", "unknown"},
    },
    ("ServiceRequest", "status"): {
        *{"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"},
    },
    ("Appointment", "status"): {
        *{"proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"},
        *{"entered-in-error", "checked-in", "waitlist"},
    },
    ("DocumentReference", "status"): {"current", "superseded", "entered-in-error"},
    ("Task", "status"): {
        *{"draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress"},
        *{"on-hold", "failed", "completed", "entered-in-error"},
    },
}
"""Required bindings that the model classes do not check."""


def feed_of(fixture: Path) -> Feed:
    """The feed of a fixture: CSV rows are of the type that their folder names (``csv_referral``)."""
    kind = fixture.parent.name
    form = {".hl7": Format.HL7V2, ".csv": Format.CSV, ".json": Format.FHIR}.get(fixture.suffix, Format.DOCUMENT)
    return Feed(
        name="golden",
        adapter=PluginUse(kind="mllp"),
        format=form,
        type=kind.removeprefix("csv_") if form is Format.CSV else "",
        time_zone="America/New_York",
        namespaces={"LAKESIDE": "urn:oid:2.16.840.1.113883.3.4471"},
        coding_systems={"99MCY": "urn:oid:2.16.840.1.113883.3.7777"},
    )


def bundles_of(fixture: Path) -> list[Json]:
    feed = feed_of(fixture)
    return [converted(raw, feed) for _, raw in messages_in(fixture, feed, RECEIVED)]


def written(bundles: list[Json]) -> bytes:
    document: Any = bundles[0] if len(bundles) == 1 else bundles
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def resources_of(bundle: Json) -> Iterator[Json]:
    return (entry["resource"] for entry in bundle["entry"])


def walk(element: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every element of a resource with the name of the member it stands in."""
    yield name, element
    if isinstance(element, dict):
        for key, value in element.items():
            yield from walk(value, key)
    elif isinstance(element, list):
        for value in element:
            yield from walk(value, name)


@pytest.fixture(params=FIXTURES, ids=lambda p: f"{p.parent.name}/{p.name}")
def fixture(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_expected_bundle(fixture: Path) -> None:
    """A message becomes exactly the bundle that stands beside it."""
    expected = fixture.with_suffix(EXPECTED)
    made = written(bundles_of(fixture))
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_bytes(made)
    assert orjson.loads(made) == orjson.loads(expected.read_bytes()), "the difference, element by element"
    assert made == expected.read_bytes()


def test_valid_r4(fixture: Path) -> None:
    """Every resource of a bundle is valid for an independent implementation of FHIR R4, required codes included."""
    for made in bundles_of(fixture):
        bundle = orjson.loads(orjson.dumps(made))  # numbers that are kept digit for digit are JSON literals until then
        get_fhir_model_class("Bundle").model_validate(bundle)
        for resource in resources_of(bundle):
            kind = resource["resourceType"]
            get_fhir_model_class(kind).model_validate(resource)
            for (owner, member), allowed in REQUIRED_CODES.items():
                if owner == kind and member in resource:
                    assert resource[member] in allowed


def test_references_resolve(fixture: Path) -> None:
    """Every reference within a bundle leads to one of its entries, and no id stands there twice."""
    for bundle in bundles_of(fixture):
        urls = [entry["fullUrl"] for entry in bundle["entry"]]
        references = {value for name, value in walk(bundle) if name == "reference" and not value.startswith("#")}
        assert len(urls) == len(set(urls))
        assert all(entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}" for entry in bundle["entry"])
        assert references <= set(urls)


def test_no_empty_element(fixture: Path) -> None:
    """No element of a bundle is empty, and no explicit null is written as text."""
    for bundle in bundles_of(fixture):
        for name, element in walk(bundle):
            assert element not in (None, "", [], {}, '""'), name


def test_times_have_offsets(fixture: Path) -> None:
    """Every time of a bundle is a dateTime of FHIR R4, with an offset once it has a time of day."""
    for bundle in bundles_of(fixture):
        for name, element in walk(bundle):
            if isinstance(element, str) and (name in TIMES or name.endswith("DateTime")):
                assert DATE_TIME.fullmatch(element), name


def test_same_bytes(fixture: Path) -> None:
    """The same message gives the same bundle to the byte."""
    assert written(bundles_of(fixture)) == written(bundles_of(fixture))

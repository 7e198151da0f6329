"""Message bundles for tests of the R4 check: one that is valid, and what the fixtures become."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from hub.model import Json

FIXTURES = Path(__file__).parents[1] / "fixtures" / "messages"
PATIENT, ENCOUNTER, CLINIC = (f"0000000{n}-0000-5000-8000-000000000000" for n in (1, 2, 3))


def bundle_of(*resources: Json) -> Json:
    """A message bundle of a MessageHeader and these resources, whose ids are taken or given."""
    header = {
        "resourceType": "MessageHeader",
        "id": "00000000-0000-5000-8000-000000000000",
        "eventCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0003", "code": "A01"},
        "source": {"endpoint": "urn:carering:sender:HIS"},
    }
    return {
        "resourceType": "Bundle",
        "type": "message",
        "timestamp": "2026-03-02T09:30:00Z",
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": dict(one)} for one in (header, *resources)],
    }


def patient(**members: Any) -> Json:
    """A Patient with these members."""
    return {"resourceType": "Patient", "id": PATIENT, **members}


def encounter(**members: Any) -> Json:
    """An Encounter of that patient."""
    status = {"status": "in-progress", "class": {"code": "IMP"}}
    return {"resourceType": "Encounter", "id": ENCOUNTER, **status, "subject": to(PATIENT), **members}


def observation(**members: Any) -> Json:
    """An Observation of that patient."""
    told = {"status": "final", "code": {"text": "Potassium"}, "subject": to(PATIENT)}
    return {"resourceType": "Observation", "id": ENCOUNTER, **told, **members}


def clinic(**members: Any) -> Json:
    """An Organization."""
    return {"resourceType": "Organization", "id": CLINIC, "name": "Lakeside", **members}


def to(identity: str) -> Json:
    """A Reference to the entry of that id."""
    return {"reference": f"urn:uuid:{identity}"}


def expected_bundles() -> Iterator[tuple[str, Json]]:
    """The expected bundles of all fixtures, with their names."""
    for file in sorted(FIXTURES.rglob("*.expected.json")):
        read = orjson.loads(file.read_bytes())
        for number, bundle in enumerate(read if isinstance(read, list) else [read]):
            yield f"{file.parent.name}/{file.name.removesuffix('.expected.json')}#{number}", bundle

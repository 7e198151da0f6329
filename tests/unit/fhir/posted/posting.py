"""What systems post, for tests: resources of synthetic people, and the bundle that the hub makes of a body."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson

from hub.fhir.posted.messages import messages_in_text
from hub.mappers import convert
from hub.model import Format, Json, RawMessage, stable_id
from hub.routing.reading.message import read
from hub.routing.statements import Reading
from hub.settings import Feed, PluginUse

FEED = Feed(name="busy", adapter=PluginUse(kind="http"), format=Format.FHIR)
RECEIVED = datetime(2026, 3, 12, 18, tzinfo=UTC)
REFERRAL = [{"coding": [{"system": "http://snomed.info/sct", "code": "3457005"}]}]


def raws(text: bytes) -> list[RawMessage]:
    """The messages of a body as the intake log has them."""
    return [_raw(one.text, one.type, one.control_id, one.key) for one in messages_in_text(text, FEED.name)]


def _raw(text: bytes, kind: str, control_id: str, key: str) -> RawMessage:
    digest = hashlib.sha256(text).hexdigest()
    identity = stable_id("message", FEED.name, "", control_id, digest)
    return RawMessage(
        identity, FEED.name, Format.FHIR, kind, key or identity, "", control_id, digest, RECEIVED, "test", text
    )


def made(body: Json) -> Json:
    """The hub's bundle of a body that is one message, as it is published."""
    (raw,) = raws(orjson.dumps(body))
    bundle: Json = orjson.loads(orjson.dumps(convert(raw, FEED).bundle))
    return bundle


def one(bundle: Json, kind: str) -> Json:
    """The only resource of that type."""
    (found,) = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]
    resource: Json = found
    return resource


def reading(body: Json) -> Reading:
    """What routing takes from a body."""
    return read(made(body), "message-1", "person-1", "2026-03-12T18:00:00.000000Z", FEED.name)


def order(**members: Any) -> Json:
    """A referral of Patient/p1."""
    said = {"id": "SR1", "status": "active", "intent": "order", "category": REFERRAL, "subject": to("Patient/p1")}
    return {"resourceType": "ServiceRequest", **said, **members}


def task(status: str = "accepted", **members: Any) -> Json:
    """The Task of that referral."""
    said = {"id": "T1", "status": status, "intent": "order", "focus": to("ServiceRequest/SR1"), "for": to("Patient/p1")}
    return {"resourceType": "Task", **said, **members}


def patient(**members: Any) -> Json:
    """Patient/p1."""
    return {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Andrews"}],
        "birthDate": "1955-09-14",
        **members,
    }


def to(address: str) -> Json:
    return {"reference": address}


def bundle(kind: str, *resources: Json, **members: Any) -> Json:
    """A bundle of that type; entries of a batch or transaction are PUT under their ids, or POSTed without one."""
    return {"resourceType": "Bundle", "type": kind, **members, "entry": [_entry(kind, r) for r in resources]}


def _entry(kind: str, resource: Json) -> Json:
    if kind not in ("batch", "transaction"):
        return {"resource": resource}
    name = resource["resourceType"]
    put = {"method": "PUT", "url": f"{name}/{resource['id']}"} if "id" in resource else {"method": "POST", "url": name}
    return {"resource": resource, "request": put}

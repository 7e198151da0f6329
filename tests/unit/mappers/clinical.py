"""Conversion of messages written in the test, and of fixtures."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from hub.mappers import convert
from hub.model import Conversion, Format, Json, RawMessage, stable_id
from hub.settings import Feed, PluginUse

FIXTURES = Path(__file__).parents[3] / "fixtures" / "messages"
PATIENT = "PID|1||70045^^^MERCY^MR||Andrews^Harold||19550914|M"
LOVE = "1111111112^Love^Laura^^^Dr.^^^NPI^L^^^NPI"


def feed(**known: Any) -> Feed:
    """A feed in New York."""
    return Feed(name="test", adapter=PluginUse(kind="mllp"), time_zone="America/New_York", **known)


def raw(body: bytes, form: Format = Format.HL7V2, kind: str = "") -> RawMessage:
    """The bytes as a receiver would have stored them."""
    digest = hashlib.sha256(body).hexdigest()
    received = datetime(2026, 3, 20, 12, tzinfo=UTC)
    identity = stable_id("message", "test", "", "1", digest)
    return RawMessage(identity, "test", form, kind, "key", "APP|FAC", "1", digest, received, "test", body)


def message(kind: str, *segments: str, patient: str = PATIENT) -> Conversion:
    """A message of a type (``ORU^R01``) with these segments after the patient."""
    header = f"MSH|^~\\&|APP|FAC|||20260312122500-0400||{kind}|1|P|2.5.1||||||UNICODE UTF-8"
    return convert(raw("\r".join(s for s in (header, patient, *segments) if s).encode()), feed())


def fixture(name: str) -> Json:
    """The bundle of a fixture (``oru_r01/potassium_critical``), as a reader of the stream gets it."""
    made = convert(raw((FIXTURES / f"{name}.hl7").read_bytes()), feed()).bundle
    read: Json = orjson.loads(orjson.dumps(made))
    return read


def all_of(bundle: Json, kind: str) -> list[Json]:
    """The resources of a type."""
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def one_of(bundle: Json, kind: str) -> Json:
    """The only resource of a type."""
    (found,) = all_of(bundle, kind)
    return found


def at(bundle: Json, reference: Json) -> Json:
    """What a reference points at."""
    return next(e["resource"] for e in bundle["entry"] if e["fullUrl"] == reference["reference"])

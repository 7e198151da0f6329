"""Small ADT messages of one synthetic patient, and a look into what becomes of them."""

import hashlib
from datetime import UTC, datetime

from hub.formats.hl7v2 import Repetition, parse
from hub.mappers import convert
from hub.mappers.context import Context
from hub.model import Conversion, Format, Json, RawMessage
from hub.settings import Feed, PluginUse

RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed(
    name="mercy",
    adapter=PluginUse(kind="mllp"),
    time_zone="America/New_York",
    namespaces={"LAKESIDE": "urn:oid:2.16.840.1.113883.3.4471"},
    coding_systems={"99MCY": "urn:oid:2.16.840.1.113883.3.7777"},
)
PID = "PID|1||70045^^^MERCY^MR||Andrews^Harold||19550914|M"


def segment(name: str, fields: dict[int, str]) -> str:
    """A segment whose fields are given by number."""
    return "|".join([name, *(fields.get(number, "") for number in range(1, max(fields, default=0) + 1))])


def pv1(fields: dict[int, str] | None = None) -> str:
    """An inpatient visit."""
    return segment("PV1", {1: "1", 2: "I", 19: "V1^^^MERCY^VN", 44: "202603021240-0500", **(fields or {})})


def raw(text: str, received: datetime = RECEIVED) -> RawMessage:
    """A raw message as a receiver would have stored it."""
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()
    return RawMessage(digest, "mercy", Format.HL7V2, "ADT", "k", "HIS|MERCY", "C1", digest, received, "test", body)


def adt(
    trigger: str,
    *segments: str,
    msh: dict[int, str] | None = None,
    evn: dict[int, str] | None = None,
    feed: Feed = FEED,
) -> Conversion:
    """The conversion of an ADT message with these segments after MSH and EVN."""
    head = {3: "MERCY", 6: "20260302130000-0500", 8: f"ADT^{trigger}", 9: "C1", 10: "P", 11: "2.5.1"}
    header = segment("MSH", {1: "^~\\&", 2: "HIS", **head, **{n - 1: value for n, value in (msh or {}).items()}})
    event = segment("EVN", {1: trigger, 2: "20260302125900-0500", **(evn or {})})
    return convert(raw("\r".join([header, event, *segments])), feed)


def only(conversion: Conversion, kind: str) -> Json:
    """The one resource of a type."""
    (found,) = resources(conversion, kind)
    return found


def resources(conversion: Conversion, kind: str) -> list[Json]:
    """All resources of a type, in the order of the bundle."""
    return [e["resource"] for e in conversion.bundle["entry"] if e["resource"]["resourceType"] == kind]


def codes(conversion: Conversion) -> list[tuple[str, str]]:
    """What was noticed: code and v2 path."""
    return [(issue.code, issue.path) for issue in conversion.issues]


def context(feed: Feed = FEED) -> Context:
    """A conversion that has just begun."""
    return Context(raw("MSH|^~\\&|HIS|MERCY"), feed)


def repetition(text: str) -> Repetition:
    """A repetition of PID-3 with that text."""
    message = parse(f"MSH|^~\\&|HIS|MERCY|||||ADT^A01|1|P|2.5\rPID|||{text}".encode(), "utf-8")
    pid = message.first("PID")
    assert pid is not None
    return pid[3].first

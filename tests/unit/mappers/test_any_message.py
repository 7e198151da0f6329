"""Whatever comes in, a bundle comes out that is valid FHIR R4, or a reason why not."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import orjson
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import Held, Unreadable
from hub.mappers import convert
from hub.model import Format, Json, RawMessage
from hub.settings import Feed, PluginUse

FEED = Feed(name="any", adapter=PluginUse(kind="mllp"), time_zone="America/New_York", charset="utf-8")
PEOPLE = ("EVN", "SFT", "UAC", "PID", "PD1", "NK1", "PV1", "PV2", "ROL", "PRT", "ARV", "DB1", "NPU", "MRG")
SEGMENTS = (*PEOPLE, "DG1", "AL1", "IN1", "ZPI", "OBX")
TRIGGERS = ("A01", "A03", "A08", "A11", "A17", "A20", "A24", "A28", "A37", "A40", "A41", "A42", "A45", "A47", "A99", "")

ODD = (
    "",
    '""',
    "Y",
    "N",
    "M",
    "E",
    "I",
    "01",
    "7",
    "20260302",
    "202603021240-0500",
    "1900",
    "2026022999",
    "999999999999",
)
letters = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
texts = st.one_of(st.sampled_from(ODD), letters).map(lambda t: t.replace("|", "").strip())
fields = st.lists(st.lists(texts, min_size=1, max_size=9).map("^".join), max_size=2).map("~".join)
segments = st.builds(
    lambda name, rest: "|".join([name, *rest]), st.sampled_from(SEGMENTS), st.lists(fields, max_size=50)
)
patient = st.just("PID|1||70045^^^MERCY^MR||Andrews^Harold||19550914|M")


def raw(text: str) -> RawMessage:
    """A raw message as a receiver would have stored it."""
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()
    received = datetime(2026, 3, 1, tzinfo=UTC)
    return RawMessage(digest[:8], "any", Format.HL7V2, "ADT^A01", "key", "APP|FAC", "1", digest, received, "test", body)


@st.composite
def messages(draw: Callable[..., str]) -> str:
    """Segments in any order with anything in their fields, mostly with a patient who can be identified."""
    kind, trigger = draw(st.sampled_from(("ADT", "ZZZ"))), draw(st.sampled_from(TRIGGERS))
    header = f"MSH|^~\\&|APP|FAC|||{draw(texts)}||{kind}^{trigger}|1|P|2.5"
    body = draw(st.lists(st.one_of(segments, patient), max_size=8))
    return "\r".join([header, *body])


def outcome(text: str) -> Json | None:
    try:
        return convert(raw(text), FEED).bundle
    except (Held, Unreadable):
        return None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages())
def test_bundle_or_reason(text: str) -> None:
    """Any segments in any order give a bundle of valid resources whose references resolve, or a reason why not."""
    bundle = outcome(text)
    if bundle is None:
        return
    urls = {entry["fullUrl"] for entry in bundle["entry"]}
    for entry in bundle["entry"]:
        resource = entry["resource"]
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert references(resource) <= urls


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages())
def test_same_bytes(text: str) -> None:
    """The same message gives the same bundle to the byte."""
    assert orjson.dumps(outcome(text)) == orjson.dumps(outcome(text))


def references(element: object) -> set[str]:
    """All references of a resource."""
    if isinstance(element, dict):
        here = {element["reference"]} if isinstance(element.get("reference"), str) else set()
        return here.union(*map(references, element.values()))
    return set().union(*map(references, element)) if isinstance(element, list) else set()

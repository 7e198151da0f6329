"""Whatever is posted as FHIR is answered, and what is taken becomes valid FHIR R4 or is held."""

import copy
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import uvloop
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.adapters.http import Http
from hub.errors import Held, Unreadable
from hub.fhir.check import check
from hub.mappers import convert
from hub.model import Format, Json
from hub.routing.reading.message import read
from hub.settings import Feed, PluginUse
from hub.transport.http.answers import Answer
from hub.transport.http.fhir_body import Checked, checked
from tests.http_clients import async_http_client
from tests.intake import opened, receiving
from tests.unit.fhir.posted.posting import FEED, raws

ROOM = Path(__file__).parents[2] / "fixtures" / "messages"
POSTED = [
    orjson.loads(path.read_bytes())
    for path in sorted(ROOM.glob("fhir_*/*.json"))
    if not path.name.endswith(".expected.json")
]
TEXTS = st.sampled_from(
    [
        *("", " ", "Patient/p1", "Patient/p-70045", "#love", "#", "urn:uuid:x", "https://e.example/fhir/Patient/1"),
        *("Patient?identifier=a|b", "Patient?identifier=|", "Task", "Patient", "Bundle", "batch", "message", "2026"),
        *("2026-03-02T12:40:00Z", "9999-12-31T23:59:60+14:00", "0001-01-01T00:00:00+14:00", "PUT", "Task/T-1"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | TEXTS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(element: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of every object and array, as its container and its name or number."""
    keys = element.keys() if isinstance(element, dict) else range(len(element))
    for key in list(keys):
        yield element, key
        if isinstance(element[key], (dict, list)):
            yield from places(element[key])


@st.composite
def damaged(draw: st.DrawFn) -> Json:
    """A fixture of which some members are gone, are something else, or stand elsewhere too."""
    body: Json = copy.deepcopy(draw(st.sampled_from(POSTED)))
    for _ in range(draw(st.integers(0, 3))):
        found = list(places(body))
        if not found:
            break
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        what = draw(st.sampled_from(["remove", "text", "value", "copy", "twice"]))
        if what == "remove":
            del holder[key]
        elif what == "copy":
            other, at = found[draw(st.integers(0, len(found) - 1))]
            with suppress(KeyError, IndexError, TypeError):  # it is gone with what held it
                holder[key] = copy.deepcopy(other[at])
        elif what == "twice" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = draw(TEXTS if what == "text" else VALUES)
    return body


def text_of(body: Any) -> bytes:
    """The body as JSON; empty where it cannot be written so."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return b""


def outcome_of(text: bytes) -> Checked | Answer:
    try:
        return checked(text, FEED.name)
    except Answer as answer:
        return answer


ANYTHING = damaged() | st.dictionaries(TEXTS | st.just("resourceType"), VALUES, max_size=4) | VALUES


NO_NUMBER = {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi"}, "display": "Dr. Laura Love"}
VISIT_NUMBER = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "VN"}]}


def told(kind: str, **members: Any) -> Json:
    """A resource of that type about a patient."""
    whom = {"identifier": {"system": "urn:oid:2.16.840.1.113883.3.7001", "value": "70045"}}
    return {"resourceType": kind, "subject": whom, **members}


@given(ANYTHING)
@example(told("ServiceRequest", status="active", intent="order", code={"text": "Referral"}, performer=[NO_NUMBER]))
@example(told("Encounter", status="finished", identifier=[{"type": VISIT_NUMBER}], **{"class": {"code": "AMB"}}))
def test_whatever_is_posted_is_taken_or_refused_by_place(body: Any) -> None:
    """A body is checked to messages, or refused with what is wrong; what is taken is valid R4 in the end, and routing
    can read it."""
    outcome = outcome_of(text_of(body))
    if isinstance(outcome, Answer):
        assert outcome.status in (400, 422)
        assert all(text for _, text, _ in outcome.issues)
        return
    assert outcome.messages
    for one in outcome.messages:
        for raw in raws(one.text):
            bundle: Json = orjson.loads(orjson.dumps(convert(raw, FEED).bundle))
            assert check(bundle) == []
            assert bundle["entry"][0]["resource"]["resourceType"] == "MessageHeader"
            read(bundle, raw.id, "person", "2026-03-12T18:00:00.000000Z", FEED.name)


@given(ANYTHING)
@example(told("DocumentReference", author=[{"reference": "#a"}], contained=[{"resourceType": ["Patient"], "id": "a"}]))
def test_whatever_stands_in_a_file_is_converted_or_held(body: Any) -> None:
    """What came by a folder, unchecked, becomes a valid bundle or says why not."""
    with suppress(Held, Unreadable):
        for raw in raws(text_of(body)):
            assert check(orjson.loads(orjson.dumps(convert(raw, FEED).bundle))) == []


@settings(max_examples=10)
@given(st.lists(ANYTHING, min_size=20, max_size=20))
def test_no_request_fails(tmp_path_factory: Any, bodies: list[Any]) -> None:
    """Every request to a running hub has an answer that says what is wrong, never that the hub failed."""
    use = PluginUse(kind="http", port=0)
    feed = Feed(name="busy", adapter=use, format=Format.FHIR, tokens=(sha256(b"t").hexdigest(),))
    hub = opened(tmp_path_factory.mktemp("hub"), feed)

    async def run() -> None:
        async with receiving(hub) as (adapter,):
            assert isinstance(adapter, Http)
            headers = {"Authorization": "Bearer t", "Content-Type": "application/fhir+json"}
            async with async_http_client(f"http://127.0.0.1:{adapter.port}/fhir", headers=headers) as client:
                for body in bodies:
                    kind = body.get("resourceType") if isinstance(body, dict) else ""
                    path = "" if kind == "Bundle" or not str(kind).isalpha() else f"/{kind}"
                    answer = await client.post(path, content=text_of(body))
                    assert answer.status_code in (200, 201, 400, 404, 422), answer.text

    uvloop.run(run())
    hub.close()

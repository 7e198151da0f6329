"""What must hold of every message, whatever is in it: it becomes a valid bundle, or there is a reason why not."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson
from fhir.resources.R4B import get_fhir_model_class

from hub.errors import Held, Unreadable
from hub.mappers import convert
from hub.model import Format, Json, RawMessage
from hub.settings import Feed, PluginUse

FEED = Feed(name="any", adapter=PluginUse(kind="mllp"), time_zone="America/New_York", charset="utf-8")
RECEIVED = datetime(2026, 3, 1, tzinfo=UTC)
INVALID = "invalid-fhir"
"""The code of a message that is held because its bundle is not valid: no message may lead the mappers there."""


def raw(body: bytes, received: datetime = RECEIVED) -> RawMessage:
    """A raw message as a receiver would have stored it."""
    digest = hashlib.sha256(body).hexdigest()
    return RawMessage(digest[:8], "any", Format.HL7V2, "", "key", "APP|FAC", "1", digest, received, "test", body)


def bundle_of(message: RawMessage) -> bytes | None:
    """The bundle as it is published, or nothing for a message that is held; fails when the mappers made it invalid."""
    try:
        return orjson.dumps(convert(message, FEED).bundle)
    except (Held, Unreadable) as reason:
        if reason.code == INVALID:
            raise AssertionError(f"{reason.path}: {reason}") from reason
        return None


def judge(body: bytes) -> Json | None:
    """The bundle of a message after everything was checked that must hold of it."""
    made = bundle_of(raw(body))
    assert made == bundle_of(raw(body)), "the same bytes give the same bundle"
    if made is None:
        return None
    bundle: Json = orjson.loads(made)
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(urls) == len(set(urls)), "no id stands there twice"
    for entry in bundle["entry"]:
        resource = entry["resource"]
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert references(resource) <= set(urls), "references resolve"
    return bundle


def references(element: Any) -> set[str]:
    """All references of a resource to another of its bundle."""
    if isinstance(element, dict):
        here = element.get("reference")
        found = {here} if isinstance(here, str) and here.startswith("urn:uuid:") else set()
        return found.union(*map(references, element.values()))
    return set().union(*map(references, element)) if isinstance(element, list) else set()

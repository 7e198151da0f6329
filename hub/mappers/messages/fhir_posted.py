"""FHIR R4 that a system posted → the hub's message bundle: the same resources, under the hub's ids and with a header, a
patient and a Provenance.

A bundle of type ``message`` brings its own MessageHeader, which stays the first.
"""

from dataclasses import replace

from hub.fhir.ids import FEED, uri
from hub.fhir.posted.entries import entries
from hub.fhir.posted.faults import faults
from hub.fhir.posted.local import Local, localised
from hub.fhir.posted.moment import moment_of
from hub.fhir.posted.subject import patients
from hub.fhir.posted.text import read_json
from hub.fhir.systems import EVENT
from hub.mappers.context import Context
from hub.mappers.envelope import Header, conversion, invalid
from hub.model import Conversion, Json, RawMessage
from hub.settings import Feed

TOLD = ("ServiceRequest", "Task", "Appointment", "DocumentReference", "DiagnosticReport")
"""What a message is about, before the visit that it may be part of."""


def convert_posted(raw: RawMessage, feed: Feed) -> Conversion:
    """The bundle of what was posted. Raises ``Unreadable`` for what is no JSON, and ``Held`` for what is not valid FHIR
    R4, or about several patients."""
    body = read_json(raw.body)
    if wrong := faults(body, feed.name):
        raise invalid(wrong)
    posted = entries(body, feed.name, raw.id)
    local = localised(posted, next(iter(patients(posted, feed.name)), None), feed.name)
    ctx = Context(replace(raw, sender=raw.sender or feed.name), feed)
    head = _head(body, local)
    ctx.patient = local.patient
    ctx.resources.update((r["id"], r) for r in local.resources if r is not head)
    ctx.focus += _focus(local)
    return conversion(ctx, _header(body, local, feed), head)


def _head(body: Json, local: Local) -> Json | None:
    if body["resourceType"] != "Bundle" or body["type"] != "message":
        return None
    return next(r for r in local.resources if r["resourceType"] == "MessageHeader")


def _focus(local: Local) -> list[Json]:
    """The patient and what is told of him: orders, tasks, appointments, documents and reports; the rest only where
    there is none of these."""
    others = [r for r in local.resources if r is not local.patient and r["resourceType"] != "MessageHeader"]
    told = [r for r in others if r["resourceType"] in TOLD]
    return [*([local.patient] if local.patient else ()), *(told or others)]


def _header(body: Json, local: Local, feed: Feed) -> Header:
    stamp: str = body.get("timestamp", "") if body["resourceType"] == "Bundle" else ""
    return Header(
        event={"system": EVENT, "code": "fhir"},
        source=feed.name,
        source_uri=FEED + uri(feed.name),
        occurred=moment_of(local.resources) or stamp,
        sent=stamp,
    )

"""HL7 v2 back to a practice's system over MLLP: a note (MDM^T02), or the message itself."""

import asyncio
import base64
import ssl
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from hub.errors import EndpointUnavailable, Undeliverable
from hub.formats.hl7v2 import Acknowledgement
from hub.mappers.outbound.messages import message
from hub.mappers.outbound.resources import Envelope
from hub.model import Delivery, Json, Notification, stable_id
from hub.registry import Kind, plugin
from hub.settings import Settings
from hub.transport.mllp_client import MllpClient, MllpLink
from hub.transport.tls import client_context

LOINC_NOTE = {"system": "http://loinc.org", "code": "34133-9", "display": "Summary of episode note"}
LATER = ("AE", "CE")
"""MSA-1 after which the same message may be taken another time; AR and CR refuse it for good (HL7 v2.9, 2.9.2)."""


class MllpOptions(BaseModel, extra="forbid"):
    """Where to, and what is sent."""

    host: str = Field(description="host name or address")
    port: int = Field(ge=1, le=65535, description="port")
    send: Literal["note", "message"] = Field(
        "note", description="note: an MDM^T02 that tells the notice; message: the HL7 v2 message behind it, as it came"
    )
    application: str = Field("", description="MSH-5 of notes: the receiving application")
    facility: str = Field("", description="MSH-6 of notes: the receiving facility")
    timeout: int = Field(30, ge=1, le=120, description="seconds to wait for an acknowledgement")
    authorities: Path | None = Field(None, description="TLS, trusting the authorities in this PEM file")
    certificate: Path | None = Field(None, description="certificate with key (PEM) to show")


@plugin(Kind.CHANNEL, "mllp", MllpOptions)
class Mllp:
    """Sends HL7 v2 over MLLP and takes the acknowledgement as receipt; what is corrected replaces the earlier note."""

    needs = frozenset({"bundle", "raw", "supersedes"})

    def __init__(self, options: MllpOptions, settings: Settings) -> None:
        self._options = options
        self._tls: ssl.SSLContext | None = None
        if options.authorities:
            self._tls = client_context(options.authorities, options.certificate)
        self._runner = asyncio.Runner()
        self._link = MllpLink(self._client)

    def _client(self) -> MllpClient:
        seconds = float(self._options.timeout)
        return MllpClient(self._options.host, self._options.port, tls=self._tls, answer_seconds=seconds)

    def send(self, delivery: Delivery) -> str:
        """AA or CA is the receipt."""
        body = delivery.origin.raw if self._options.send == "message" else self._note(delivery)
        if self._options.send == "message" and delivery.notification.facts.get("masked"):
            raise Undeliverable("the message has restricted diagnoses (label R): it is not passed on as it is")
        if not body.startswith(b"MSH"):
            raise Undeliverable("the message behind the notice is no HL7 v2")
        answer = self._runner.run(self._link.deliver(body))
        return _receipt(answer)

    def close(self) -> None:
        self._runner.run(self._link.__aexit__())
        self._runner.close()

    def _note(self, delivery: Delivery) -> bytes:
        notice = delivery.notification
        envelope = Envelope(
            "CARERING", "HUB", self._options.application, self._options.facility, delivery.id[:20], notice.created_at
        )
        kind = "MDM^T10" if delivery.origin.supersedes else "MDM^T02"
        try:
            return message(_with_note(delivery), kind, envelope)
        except ValueError as error:
            raise Undeliverable(str(error)) from error


def _receipt(answer: Acknowledgement) -> str:
    if answer.accepted:
        return answer.code
    if answer.code in LATER:
        raise EndpointUnavailable(f"answered {answer.code}")
    raise Undeliverable(f"answered {answer.code}")


def _with_note(delivery: Delivery) -> Json:
    """The bundle behind the notice, its documents exchanged for the one that tells the notice."""
    entries = [
        entry
        for entry in delivery.origin.bundle.get("entry", ())
        if entry["resource"]["resourceType"] not in ("DocumentReference", "Provenance")
    ]
    note = _document(delivery.notification, delivery.origin.supersedes)
    return {"resourceType": "Bundle", "entry": [*entries, {"resource": note}]}


def _document(notice: Notification, supersedes: str) -> Json:
    said = "\n".join((notice.title, notice.text, *(f"Why you hear of this: {reason}" for reason in notice.reasons)))
    numbered = {"system": "urn:carering:notification", "value": notice.id}
    earlier = {"system": "urn:carering:notification", "value": supersedes}
    return {
        "resourceType": "DocumentReference",
        "id": stable_id("note", notice.id),
        "masterIdentifier": numbered,
        "status": "current",
        "docStatus": "amended" if supersedes else "final",
        "type": {"coding": [LOINC_NOTE], "text": notice.title},
        "date": notice.created_at,
        "description": notice.title,
        **({"relatesTo": [{"code": "replaces", "target": {"identifier": earlier}}]} if supersedes else {}),
        "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(said.encode()).decode()}}],
    }

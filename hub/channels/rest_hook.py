"""FHIR rest-hook: the notification bundles of a subscription, posted (Subscriptions R5 Backport for R4)."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

from hub.fhir.backport.notification import Event, Subscription, bundle
from hub.fhir.backport.topics import topic_of
from hub.model import Delivery, Json
from hub.registry import Kind, plugin
from hub.settings import SecretRef, Settings, resolve
from hub.transport.http_client import HttpEndpoint, Reach

SIGNATURE, TIMESTAMP = "X-Carering-Signature", "X-Carering-Timestamp"
"""``sha256=`` and the HMAC-SHA256, in hex, of the timestamp, a full stop and the body; seconds since 1970."""


class RestHookOptions(BaseModel, extra="forbid"):
    """Where to, and how much each notification says."""

    endpoint: str = Field(description="URL that notification bundles are posted to", pattern=r"^https?://")
    content: Literal["empty", "id-only", "full-resource"] = Field("id-only", description="how much a notification says")
    headers: dict[str, str] = Field(default_factory=dict, description="headers of each request, such as Authorization")
    secret: SecretRef = Field("", description="env:NAME or file:PATH of the key that requests are signed with (HMAC)")
    timeout: int = Field(10, ge=1, le=30, description="seconds that the endpoint may take to answer")
    subscription: str = Field("", description="id of the subscription that the practice made; set by the hub")
    topic: str = Field("", description="its topic; set by the hub")


@plugin(Kind.CHANNEL, "rest_hook", RestHookOptions)
class RestHook:
    """Posts a FHIR notification bundle for each notice, in order, one at a time, signed."""

    needs = frozenset({"bundle"})

    def __init__(self, options: RestHookOptions, settings: Settings) -> None:
        self._options = options
        self._base = settings.fhir_base
        self._key = resolve(options.secret).encode()
        reach = Reach(settings.private_networks, everywhere=not options.subscription)
        self._endpoint = HttpEndpoint(
            options.endpoint, reach, seconds=options.timeout, headers={"User-Agent": "Carering", **options.headers}
        )

    def send(self, delivery: Delivery) -> str:
        """Posts an event-notification; a 2xx is the receipt."""
        notice = delivery.notification
        told = Event(delivery.number, notice, delivery.origin.bundle)
        subscription = self._subscription(topic_of(notice), "active", delivery.number)
        body = bundle(subscription, "event-notification", [told], self._options.content, _now())
        return self._post(body, delivery.id)

    def signal(self, kind: str, numbered: int) -> str:
        """Posts a handshake or a heartbeat."""
        status = "requested" if kind == "handshake" else "active"
        body = bundle(self._subscription("", status, numbered), kind, [], "empty", _now())
        return self._post(body, body["id"])

    def close(self) -> None:
        self._endpoint.close()

    def _subscription(self, topic: str, status: str, numbered: int) -> Subscription:
        identity = self._options.subscription or "configured"
        return Subscription(identity, self._options.topic or topic, self._base, status, numbered)

    def _post(self, body: Json, key: str) -> str:
        content = orjson.dumps(body)
        headers = {"Content-Type": "application/fhir+json", "Idempotency-Key": key, **self._signed(content)}
        answer = self._endpoint.post(content, headers)
        return f"HTTP {answer.status}"

    def _signed(self, content: bytes) -> dict[str, Any]:
        if not self._key:
            return {}
        at = str(int(datetime.now(UTC).timestamp()))
        digest = hmac.new(self._key, f"{at}.".encode() + content, sha256).hexdigest()
        return {TIMESTAMP: at, SIGNATURE: f"sha256={digest}"}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

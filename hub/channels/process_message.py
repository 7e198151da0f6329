"""FHIR ``$process-message``: each notice as a message bundle of Da Vinci Unsolicited Notifications."""

import orjson
from pydantic import BaseModel, Field

from hub.errors import Undeliverable
from hub.fhir.da_vinci import message
from hub.model import Delivery
from hub.registry import Kind, plugin
from hub.settings import SecretRef, Settings, resolve
from hub.transport.http_client import HttpEndpoint, Reach


class ProcessMessageOptions(BaseModel, extra="forbid"):
    """Where to, and what the other side knows the hub by."""

    endpoint: str = Field(
        description="URL of the operation, such as https://ehr.example/fhir/$process-message", pattern=r"^https?://"
    )
    token: SecretRef = Field("", description="env:NAME or file:PATH of the bearer token")
    name: str = Field("practice", description="the practice's name in the message")
    timeout: int = Field(30, ge=1, le=120, description="seconds that the endpoint may take to answer")


@plugin(Kind.CHANNEL, "process_message", ProcessMessageOptions)
class ProcessMessage:
    """Posts a FHIR message bundle for each notice; what is cancelled or corrected names what it supersedes."""

    needs = frozenset({"bundle", "supersedes"})

    def __init__(self, options: ProcessMessageOptions, settings: Settings) -> None:
        self._options = options
        token = resolve(options.token)
        headers = {"User-Agent": "Carering", **({"Authorization": f"Bearer {token}"} if token else {})}
        reach = Reach(everywhere=True)
        self._endpoint = HttpEndpoint(options.endpoint, reach, seconds=options.timeout, headers=headers)

    def send(self, delivery: Delivery) -> str:
        """200 and 204 say accepted, 202 that it was received; either is the receipt."""
        try:
            body = message(delivery.notification, delivery.origin, self._options.name, self._options.endpoint)
        except ValueError as error:
            raise Undeliverable(str(error)) from error
        headers = {"Content-Type": "application/fhir+json", "Idempotency-Key": delivery.id}
        answer = self._endpoint.post(orjson.dumps(body), headers)
        return f"HTTP {answer.status}{' (received)' if answer.status == 202 else ''}"

    def close(self) -> None:
        self._endpoint.close()

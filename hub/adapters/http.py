"""Messages, rows, documents and FHIR over HTTP: each feed at a path and with tokens of its own.

``POST /feeds/<feed>`` answers 200 when all of it is durable. HL7 v2 follows "HL7 over HTTP": the body is the message,
the answer's body its acknowledgement. Files come as they are or as multipart/form-data. Feeds of format ``fhir`` are
FHIR servers to their senders, at ``/fhir``. What is wrong with a request comes back as an OperationOutcome (FHIR R4).
"""

import asyncio
from collections.abc import Iterator
from typing import Self

from pydantic import Field

from hub.ports import Intake
from hub.registry import Kind, plugin
from hub.settings import MIB, AdapterOptions, Feed, Settings
from hub.transport.http.app import intake_app
from hub.transport.http.connections import Crowd
from hub.transport.http.requests import Limits
from hub.transport.http.serving import Place, Serving
from hub.transport.tls import ServerTls


class Options(AdapterOptions, frozen=True):
    """Options of an HTTP feed; feeds with the same host and port share one listener."""

    by_sender = False

    host: str = Field("", description="address to listen on; default HUB_HOST")
    port: int | None = Field(None, ge=0, le=65535, description="port; default HUB_HTTP_INTAKE_PORT, 0 takes a free one")
    limit: int = Field(64 * MIB, gt=0, description="bytes of a request")
    seconds: float = Field(120, gt=0, description="in which the body of a request must have come")
    head_seconds: float = Field(20, gt=0, description="in which a request must have begun, and its head have come")
    connections: int = Field(256, ge=1, description="connections at once from one address")
    tls: ServerTls | None = Field(None, description="certificate, key, clients; default: no TLS")

    def settled(self, settings: Settings) -> Self:
        return self.model_copy(
            update={
                "host": self.host or settings.host,
                "port": settings.http_intake_port if self.port is None else self.port,
                "tls": self.tls.within(settings.config) if self.tls else None,
            }
        )

    def problems(self, feed: Feed) -> Iterator[tuple[str, str]]:
        if not feed.tokens:  # any page in a browser could send
            yield "tokens", "HTTP needs at least one; see hub feed token"
        if self.tls:
            yield from self.tls.problems()

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


@plugin(Kind.ADAPTER, "http", Options)
class Http:
    """Takes messages, rows, documents and FHIR over HTTP, with TLS or without.

    example: `adapter: {kind: http, port: 8081}`
    """

    def __init__(self, options: Options, feeds: tuple[Feed, ...], settings: Settings) -> None:
        self._options = options.settled(settings)
        self._feeds = {feed.name: feed for feed in feeds}
        self.port = 0
        """The port that is listened on, once ready."""

    @property
    def title(self) -> str:
        options = self._options
        return f"HTTP{'S' if options.tls else ''} on {options.host}:{self.port} for {', '.join(self._feeds)}"

    async def serve(self, intake: Intake, ready: asyncio.Event, stop: asyncio.Event) -> None:
        """Serves until ``stop``, then answers what is under way. Raises ``PermanentError`` where it cannot."""
        options = self._options
        place = Place(options.host, options.port or 0, options.tls, next(iter(self._feeds)))
        with place.listen() as listener:
            self.port = listener.getsockname()[1]
            app = intake_app(intake, self._feeds, Limits(options.limit, options.seconds))
            crowd = Crowd(options.connections, options.head_seconds)
            await Serving(place, app, crowd).run(listener, ready, stop)

"""Messages, rows and documents over HTTP: each feed at a path and with tokens of its own.

``POST /feeds/<feed>`` answers 200 when all of it is durable. HL7 v2 follows "HL7 over HTTP": the body is the message,
the answer's body its acknowledgement. Files come as they are or as multipart/form-data. What is wrong with a request
comes back as an OperationOutcome (FHIR R4).
"""

import asyncio
import contextlib
import errno
import hmac
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any, Self

import structlog
import uvicorn
from pydantic import Field
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.errors import ConfigurationError, HubError, PermanentError, Refused, TransientError, Unreadable
from hub.formats.hl7v2.batch import messages_of
from hub.model import Format, Json
from hub.ports import Arrival, Intake, Peer, Receipt
from hub.registry import Kind, plugin
from hub.settings import MIB, AdapterOptions, Feed, Settings
from hub.transport.drop_folder import printable
from hub.transport.file_arrivals import Limits, accept_all, arrivals_in
from hub.transport.tls import ServerTls, Stamp

HL7 = "application/hl7-v2"
FHIR = "application/fhir+json"
AT_ONCE = 500
GRACE_SECONDS = 5
RENEWAL_SECONDS = 5.0
"""How often the files of TLS are looked at: a renewed certificate needs no restart."""

log = structlog.get_logger()


class Options(AdapterOptions, frozen=True):
    """Options of an HTTP feed; feeds with the same host and port share one listener."""

    by_sender = False

    host: str = Field("", description="address to listen on; default HUB_HOST")
    port: int | None = Field(None, ge=0, le=65535, description="port; default HUB_HTTP_INTAKE_PORT, 0 takes a free one")
    limit: int = Field(64 * MIB, gt=0, description="bytes of a request")
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


class _Answer(Exception):
    """The end of a request: its status and what was wrong."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


@plugin(Kind.ADAPTER, "http", Options)
class Http:
    """Takes messages, rows and documents over HTTP, with TLS or without.

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
        with self._listen() as listener:
            self.port = listener.getsockname()[1]
            server = _Server(self._config(intake))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            ready.set()
            try:
                await self._until(stop, server)
            finally:
                server.should_exit = True
                await serving

    def _listen(self) -> socket.socket:
        options = self._options
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        try:
            return socket.create_server((options.host, options.port or 0), family=family)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "the port is taken" if taken else os.strerror(error.errno or 0)
            other = f"set HUB_HTTP_INTAKE_PORT, or adapter.port of feed {next(iter(self._feeds))}"
            raise PermanentError(f"no HTTP on {options.host}:{options.port}: {why}; {other}") from None

    def _config(self, intake: Intake) -> uvicorn.Config:
        requests = _Requests(intake, self._feeds, self._options.limit)
        app = Starlette(routes=[Route("/feeds/{feed}", requests.post, methods=["POST"])])
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        config.load()
        config.ssl = self._context()
        return config

    def _context(self) -> ssl.SSLContext | None:
        try:
            return self._options.tls.context() if self._options.tls else None
        except ValueError as error:
            raise ConfigurationError(f"feed {next(iter(self._feeds))}", "adapter.tls", str(error)) from None

    async def _until(self, stop: asyncio.Event, server: "_Server") -> None:
        """Waits for ``stop``; a certificate that was renewed meanwhile is used for new connections."""
        tls = self._options.tls
        if tls is None:
            await stop.wait()
            return
        stamp: Stamp = tls.stamp()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RENEWAL_SECONDS):
                    await stop.wait()
                    return
            if (now := tls.stamp()) != stamp and self._renew(tls, server):
                stamp = now

    def _renew(self, tls: ServerTls, server: "_Server") -> bool:
        try:
            self._context()
        except ConfigurationError as error:
            log.warning("certificate not renewed", reason=error.allowed)
            return False
        assert server.config.ssl
        server.config.ssl.load_cert_chain(tls.certificate, tls.key)
        log.info("certificate renewed")
        return True


class _Server(uvicorn.Server):
    """Leaves signals to the hub."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Requests:
    """What a request becomes."""

    def __init__(self, intake: Intake, feeds: dict[str, Feed], limit: int) -> None:
        self._intake = intake
        self._feeds = feeds
        self._limit = limit

    async def post(self, request: Request) -> Response:
        """``POST /feeds/<feed>``."""
        try:
            feed = self._feed(request)
            if feed.format is Format.HL7V2:
                return await self._message(request, feed)
            return await self._file(request, feed)
        except _Answer as answer:
            return _outcome(answer.status, answer.code, str(answer))
        except TransientError:
            return _outcome(503, "transient", "it cannot be stored for now; send it again")
        except HubError as error:
            return _outcome(422, error.code, str(error))
        except ClientDisconnect:
            return Response(status_code=400)

    def _feed(self, request: Request) -> Feed:
        """The feed of the path, whose token the request must carry: who has none is not told which feeds there are."""
        feed = self._feeds.get(request.path_params["feed"])
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        digest = sha256(token.strip().encode()).hexdigest()
        if feed is None or scheme.lower() != "bearer" or not any(hmac.compare_digest(t, digest) for t in feed.tokens):
            raise _Answer(401, "security", "a token of this feed is needed: Authorization: Bearer …")
        if not feed.admits(_peer(request)):
            raise _Answer(403, "forbidden", "this address may not send for this feed")
        return feed

    async def _message(self, request: Request, feed: Feed) -> Response:
        """HL7 v2: the acknowledgement is the answer, 200 when it accepts, else 400; 204 when none is wanted."""
        body = await self._body(request)
        try:
            arrivals = [self._arrival(message, feed, request) for message in messages_of(body)]
        except Unreadable as error:
            arrivals, replies, good = [], [self._intake.refuse(self._arrival(body, feed, request), error)], False
        else:
            outcomes = await accept_all(arrivals, self._intake)
            good = all(isinstance(outcome, Receipt) for outcome in outcomes)
            replies = [self._reply(arrival, outcome) for arrival, outcome in zip(arrivals, outcomes, strict=True)]
        said = b"".join(replies)
        return Response(said, (200 if said else 204) if good else 400, media_type=HL7)

    def _reply(self, arrival: Arrival, outcome: Receipt | Refused) -> bytes:
        return outcome.reply if isinstance(outcome, Receipt) else self._intake.refuse(arrival, outcome)

    def _arrival(self, body: bytes, feed: Feed, request: Request) -> Arrival:
        peer = _peer(request)
        return Arrival(feed.name, feed.format, body, f"http/{peer.address}", peer=peer)

    async def _file(self, request: Request, feed: Feed) -> Response:
        """Rows or a document: 200 with the ids when all of it is durable."""
        origin = f"http/{_peer(request).address}"
        ids: list[str] = []
        async for name, body in self._files(request):
            label = printable(request.headers.get("idempotency-key") or name)
            arrivals = arrivals_in([body], label, feed, origin, Limits(self._limit))
            while batch := await asyncio.to_thread(lambda found=arrivals: list(islice(found, AT_ONCE))):  # type: ignore[misc]
                for outcome in await accept_all(batch, self._intake):
                    if isinstance(outcome, Refused):
                        raise outcome
                    ids.append(outcome.message_id)
        return JSONResponse({"stored": len(ids), "messages": ids})

    async def _files(self, request: Request) -> AsyncIterator[tuple[str, bytes]]:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            yield request.query_params.get("name", "upload"), await self._body(request)
            return
        if "content-length" not in request.headers:
            raise _Answer(411, "required", "a form must say how long it is")
        self._check_length(int(request.headers["content-length"]))
        try:
            async with request.form(max_part_size=self._limit) as form:
                files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
                if not files:
                    raise _Answer(400, "required", "the form holds no file")
                for file in files:
                    yield file.filename or "upload", await file.read()
        except HTTPException as error:
            raise _Answer(400, "structure", "the form cannot be read") from error

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            self._check_length(len(body))
        return bytes(body)

    def _check_length(self, length: int) -> None:
        if length > self._limit:
            raise _Answer(413, "too-long", f"a request has at most {self._limit} bytes")


def _peer(request: Request) -> Peer:
    return Peer(request.client.host if request.client else "?")


def _outcome(status: int, code: str, text: str) -> Response:
    issue: Json = {"severity": "error", "code": _ISSUES.get(code, "processing"), "diagnostics": text}
    headers: dict[str, Any] = {"www-authenticate": "Bearer"} if status == 401 else {}
    if status == 503:
        headers["retry-after"] = "5"
    body = {"resourceType": "OperationOutcome", "issue": [issue]}
    return JSONResponse(body, status, headers=headers, media_type=FHIR)


_ISSUES = {code: code for code in ("security", "forbidden", "transient", "structure", "required", "too-long")}
"""Our codes to those of OperationOutcome.issue.code (FHIR R4 IssueType)."""

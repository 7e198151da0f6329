"""The paths of the intake over HTTP, and who answers them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.model import Format
from hub.ports import Intake
from hub.settings import Feed
from hub.transport.http.answers import Answer, answering, as_json, not_served
from hub.transport.http.capabilities import capability_statement
from hub.transport.http.feeds import FeedRequests
from hub.transport.http.fhir import FhirRequests
from hub.transport.http.requests import Gate, Limits

Work: TypeAlias = Callable[[Request, Feed], Awaitable[Response]]


def intake_app(intake: Intake, feeds: Mapping[str, Feed], limits: Limits) -> Starlette:
    """The application of a listener: each feed at a path of its own, and FHIR at ``/fhir``, where the token says whose
    it is."""
    gate, plain, fhir = Gate(feeds), FeedRequests(intake, limits), FhirRequests(intake, limits)
    statement = capability_statement(datetime.now(UTC).isoformat(timespec="seconds"))

    async def post(request: Request) -> Response:
        feed = gate.named(request)
        return await (fhir.bundle if feed.format is Format.FHIR else plain.post)(request, feed)

    async def metadata(_: Request) -> Response:
        return as_json(statement, 200)

    def of_token(work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await work(request, gate.owner(request))

        return answering(endpoint)

    def of_feed(work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            feed = gate.named(request)
            if feed.format is not Format.FHIR:
                raise Answer(404, "not-found", f"this feed takes {feed.format} at /feeds/{feed.name}")
            return await work(request, feed)

        return answering(endpoint)

    routes = [Route("/feeds/{feed}", answering(post), methods=["POST"])]
    for base, guarded in (("/fhir", of_token), ("/feeds/{feed}/fhir", of_feed)):
        routes += [
            Route(base, guarded(fhir.bundle), methods=["POST"]),
            Route(f"{base}/", guarded(fhir.bundle), methods=["POST"]),
            Route(f"{base}/metadata", metadata, methods=["GET"]),
            Route(f"{base}/$process-message", guarded(fhir.message), methods=["POST"]),
            Route(f"{base}/{{type}}", guarded(fhir.create), methods=["POST"]),
            Route(f"{base}/{{type}}/{{id}}", guarded(fhir.update), methods=["PUT"]),
        ]
    return Starlette(routes=routes, exception_handlers={HTTPException: not_served})

"""The paths of the FHIR end for practices, and who answers them."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import NotFound
from hub.services.context import Hub
from hub.transport.http.answers import Answer, answering, as_json, not_served
from hub.transport.http.requests import token_hash
from hub.web.fhir import patients, reading, subscriptions
from hub.web.fhir.metadata import capability_statement

Handler: TypeAlias = Callable[[Hub, str, Request, bytes], Response]
"""From the practice, the request and its body to the answer; raises ``Answer`` and the hub's errors."""

BODY_LIMIT = 256 * 1024

READ, WRITE = ["GET"], ["POST"]


def practice_app(hub: Hub) -> Starlette:
    """The FHIR end of an open hub."""
    statement = capability_statement(hub.settings.fhir_base, hub.clock.now().isoformat(timespec="seconds"))

    async def metadata(_: Request) -> Response:
        return as_json(statement, 200)

    def of_practice(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            practice_id = _practice(hub, request)
            body = await _body(request)
            try:
                return await run_in_threadpool(handler, hub, practice_id, request, body)
            except NotFound as error:
                raise Answer(404, "not-found", str(error)) from None

        return answering(endpoint)

    one = "/fhir/Subscription/{id}"
    paths: list[tuple[str, Handler, list[str]]] = [
        ("/fhir/Subscription", subscriptions.search, READ),
        ("/fhir/Subscription", subscriptions.create, WRITE),
        ("/fhir/Subscription/$status", subscriptions.statuses, READ + WRITE),
        (one, subscriptions.read, READ),
        (one, subscriptions.update, ["PUT"]),
        (one, subscriptions.delete, ["DELETE"]),
        (f"{one}/$status", subscriptions.statuses, READ + WRITE),
        (f"{one}/$events", subscriptions.events, READ + WRITE),
        (f"{one}/$resend", subscriptions.resend, WRITE),
        ("/fhir/Basic", reading.topics, READ),
        ("/fhir/Basic/{id}", reading.topic, READ),
        ("/fhir/Group", reading.groups, READ),
        ("/fhir/Group/{id}", reading.group, READ),
        ("/fhir/Communication", reading.communications, READ),
        ("/fhir/Patient", patients.search, READ),
        ("/fhir/Patient/$match", patients.match, WRITE),
        ("/fhir/Patient/$ihe-pix", patients.cross_references, READ),
        ("/fhir/Patient/{id}", patients.read, READ),
        ("/fhir/{type}/{id}", reading.resource, READ),
    ]
    routes = [Route("/fhir/metadata", metadata, methods=READ)]
    routes += [Route(path, of_practice(handler), methods=methods) for path, handler, methods in paths]
    return Starlette(routes=routes, exception_handlers={HTTPException: not_served})


def _practice(hub: Hub, request: Request) -> str:
    """The practice whose token the request carries."""
    shown = token_hash(request)
    for practice in hub.site.practices:
        if shown and shown in practice.tokens:
            return practice.id
    raise Answer(401, "security", "a token of a practice is needed: Authorization: Bearer …")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_LIMIT:
            raise Answer(413, "too-long", f"a request has at most {BODY_LIMIT} bytes")
    return bytes(body)

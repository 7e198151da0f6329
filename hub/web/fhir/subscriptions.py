"""Subscription: create, read, search, update, delete, ``$status``, ``$events`` and ``$resend``."""

from collections.abc import Callable

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.fhir.backport.subscription import Unsupported
from hub.model import Json
from hub.services.context import Hub
from hub.services.practice import subscriptions as service
from hub.transport.http.answers import Answer, as_json, outcome
from hub.web.fhir.reading import searchset


def create(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """201 with the subscription, which is ``requested`` until its handshake is answered."""
    made = _supported(lambda: service.create(hub, practice_id, _resource(body)))
    return as_json(made, 201, {"location": f"{hub.settings.fhir_base}/Subscription/{made['id']}"})


def update(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """200 with the subscription, begun anew."""
    resource = _resource(body)
    named = request.path_params["id"]
    if resource.get("id") != named:
        raise Answer(400, "invariant", "the id of the resource must be that of the path", "Subscription.id")
    return as_json(_supported(lambda: service.update(hub, practice_id, named, resource)), 200)


def read(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """One subscription."""
    return as_json(service.find(hub, practice_id, request.path_params["id"]), 200)


def search(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """The practice's subscriptions; ``status`` chooses among them."""
    status = request.query_params.get("status", "")
    return searchset(hub, [s for s in service.every(hub, practice_id) if status in ("", s["status"])])


def delete(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """204: it is gone."""
    service.delete(hub, practice_id, request.path_params["id"])
    return Response(status_code=204)


def statuses(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """A searchset of statuses: of the subscription in the path, of those that ``id`` names, or of all."""
    named = request.path_params.get("id")
    ids = [named] if named else [i for text in _values(request, body, "id") for i in text.split(",")]
    if named:
        service.find(hub, practice_id, named)
    return as_json(service.statuses(hub, practice_id, ids), 200)


def events(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """What happened, from ``eventsSinceNumber`` to ``eventsUntilNumber``, in as much detail as ``content`` says."""
    since, until = _number(request, body, "eventsSinceNumber", 1), _number(request, body, "eventsUntilNumber", 0)
    content = next(iter(_values(request, body, "content")), "")
    named = request.path_params["id"]
    found = _supported(lambda: service.events(hub, practice_id, named, since=since, until=until, content=content))
    return as_json(found, 200)


def resend(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """202: the events from ``eventsSinceNumber`` to ``eventsUntilNumber`` are posted again."""
    since, until = _number(request, body, "eventsSinceNumber", 1), _number(request, body, "eventsUntilNumber", 0)
    count = service.resend(hub, practice_id, request.path_params["id"], since, until)
    return as_json(outcome("information", [("informational", f"{count} events are sent again", "")]), 202)


def _supported(work: Callable[[], Json]) -> Json:
    try:
        return work()
    except Unsupported as error:
        raise Answer.of(422, error.findings) from None


def _resource(body: bytes) -> Json:
    try:
        resource = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Answer(400, "structure", "the body is no JSON") from None
    if not isinstance(resource, dict) or resource.get("resourceType") != "Subscription":
        raise Answer(400, "structure", "the body must be a Subscription")
    return resource


def _values(request: Request, body: bytes, name: str) -> list[str]:
    """A parameter of the query, or of the Parameters resource that was posted."""
    posted = []
    if body:
        try:
            listed = orjson.loads(body).get("parameter", [])
        except (orjson.JSONDecodeError, AttributeError):
            raise Answer(400, "structure", "the body must be a Parameters resource") from None
        posted = [str(v) for p in listed if p.get("name") == name for k, v in p.items() if k.startswith("value")]
    return [*request.query_params.getlist(name), *posted]


def _number(request: Request, body: bytes, name: str, otherwise: int) -> int:
    given = next(iter(_values(request, body, name)), "")
    if not given:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Answer(400, "value", f"{name} must be a number")
    return int(given)

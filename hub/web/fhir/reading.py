"""What can be read: topics, the practice's panel, and what its notices refer to."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from hub.fhir.backport.topics import TOPICS, as_basic
from hub.fhir.build import compact
from hub.model import Json
from hub.services.context import Hub
from hub.services.practice import told
from hub.transport.http.answers import Answer, as_json

SOME = 50


def topics(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """All topics."""
    return searchset(hub, [as_basic(name) for name in TOPICS])


def topic(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """One topic."""
    name = request.path_params["id"]
    if name not in TOPICS:
        raise Answer(404, "not-found", f"no topic is called {name!r}")
    return as_json(as_basic(name), 200)


def groups(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """The practice's panel is its only group."""
    return searchset(hub, [told.panel_group(hub, practice_id)])


def group(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """The practice's panel."""
    if request.path_params["id"] != practice_id:
        raise Answer(404, "not-found", "this practice has no such group")
    return as_json(told.panel_group(hub, practice_id), 200)


def communications(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """What the practice was told, newest first; ``_count`` at a time."""
    count = request.query_params.get("_count", str(SOME))
    if not (count.isascii() and count.isdigit()):
        raise Answer(400, "value", "_count must be a number")
    return searchset(hub, told.communications(hub, practice_id, int(count)))


def resource(hub: Hub, practice_id: str, request: Request, body: bytes) -> Response:
    """A resource that a notification refers to."""
    kind, resource_id = request.path_params["type"], request.path_params["id"]
    if kind not in told.READABLE:
        raise Answer(404, "not-supported", f"{kind} is not read here; there are: {', '.join(told.READABLE)}")
    return as_json(told.read(hub, practice_id, kind, resource_id), 200)


def searchset(hub: Hub, resources: Sequence[Json]) -> Response:
    """Resources as the answer to a search."""
    base = hub.settings.fhir_base
    entries = [
        {"fullUrl": f"{base}/{r['resourceType']}/{r['id']}", "resource": r, "search": {"mode": "match"}}
        for r in resources
    ]
    found = {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}
    return as_json(compact(found), 200)

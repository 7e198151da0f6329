"""For whoever watches the hub: is the console alive, can it read what it shows, and how much of what there is."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from hub.errors import TransientError
from hub.services.operations.progress import backlog
from hub.web.rendering import TheHub

router = APIRouter()


@router.get("/health")
async def health() -> JSONResponse:
    """Whether the process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
def ready(hub: TheHub) -> JSONResponse:
    """Whether the databases can be read, and how much waits for each stage; 503 when they cannot."""
    try:
        waiting = backlog(hub)
    except TransientError as error:
        return JSONResponse({"status": "unavailable", "code": error.code}, 503)
    return JSONResponse({"status": "ready", "backlog": waiting})


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The figures of the hub for Prometheus; 503 while the databases cannot be read."""
    try:
        return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
    except TransientError as error:
        return Response(f"# {error.code}\n", 503, media_type=CONTENT_TYPE_LATEST)

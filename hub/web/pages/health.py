"""For programs that watch the hub: does the process live, is the hub ready, and its figures."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from hub.errors import TransientError
from hub.services.operations.readiness import readiness
from hub.web.rendering import TheHub

router = APIRouter()


@router.get("/health")
@router.get("/health/live")
async def live() -> JSONResponse:
    """Whether the process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/ready")
@router.get("/health/ready")
def ready(request: Request, hub: TheHub) -> JSONResponse:
    """Whether the databases can be written and each role runs, and how much waits for each stage; 503 with the reasons
    when not."""
    found = readiness(hub, request.app.state.storage)
    status = "ready" if found.ready else "unavailable"
    body = {"status": status, "ready": found.ready, "reasons": found.reasons, "backlog": found.backlog}
    return JSONResponse(body, 200 if found.ready else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The figures of the hub for Prometheus; 503 while the databases cannot be read."""
    try:
        return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
    except TransientError as error:
        return Response(f"# {error.code}\n", 503, media_type=CONTENT_TYPE_LATEST)

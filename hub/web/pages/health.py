"""For whoever watches the hub: is the console alive, and can it read what it shows."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from hub.errors import TransientError
from hub.services.progress import backlog
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

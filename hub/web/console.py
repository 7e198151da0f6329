"""The console as a web application: its pages, what guards them, and how it says that something is wrong."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from hub.errors import HubError, NotAllowed, NotFound, TransientError
from hub.services.context import Hub
from hub.services.health.learned import Learned
from hub.services.health.storage import Storage
from hub.services.operations.metrics import Metrics
from hub.web.guard import Guard, names_of
from hub.web.pages import acting, feeds, files, health, identities, messages, notices, overview, persons, referrals
from hub.web.rendering import problem

STATIC = Path(__file__).parent / "static"


def app(hub: Hub) -> FastAPI:
    """The console of an open hub."""
    console = FastAPI(title="Carering", openapi_url=None, docs_url=None, redoc_url=None)
    console.state.hub = hub
    console.state.metrics = Metrics(hub)
    console.state.storage = Storage(hub)
    console.state.learned = Learned()
    console.add_middleware(Guard, names=names_of(hub.settings))
    console.mount("/static", StaticFiles(directory=STATIC), name="static")
    for page in (overview, feeds, messages, files, notices, referrals, persons, identities, acting, health):
        console.include_router(page.router)
    console.add_exception_handler(HubError, _hub_error)
    console.add_exception_handler(HTTPException, _http_error)
    console.add_exception_handler(RequestValidationError, _bad_request)
    return console


def _hub_error(request: Request, error: Exception) -> Response:
    match error:
        case NotFound():
            return problem(request, 404, "Not found", str(error))
        case NotAllowed():
            return problem(request, 409, "Not possible now", str(error))
        case TransientError():
            return problem(request, 503, "Busy", "The hub is busy. Nothing was changed; try again.")
        case _:
            return problem(request, 400, "Not possible", str(error))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for it"
    if error.status_code == 404:
        return problem(request, 404, "Not found", "There is no such page.")
    return problem(request, error.status_code, "Not possible", f"{error.detail}.")


def _bad_request(request: Request, _: Exception) -> Response:
    return problem(request, 400, "Not possible", "A field is missing or is not what it should be.")

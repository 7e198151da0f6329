"""From a template to a page: the environment, what every page knows, and who acts."""

from functools import cache
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from hub.services.context import Hub
from hub.web import wording

NOBODY = "console"
"""Who acts where nobody has given a name."""

_WELL_AGAIN = '<div id="problem" hx-swap-oob="true"></div>'
_COOKIE = "name"
_LONGEST_NAME = 60
_YEAR = 365 * 24 * 3600


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


TheHub = Annotated[Hub, Depends(_hub)]


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page; everything in it is escaped by the template engine. What was wrong before goes away with a part."""
    well = _WELL_AGAIN if wants_part(request) and status == 200 else ""
    return HTMLResponse(text(request, template, **context) + well, status)


def text(request: Request, template: str, **context: Any) -> str:
    """A template as text."""
    hub: Hub = request.app.state.hub
    known = {
        "path": request.url.path,
        "by": acting_as(request),
        "part": wants_part(request),
        "name_of": lambda practice_id: hub.site.practice(practice_id).name,
    }
    return _environment().get_template(template).render(known | context)


def problem(request: Request, status: int, title: str, line: str) -> HTMLResponse:
    """What is wrong, in one clear line: as a page, or to be shown on the page that is open."""
    template = "_problem.html" if wants_part(request) else "problem.html"
    return render(request, template, status, title=title, line=line)


def wants_part(request: Request) -> bool:
    """Whether a script on the page asks for a part of it."""
    return request.headers.get("hx-request") == "true"


def see(path: str) -> RedirectResponse:
    """After a change: to the page that shows it, so that loading it again repeats nothing."""
    return RedirectResponse(path, status_code=303)


def acting_as(request: Request) -> str:
    """The name that whoever sits here has given; it goes into the record, and is not proof of anything."""
    return _clean(unquote(request.cookies.get(_COOKIE, ""))) or NOBODY


def remember(response: RedirectResponse, name: str) -> None:
    """Keeps the name in this browser."""
    response.set_cookie(_COOKIE, quote(_clean(name)), max_age=_YEAR, httponly=True, samesite="strict")


def _clean(name: str) -> str:
    return "".join(c for c in name if c.isprintable()).strip()[:_LONGEST_NAME]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hub.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = (wording.when, wording.ago, wording.tone, wording.short, wording.many, wording.milliseconds, wording.bars)
    environment.filters.update({word.__name__: word for word in words})
    return environment

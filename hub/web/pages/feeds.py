"""``/feeds``: how each feed is, what is wrong, and what a person says to that."""

from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from hub.errors import NotFound
from hub.services.context import Hub
from hub.services.health import alarms
from hub.services.health.feeds import feeds as feeds_of
from hub.services.operations.readiness import readiness
from hub.web.rendering import TheHub, acting_as, render, see, text, wants_part

CLOSED = 5
"""Alarms that are over, shown below the open ones."""

PAST = 20
"""Alarms that the page of a feed shows."""

router = APIRouter()


@router.get("/feeds")
def feeds(request: Request, hub: TheHub) -> Response:
    """The whole page."""
    return render(request, "feeds.html", live=_live(request, hub))


@router.get("/feeds/live")
def live(request: Request, hub: TheHub, seen: str = "") -> Response:
    """The part that moves; nothing when it is as the page shows it."""
    now = _live(request, hub)
    return Response(status_code=204) if now["digest"] == seen else render(request, "_live.html", live=now)


@router.get("/feeds/{name}")
def feed(request: Request, hub: TheHub, name: str) -> Response:
    """One feed with its types and its alarms."""
    known = {one.name: one for one in feeds_of(hub, request.app.state.learned)}
    if name not in known:
        raise NotFound(f"no feed is called {name!r}")
    past = alarms.alarms(hub, open_only=False, feed=name, limit=PAST)
    return render(request, "feed.html", feed=known[name], alarms=past, now=hub.clock.now())


@router.post("/alarms/{alarm_id}/acknowledge")
def acknowledge(request: Request, hub: TheHub, alarm_id: str) -> Response:
    """Somebody looks after it."""
    alarms.acknowledge(hub, alarm_id, acting_as(request))
    return _shown(request, hub)


@router.post("/alarms/{alarm_id}/mute")
def mute(request: Request, hub: TheHub, alarm_id: str, hours: Annotated[float, Form(ge=0, le=24 * 366)]) -> Response:
    """Nobody wants to hear of it for a while; with 0 hours they do again."""
    alarms.mute(hub, alarm_id, timedelta(hours=hours), acting_as(request))
    return _shown(request, hub)


def _shown(request: Request, hub: Hub) -> Response:
    return render(request, "_live.html", live=_live(request, hub)) if wants_part(request) else see("/feeds")


def _live(request: Request, hub: Hub) -> dict[str, str]:
    """The moving part as text, and what tells it from others."""
    state = request.app.state
    every = alarms.alarms(hub, open_only=False, limit=200)
    parts = text(
        request,
        "_feeds.html",
        reasons=readiness(hub, state.storage).reasons,
        feeds=feeds_of(hub, state.learned),
        alarms=[alarm for alarm in every if not alarm.closed_at],
        closed=[alarm for alarm in every if alarm.closed_at][:CLOSED],
        now=hub.clock.now(),
    )
    return {"html": parts, "digest": sha256(parts.encode()).hexdigest()[:16], "path": "/feeds/live", "every": "5s"}

"""``/messages``: search, and everything that is known of one message."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field

from hub.model import Format, MessageStatus, Stage
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.browse import MessageView
from hub.services.operations.explain import explain
from hub.services.operations.replay import replay as replay_messages
from hub.web import hl7
from hub.web.rendering import TheHub, render, wants_part
from hub.web.resources import resources
from hub.web.timeline import entries

PAGE, MOST = 50, 1000

router = APIRouter()


class Asked(BaseModel, frozen=True):
    """What is searched for. The text may be a name: it comes in the body of a request, never in an address."""

    text: str = ""
    status: str = ""
    feed: str = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = PAGE


@router.get("/messages")
def newest(request: Request, hub: TheHub, status: str = "", feed: str = "") -> Response:
    """The newest messages, of a status or a feed."""
    return _found(request, hub, Asked(status=status, feed=feed))


@router.post("/messages")
def search(request: Request, hub: TheHub, asked: Annotated[Asked, Form()]) -> Response:
    """The messages that are searched for."""
    return _found(request, hub, asked)


@router.get("/messages/{wanted}")
def message(request: Request, hub: TheHub, wanted: str) -> Response:
    """One message: its way through the stages, and what came in beside what it became."""
    view = browse.show(hub, wanted)
    return render(
        request,
        "message.html",
        view=view,
        row=view.row,
        entries=entries(explain(hub, view.row.id), view.notices),
        segments=_segments(view),
        resources=resources(view.bundle),
    )


@router.post("/messages/{wanted}/replay")
def replay(request: Request, hub: TheHub, wanted: str) -> Response:
    """What a replay of the message would change; changes nothing."""
    row = browse.show(hub, wanted).row
    report = replay_messages(hub, [row.id], dry_run=True)
    template = "_replay.html" if wants_part(request) else "replay.html"
    return render(request, template, row=row, report=report)


def _found(request: Request, hub: Hub, asked: Asked) -> Response:
    rows = browse.search(hub, text=asked.text.strip(), status=asked.status, feed=asked.feed, limit=asked.limit)
    template = "_messages.html" if wants_part(request) else "messages.html"
    return render(
        request,
        template,
        rows=rows,
        asked=asked,
        more=min(asked.limit * 2, MOST) if len(rows) >= asked.limit < MOST else 0,
        statuses=list(MessageStatus),
        feeds=[feed.name for feed in hub.site.feeds],
    )


def _segments(view: MessageView) -> list[hl7.Segment]:
    if view.row.format != Format.HL7V2:
        return []
    noted = view.traces.get(Stage.CONVERT, {}).get("warnings", [])
    return hl7.segments(view.text, {issue["path"]: issue["text"] for issue in noted})

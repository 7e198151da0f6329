"""``/notices`` and a practice's inbox."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from hub.errors import NotFound
from hub.model import Urgency
from hub.services.context import Hub
from hub.services.operations import browse
from hub.services.operations.browse import NoticeRow
from hub.services.practice import referrals
from hub.settings import Practice
from hub.web.rendering import TheHub, acting_as, render, see, wants_part

PAGE, MOST = 50, 1000

router = APIRouter()


@router.get("/notices")
def notices(
    request: Request,
    hub: TheHub,
    practice: str = "",
    urgency: str = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = PAGE,
) -> Response:
    """Notices, newest first, of one practice or one urgency."""
    rows = browse.notifications(hub, practice=practice, urgency=urgency, limit=limit)
    return render(
        request,
        "notices.html",
        rows=rows,
        practices=hub.site.practices,
        practice=practice,
        urgencies=list(reversed(Urgency)),
        urgency=urgency,
        more=min(limit * 2, MOST) if len(rows) >= limit < MOST else 0,
    )


@router.get("/notices/{wanted}")
def notice(request: Request, hub: TheHub, wanted: str) -> Response:
    """One notice: what it says, why it was told, and how far it came."""
    return render(request, "notice.html", notice=browse.notice(hub, wanted))


@router.post("/notices/{wanted}/acknowledge")
def acknowledge(request: Request, hub: TheHub, wanted: str) -> Response:
    """Somebody of the practice has seen it."""
    row = browse.acknowledge(hub, wanted, acting_as(request))
    if wants_part(request):
        return render(request, "_notice.html", notice=row)
    return see(f"/notices/{row.id}")


@router.get("/practices/{practice_id}")
def practice(request: Request, hub: TheHub, practice_id: str) -> Response:
    """A practice's inbox: what it has not seen yet first, and its referrals and tasks."""
    rows = browse.notifications(hub, practice=practice_id, limit=MOST)
    known = _practice(hub, practice_id, rows)
    fresh = [row for row in rows if not _is_seen(row)]
    return render(
        request,
        "practice.html",
        practice=known,
        fresh=fresh,
        seen=[row for row in rows if _is_seen(row)][:PAGE],
        referrals=referrals.worklist(hub, practice=practice_id, limit=referrals.PAGE),
        tasks=[task for task in referrals.tasks(hub) if task.practice == practice_id],
    )


def _practice(hub: Hub, practice_id: str, rows: list[NoticeRow]) -> Practice:
    """The practice, which may be one that only a panel names."""
    if not rows and all(practice.id != practice_id for practice in hub.site.practices):
        raise NotFound("no practice has this id")
    return hub.site.practice(practice_id)


def _is_seen(row: NoticeRow) -> bool:
    return row.state in ("acknowledged", "actioned")

"""``/referrals``: the worklist, one referral's story, what a person decides, and ``/tasks``."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from hub.services.practice import referrals
from hub.services.practice.referrals import ReferralView
from hub.web.rendering import TheHub, acting_as, render, see, wants_part

router = APIRouter()


@router.get("/referrals")
def worklist(request: Request, hub: TheHub, practice: str = "", scope: str = "open", owner: str = "") -> Response:
    """Referrals, the longest overdue first, no more than a page of them."""
    return render(
        request,
        "referrals.html",
        rows=referrals.worklist(hub, open_only=scope != "all", practice=practice, owner=owner, limit=referrals.PAGE),
        suggestions=referrals.suggestions(hub),
        practices=hub.site.practices,
        practice=practice,
        scope=scope,
        owner=owner,
        owners=referrals.OWNERS,
        page=referrals.PAGE,
    )


@router.get("/referrals/{wanted}")
def referral(request: Request, hub: TheHub, wanted: str) -> Response:
    """One referral with its story."""
    return render(request, "referral.html", view=referrals.show(hub, wanted))


@router.get("/referrals/{wanted}/cover.pdf")
def cover(hub: TheHub, wanted: str) -> Response:
    """The cover sheet for a fax."""
    name, sheet = referrals.cover(hub, wanted)
    # A number is whatever its sender made it: only plain characters go into a header.
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "_" for c in name)
    return Response(sheet, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{plain}"'})


@router.post("/suggestions/{suggestion_id}/confirm")
def confirm(request: Request, hub: TheHub, suggestion_id: str) -> Response:
    """The suggested note answers the referral."""
    return _decided(request, referrals.confirm(hub, suggestion_id, acting_as(request)))


@router.post("/suggestions/{suggestion_id}/reject")
def reject(request: Request, hub: TheHub, suggestion_id: str) -> Response:
    """The suggested note does not answer it."""
    return _decided(request, referrals.reject(hub, suggestion_id, acting_as(request)))


@router.post("/referrals/{wanted}/review")
def review(request: Request, hub: TheHub, wanted: str) -> Response:
    """The referrer has read the note."""
    return _decided(request, referrals.review(hub, wanted, acting_as(request)))


@router.post("/referrals/{wanted}/close")
def close(
    request: Request,
    hub: TheHub,
    wanted: str,
    reason: Annotated[str, Form()] = "",
    expired: Annotated[bool, Form()] = False,
) -> Response:
    """The loop ends without a note, for a reason."""
    closed = referrals.close_without_note(hub, wanted, reason, acting_as(request), expired=expired)
    return _decided(request, closed)


@router.post("/referrals/{wanted}/reopen")
def reopen(request: Request, hub: TheHub, wanted: str) -> Response:
    """The referral goes on from where it stood."""
    return _decided(request, referrals.reopen(hub, wanted, acting_as(request)))


@router.get("/tasks")
def tasks(request: Request, hub: TheHub) -> Response:
    """Open tasks, the soonest due first."""
    return render(request, "tasks.html", rows=referrals.tasks(hub))


def _decided(request: Request, view: ReferralView) -> Response:
    """What the decision made of the referral."""
    return render(request, "_referral.html", view=view) if wants_part(request) else see(f"/referrals/{view.row.id}")

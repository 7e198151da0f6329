"""``/identities``: pairs of persons who may be one, side by side, what somebody decides, and merges to take back."""

from fastapi import APIRouter, Request, Response

from hub.services.context import Hub
from hub.services.identity import review
from hub.services.identity.review import Review
from hub.services.operations import identities
from hub.web.rendering import TheHub, acting_as, render, see, wants_part

router = APIRouter()


@router.get("/identities")
def queue(request: Request, hub: TheHub) -> Response:
    """The queue, the likeliest first, and the newest merges."""
    return render(request, "identities.html", pairs=review.waiting(hub), merges=identities.merged(hub, limit=20))


@router.get("/identities/{review_id}")
def pair(request: Request, hub: TheHub, review_id: str) -> Response:
    """One pair."""
    return _page(request, hub, review.show(hub, review_id), "identity.html")


@router.post("/identities/{review_id}/link")
def link(request: Request, hub: TheHub, review_id: str) -> Response:
    """The two are one person."""
    decided, told = identities.link(hub, review_id, acting_as(request))
    return _decided(request, hub, decided, told)


@router.post("/identities/{review_id}/not-same")
def not_same(request: Request, hub: TheHub, review_id: str) -> Response:
    """The two are two."""
    return _decided(request, hub, review.set_apart(hub, review_id, acting_as(request)))


@router.post("/identities/{review_id}/later")
def later(request: Request, hub: TheHub, review_id: str) -> Response:
    """Not clear yet."""
    return _decided(request, hub, review.put_off(hub, review_id, acting_as(request)))


@router.post("/merges/{merge_id}/undo")
def undo(request: Request, hub: TheHub, merge_id: str) -> Response:
    """The two of a merge are two again."""
    identities.unmerge(hub, merge_id, acting_as(request))
    return see("/identities")


def _decided(request: Request, hub: Hub, decided: Review, told: int | None = None) -> Response:
    if wants_part(request):
        return _page(request, hub, decided, "_identity.html", told)
    return see(f"/identities/{decided.id}")


def _page(request: Request, hub: Hub, shown: Review, template: str, told: int | None = None) -> Response:
    return render(request, template, pair=shown, fields=review.compared(hub, shown.id), told=told)

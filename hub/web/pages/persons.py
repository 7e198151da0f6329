"""``/persons/{id}``: one person, and where everything that is known of them came from."""

from fastapi import APIRouter, Request, Response

from hub.services.operations import browse
from hub.web.rendering import TheHub, render

router = APIRouter()


@router.get("/persons/{person_id}")
def person(request: Request, hub: TheHub, person_id: str) -> Response:
    """One person. What results and documents are projected to differs: a result has values, a document a message."""
    view = browse.person(hub, person_id)
    return render(
        request,
        "person.html",
        view=view,
        encounters=[encounter["state"] for encounter in view.encounters],
        results=[result for result in view.results if "state" in result],
        documents=[document for document in view.results if "state" not in document],
    )

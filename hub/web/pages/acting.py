"""Who acts: a name that the browser remembers and that goes into the record of what is decided."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from hub.web.rendering import remember, see

router = APIRouter()


@router.post("/acting")
def acting(name: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
    """Remembers the name and returns to the page."""
    response = see(back if _is_own(back) else "/")
    remember(response, name)
    return response


def _is_own(path: str) -> bool:
    """Whether it is a path of the console; ``//host`` and ``/\\host`` lead elsewhere."""
    return path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()

"""What a request is answered: what is wrong with it as an OperationOutcome (FHIR R4), and every failure as a status."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import TypeAlias

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.errors import HubError, TransientError
from hub.model import Json

FHIR = "application/fhir+json"
RETRY_SECONDS = "5"

log = structlog.get_logger()

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Issue: TypeAlias = tuple[str, str, str]
"""A code of OperationOutcome.issue.code (value set IssueType), what is wrong, and where (empty: in the request)."""


class Answer(Exception):
    """The end of a request: its status and what was wrong."""

    def __init__(self, status: int, code: str, text: str, path: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.issues: Sequence[Issue] = ((code, text, path),)

    @classmethod
    def of(cls, status: int, issues: Sequence[Issue]) -> "Answer":
        """One that says several things."""
        answer = cls(status, *issues[0])
        answer.issues = issues
        return answer


def answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint, of which every failure is an answer."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # noqa: BLE001 - the others are answered all the same
            return refusal(_answer(error))

    return answered


def _answer(error: Exception) -> Answer:
    if isinstance(error, Answer):
        return error
    if isinstance(error, TransientError):
        return Answer(503, "transient", "it cannot be stored for now; send it again")
    if isinstance(error, HubError):
        return Answer(422, _code(error), str(error), getattr(error, "path", ""))
    log.error("request failed", exc_info=error)
    return Answer(500, "exception", "the hub failed on this request")


def _code(error: HubError) -> str:
    return "structure" if error.code in ("structure", "unreadable") else "processing"


def refusal(answer: Answer) -> Response:
    """The response that says what is wrong."""
    headers = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": RETRY_SECONDS}}.get(answer.status, {})
    return as_json(outcome("error", answer.issues), answer.status, headers)


async def not_served(_: Request, error: Exception) -> Response:
    """What the server itself refuses: a path that is not, a method that is not for it."""
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "not-supported"}.get(error.status_code, "processing")
    answer = refusal(Answer(error.status_code, code, f"{error.detail}".lower()))
    answer.headers.update(error.headers or {})
    return answer


def outcome(severity: str, issues: Sequence[Issue]) -> Json:
    """An OperationOutcome; its texts have no patient data."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": severity,
                "code": code,
                "diagnostics": text,
                **({"expression": [path]} if path else {}),
            }
            for code, text, path in issues
        ],
    }


def as_json(body: Json, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A resource as a response."""
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type=FHIR)

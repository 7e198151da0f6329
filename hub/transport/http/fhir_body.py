"""The body of a FHIR request, read and checked before anything of it is stored."""

import re
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request

from hub.errors import Unreadable
from hub.fhir.check import Problem
from hub.fhir.posted.faults import faults
from hub.fhir.posted.messages import PostedMessage, messages_of
from hub.fhir.posted.text import read_json
from hub.model import Json
from hub.transport.http.answers import Answer, Issue

_MOST_ISSUES = 100
_JSON = frozenset({"application/fhir+json", "application/json", "text/json"})
_FIRST_ENTRY = re.compile(r"Bundle\.entry\[0\]")


@dataclass(frozen=True, slots=True)
class Checked:
    """A body that is valid. ``messages`` are those that it holds, ``wrong`` what is wrong with single entries of a
    batch, by their number: of a batch the others are taken all the same."""

    body: Json
    digest: str
    messages: list[PostedMessage]
    wrong: dict[int, list[Problem]]


def check_media_type(request: Request) -> None:
    """Raises ``Answer`` (415) for anything but FHIR JSON in UTF-8."""
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = re.search(r'charset="?([\w-]+)', parameters)
    version = re.search(r'fhirversion="?([\d.]+)', parameters)
    if kind.strip() not in _JSON:
        xml = "XML is not taken; " if "xml" in kind else ""
        raise Answer(415, "not-supported", f"{xml}send application/fhir+json")
    if charset and charset[1] not in ("utf-8", "utf8"):
        raise Answer(415, "not-supported", "FHIR JSON is in UTF-8")
    if version and version[1] != "4.0":
        raise Answer(415, "not-supported", "this is FHIR 4.0 (R4)")


def checked(text: bytes, feed: str) -> Checked:
    """What a body holds. Raises ``Answer``: 400 for what is no JSON, 422 for what is not FHIR R4 or cannot be taken."""
    try:
        body = read_json(text)
    except Unreadable as error:
        raise Answer(400, "structure", str(error)) from None
    digest = sha256(text).hexdigest()
    wrong = faults(body, feed)
    if not wrong:
        return Checked(body, digest, messages_of(text, body, feed), {})
    if not _is_batch(body):
        raise Answer.of(422, issues(wrong))
    return _batch(body, digest, feed)


def _is_batch(body: Json) -> bool:
    listed = body.get("entry")
    known = body.get("resourceType") == "Bundle" and body.get("type") == "batch" and isinstance(listed, list)
    return known and body.keys() <= {"resourceType", "type", "entry", "id", "meta"}


def _batch(body: Json, digest: str, feed: str) -> Checked:
    """Each entry of a batch by itself."""
    good: list[PostedMessage] = []
    wrong: dict[int, list[Problem]] = {}
    for number, entry in enumerate(body["entry"]):
        alone = {**body, "entry": [entry]}
        if found := faults(alone, feed):
            wrong[number] = [Problem(_FIRST_ENTRY.sub(f"Bundle.entry[{number}]", p.path), p.text) for p in found]
        else:
            (message,) = messages_of(b"", alone, feed)
            good.append(message.at(number))
    if not good:
        raise Answer.of(422, issues([problem for found in wrong.values() for problem in found]))
    return Checked(body, digest, sorted(good, key=lambda one: one.type != "Patient"), wrong)


def issues(problems: list[Problem]) -> list[Issue]:
    """What is wrong, as issues of an OperationOutcome; of very many the first."""
    return [
        (_code(problem.text), f"{problem.path}: {problem.text}", problem.path) for problem in problems[:_MOST_ISSUES]
    ]


_CODES = {"is required": "required", "is no code of": "code-invalid", "is no element of": "structure"}


def _code(text: str) -> str:
    """The kind of a problem: invalid, unless its words say more."""
    return next((code for words, code in _CODES.items() if text.startswith(words)), "invalid")

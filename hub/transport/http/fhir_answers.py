"""What is answered to FHIR that is stored: the resource's status, or a bundle with that of each entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hub.fhir.posted.entries import Entry
from hub.model import Json, stable_id
from hub.transport.http.answers import Issue, as_json, outcome
from hub.transport.http.fhir_body import Checked, issues


@dataclass(frozen=True, slots=True)
class Stored:
    """What of a body is durable: the ids of the messages and their resources, by their number in a batch (else 0).
    ``known`` are the keys that this feed had posted before, ``again`` says that it had posted just the same."""

    ids: Mapping[int, str]
    told: Mapping[int, list[Entry]]
    known: frozenset[str]
    again: bool

    @property
    def entries(self) -> list[Entry]:
        return [entry for each in self.told.values() for entry in each]

    def is_new(self, entry: Entry) -> bool:
        """Whether a resource was posted for the first time."""
        return not (self.again or any(f"at:{address}" in self.known for address in entry.addresses))

    @property
    def said(self) -> Issue:
        """Where to look for it: ``hub explain``."""
        return ("informational", f"stored as message {', '.join(self.ids.values())}", "")


def resource_response(request: Request, body: Json, stored: Stored, location: str) -> Response:
    """201 or 200 with the address, and as the body what the sender prefers (FHIR R4, section 3.1.0.1.6): an
    OperationOutcome, the resource (``return=representation``) or nothing (``return=minimal``)."""
    (entry,) = stored.entries
    status = 201 if stored.is_new(entry) else 200
    preferred = request.headers.get("prefer", "").replace(" ", "")
    if "return=minimal" in preferred:
        return Response(status_code=status, headers={"location": location})
    shown = outcome("information", [stored.said])
    if "return=representation" in preferred:
        shown = {**body, "id": entry.addresses[0].rpartition("/")[2]}
    return as_json(shown, status, {"location": location})


def bundle_response(found: Checked, stored: Stored) -> Response:
    """``transaction-response`` or ``batch-response``, with an entry for each of the request, in their order."""
    told = {entry.path: entry for number, each in stored.told.items() for entry in _at(number, each, found)}
    listed = [_entry(number, told, found, stored) for number in range(len(found.body["entry"]))]
    kind = f"{found.body['type']}-response"
    return as_json({"resourceType": "Bundle", "type": kind, "entry": listed}, 200)


def _at(number: int, posted: list[Entry], found: Checked) -> list[Entry]:
    """The resources by where they stand in the request: in a batch each was a bundle of its own."""
    if found.body["type"] != "batch":
        return posted
    return [Entry(_path(number), e.resource, e.url, e.addresses, e.id, e.assigned) for e in posted]


def _path(number: int) -> str:
    return f"Bundle.entry[{number}].resource"


def _entry(number: int, told: Mapping[str, Entry], found: Checked, stored: Stored) -> Json:
    if number in found.wrong:
        refused = outcome("error", issues(found.wrong[number]))
        return {"response": {"status": "422 Unprocessable Entity", "outcome": refused}}
    entry = told[_path(number)]
    status = "201 Created" if stored.is_new(entry) else "200 OK"
    return {"response": {"status": status, "location": entry.addresses[0]}}


def message_response(body: Json, stored: Stored) -> Response:
    """The response message: accepted, which is to say durable (FHIR R4, section 2.5.3)."""
    asked = body["entry"][0]["resource"]
    (message_id,) = stored.ids.values()
    event = {name: asked[name] for name in ("eventCoding", "eventUri") if name in asked}
    header = {
        "resourceType": "MessageHeader",
        "id": stable_id("response", message_id),
        **event,
        "destination": [{"endpoint": asked["source"]["endpoint"]}],
        "source": {"name": "Carering", "endpoint": "urn:carering:intake"},
        "response": {"identifier": asked.get("id", message_id), "code": "ok"},
    }
    said = {**outcome("information", [stored.said]), "id": stable_id("said", message_id)}
    header["response"]["details"] = {"reference": f"urn:uuid:{said['id']}"}
    listed = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in (header, said)]
    return as_json(
        {"resourceType": "Bundle", "id": stable_id("answer", message_id), "type": "message", "entry": listed}, 200
    )

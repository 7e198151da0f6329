"""What is wrong in what was posted, in the sender's own terms: not R4, or nothing that an intake can take.

Two things are looked at otherwise than in the hub's own bundles: a reference by search (``Patient?identifier=…``) leads
somewhere, and a resource need not carry the UUID of its entry as its id (FHIR R4, section 2.36.4).
"""

from collections.abc import Iterator
from typing import Any

from hub.fhir.check import Problem, check
from hub.fhir.posted.addresses import address_of, conditional
from hub.fhir.posted.entries import ANSWERED, entries
from hub.fhir.posted.subject import patients
from hub.model import Json

BUNDLES = ("transaction", "batch", "message", "collection", "document")
MOST_ENTRIES = 10_000
_CONDITIONS = ("ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist")
"""Of an entry's request: what may be stored on conditions only is not stored without."""
_UUID = "urn:uuid:"
_ONE_FOR_EACH = "speaks of another patient than what is before it; send a bundle for each, or a batch"


def faults(body: Json, feed: str) -> list[Problem]:
    """All that is wrong in a body; nothing when the hub can take it."""
    if problems := check(_comparable(body)):
        return problems
    if body["resourceType"] != "Bundle":
        return [*_nested("", body), *_several(body, feed)]
    return list(_of_bundle(body)) or [*_twice(body, feed), *(() if body["type"] == "batch" else _several(body, feed))]


def _comparable(body: Json) -> Json:
    """The body with what the check need not know: references by search as the identifiers that they are, and full URLs
    that are UUIDs as ids."""
    known: Json = _searched(body)
    if known.get("resourceType") == "Bundle" and isinstance(known.get("entry"), list):
        known = {**known, "entry": [_with_id(entry) for entry in known["entry"]]}
    return known


def _with_id(entry: Any) -> Any:
    if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict):
        return entry
    url = entry.get("fullUrl")
    if not isinstance(url, str) or not url.startswith(_UUID):
        return entry
    return {**entry, "resource": {**entry["resource"], "id": url.removeprefix(_UUID)}}


def _searched(element: Any) -> Any:
    if isinstance(element, dict):
        found = {name: _searched(value) for name, value in element.items()}
        if isinstance(url := found.get("reference"), str) and (search := conditional(url)):
            del found["reference"]
            found = {"type": search[0], "identifier": search[1], **found}
        return found
    return [_searched(value) for value in element] if isinstance(element, list) else element


def _of_bundle(body: Json) -> Iterator[Problem]:
    listed = body.get("entry", ())
    if body["type"] not in BUNDLES:
        yield Problem("Bundle.type", f"must be one of: {', '.join(BUNDLES)}")
    elif not any("resource" in entry for entry in listed):
        yield Problem("Bundle.entry", "holds no resource")
    elif len(listed) > MOST_ENTRIES:
        yield Problem("Bundle.entry", f"has more than {MOST_ENTRIES} entries")
    for number, entry in enumerate(listed):
        path = f"Bundle.entry[{number}]"
        yield from _nested(f"{path}.resource", entry.get("resource", {}))
        if body["type"] in ANSWERED:
            yield from _request(path, entry)


def _nested(path: str, resource: Json) -> Iterator[Problem]:
    if path and resource.get("resourceType") in ("Bundle", "Parameters"):
        yield Problem(path, "is no resource that can be posted in a bundle")


def _request(path: str, entry: Json) -> Iterator[Problem]:
    """An entry of a batch or transaction says by POST or PUT of what it is to be taken (bdl-3)."""
    request, resource = entry.get("request"), entry.get("resource")
    if request is None or resource is None:
        yield Problem(path, "needs a request and a resource (bdl-3)")
        return
    for condition in _CONDITIONS:
        if condition in request:
            yield Problem(f"{path}.request.{condition}", "is a condition that is not known here")
    kind, url = resource["resourceType"], request["url"].rstrip("/")
    if request["method"] == "POST":
        if url != kind:
            yield Problem(f"{path}.request.url", f"must be {kind}, the type of the resource")
    elif request["method"] != "PUT":
        yield Problem(f"{path}.request.method", "must be POST or PUT")
    elif address_of(url) != f"{kind}/{resource.get('id', '')}" and (conditional(url) or ("",))[0] != kind:
        yield Problem(f"{path}.request.url", f"must be {kind}/ and the id of the resource, or {kind}?identifier=…")


def _twice(body: Json, feed: str) -> Iterator[Problem]:
    """A resource that the same bundle holds twice: which of them counts cannot be told."""
    met: set[str] = set()
    for entry in entries(body, feed, ""):
        if entry.id in met:
            yield Problem(entry.path, "is in the bundle already")
        met.add(entry.id)


def _several(body: Json, feed: str) -> Iterator[Problem]:
    for someone in patients(entries(body, feed, ""), feed)[1:]:
        yield Problem(someone.path, _ONE_FOR_EACH)

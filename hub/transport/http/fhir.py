"""The FHIR end of the intake (FHIR R4, "RESTful API" and "Messaging"): create, update, bundles and messages.

    POST [base]                 a bundle                    POST [base]/$process-message  a message bundle
    POST [base]/<Type>          a resource                  PUT  [base]/<Type>/<id>       the same, or a new version
    GET  [base]/metadata        what can be done here

Everything is durable before it is answered with 2xx. Resources are known again by their address: 201 for a new one, 200
for one that this feed has posted before.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from hub.errors import Refused
from hub.fhir.posted.addresses import conditional
from hub.fhir.posted.entries import ANSWERED, entries
from hub.fhir.posted.messages import PostedMessage
from hub.model import Json
from hub.ports import Arrival, Intake
from hub.settings import Feed
from hub.transport.file_arrivals import accept_all
from hub.transport.http.answers import Answer, Issue, as_json, outcome
from hub.transport.http.capabilities import TYPES
from hub.transport.http.fhir_answers import Stored, bundle_response, message_response, resource_response
from hub.transport.http.fhir_body import Checked, check_media_type, checked
from hub.transport.http.keys import Claim, claimed
from hub.transport.http.requests import Limits, body_of, origin, peer
from hub.transport.http.versions import names_of, version_of

AT_ONCE = 500


class FhirRequests:
    """What a FHIR request becomes."""

    def __init__(self, intake: Intake, limits: Limits) -> None:
        self._intake = intake
        self._limits = limits

    async def bundle(self, request: Request, feed: Feed) -> Response:
        """``POST [base]``: a bundle of any type that says something."""
        found = await self._checked(request, feed)
        if found.body["resourceType"] != "Bundle":
            kind = found.body["resourceType"]
            raise Answer(400, "invalid", f"the base takes bundles; post a {kind} to {kind}", "resourceType")
        stored = await self._store(request, feed, found)
        if found.body["type"] in ANSWERED:
            return bundle_response(found, stored)
        if found.body["type"] == "message":
            return message_response(found.body, stored)
        return as_json(outcome("information", [stored.said]), 200 if stored.again else 201)

    async def message(self, request: Request, feed: Feed) -> Response:
        """``POST [base]/$process-message``."""
        if "response-url" in request.query_params:
            raise Answer(400, "not-supported", "no response is sent elsewhere: response-url cannot be given")
        found = await self._checked(request, feed)
        if (found.body["resourceType"], found.body.get("type")) != ("Bundle", "message"):
            raise Answer(400, "invalid", "must be a bundle of type message", "Bundle.type")
        stored = await self._store(request, feed, found)
        if request.query_params.get("async") == "true":
            return Response(status_code=202)
        return message_response(found.body, stored)

    async def create(self, request: Request, feed: Feed) -> Response:
        """``POST [base]/<Type>``; with If-None-Exist only what this feed has not created under that identifier."""
        if request.path_params["type"] == "Bundle":
            return await self.bundle(request, feed)
        kind = _known(request)
        search = _search(request, kind)
        found = await self._checked(request, feed)
        _check_type(found.body, kind)
        if search and (address := await self._existing(feed, search)):
            said: Issue = ("informational", "it exists already; nothing is stored", "")
            return as_json(outcome("information", [said]), 200, {"location": _location(request, address)})
        stored = await self._store(request, feed, found)
        address = stored.entries[0].addresses[0]
        if search:
            await self._intake.keys.claim(feed.name, {search: address})
        return resource_response(request, found.body, stored, _location(request, address))

    async def update(self, request: Request, feed: Feed) -> Response:
        """``PUT [base]/<Type>/<id>``: the sender's id is the address."""
        kind, identity = _known(request), request.path_params["id"]
        for condition in ("if-match", "if-none-match"):
            if condition in request.headers:
                raise Answer(400, "not-supported", f"no versions are kept here: {condition} cannot be given")
        found = await self._checked(request, feed)
        _check_type(found.body, kind)
        if found.body.get("id") != identity:
            raise Answer(400, "invalid", "must be the id of the path", f"{kind}.id")
        stored = await self._store(request, feed, found)
        return resource_response(request, found.body, stored, _location(request, f"{kind}/{identity}"))

    async def _checked(self, request: Request, feed: Feed) -> Checked:
        check_media_type(request)
        text = await body_of(request, self._limits)
        return await asyncio.to_thread(checked, text, feed.name)

    async def _store(self, request: Request, feed: Feed, found: Checked) -> Stored:
        """All messages of the body, durable; and which of its resources are new."""
        named = {one.number: names_of(one, feed.name) for one in found.messages}
        body = f"body:{found.digest}"
        known = await self._intake.keys.known(feed.name, [body, *(name for names in named.values() for name in names)])
        versions = {one.number: version_of(one, named[one.number], known) for one in found.messages}
        async with claimed(request, feed, found.digest, self._intake) as claim:
            ids: dict[int, str] = {}
            for start in range(0, len(found.messages), AT_ONCE):
                some = found.messages[start : start + AT_ONCE]
                control = [_control_id(claim, one, found) or versions[one.number].control_id for one in some]
                arrivals = [_arrival(request, feed, one, c) for one, c in zip(some, control, strict=True)]
                for one, receipt in zip(some, await accept_all(arrivals, self._intake), strict=True):
                    assert not isinstance(receipt, Refused)  # only HL7 v2 is refused by the receiver
                    ids[one.number] = receipt.message_id
                    claim.stored = True
        said = {name: versions[one.number].says for one in found.messages for name in named[one.number]}
        await self._intake.keys.put(feed.name, {body: "", **said})
        told = {one.number: entries(one.body, feed.name, ids[one.number]) for one in found.messages}
        return Stored(ids, told, frozenset(known), body in known)

    async def _existing(self, feed: Feed, search: str) -> str:
        """The address of what was created under the same condition, which is noted once that is stored."""
        return (await self._intake.keys.known(feed.name, [search])).get(search, "")


def _arrival(request: Request, feed: Feed, one: PostedMessage, control_id: str) -> Arrival:
    said = {"type": one.type, "control_id": control_id, "key": one.key}
    return Arrival(feed.name, feed.format, one.text, origin(request), **said, peer=peer(request))


def _control_id(claim: Claim, one: PostedMessage, found: Checked) -> str:
    """The request's key, in a batch with the number of the entry; else what the sender numbers it by."""
    if not claim.key:
        return one.control_id
    return claim.key if found.body.get("type") != "batch" else f"{claim.key}#{one.number}"


def _known(request: Request) -> str:
    kind: str = request.path_params["type"]
    if kind not in TYPES:
        raise Answer(404, "not-supported", "no such type is taken here by itself; see metadata")
    return kind


def _check_type(body: Json, kind: str) -> None:
    if body["resourceType"] != kind:
        raise Answer(400, "invalid", f"must be {kind}, the type of the path", "resourceType")


def _search(request: Request, kind: str) -> str:
    """The condition of a conditional create as a key; empty without one."""
    condition = request.headers.get("if-none-exist", "").strip()
    if not condition:
        return ""
    if conditional(f"{kind}?{condition.rpartition('?')[2]}") is None:
        raise Answer(400, "not-supported", "If-None-Exist is known by identifier alone: identifier=system|value")
    return f"none:{kind}?{condition.rpartition('?')[2]}"


def _location(request: Request, address: str) -> str:
    """The address below the base that the request was sent to."""
    feed = request.path_params.get("feed", "")
    return f"/feeds/{feed}/fhir/{address}" if feed else f"/fhir/{address}"

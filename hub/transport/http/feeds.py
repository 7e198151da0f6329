"""``POST /feeds/<feed>``: HL7 v2 messages ("HL7 over HTTP"), files of rows, and documents."""

from collections.abc import AsyncIterator
from hashlib import sha256
from io import BytesIO

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hub.errors import Refused, Unreadable
from hub.formats.hl7v2.batch import messages_of
from hub.model import FileOutcome, Format
from hub.ports import Arrival, Intake, Receipt
from hub.settings import Feed
from hub.transport import file_arrivals
from hub.transport.archives import Caps, Source
from hub.transport.drop_folder import printable
from hub.transport.file_arrivals import accept_all
from hub.transport.file_intake import Taken, Way, take_in
from hub.transport.http.answers import Answer
from hub.transport.http.keys import Claim, claimed
from hub.transport.http.requests import Limits, body_of, check_length, in_time, origin, peer

HL7 = "application/hl7-v2"

File = tuple[str, bytes]
"""Name and contents."""


class FeedRequests:
    """What such a request becomes."""

    def __init__(self, intake: Intake, limits: Limits) -> None:
        self._intake = intake
        self._limits = limits

    async def post(self, request: Request, feed: Feed) -> Response:
        """200 when all of it is durable."""
        if feed.format is not Format.HL7V2:
            return await self._files(request, feed)
        body = await body_of(request, self._limits)
        async with claimed(request, feed, sha256(body).hexdigest(), self._intake) as claim:
            return await self._messages(request, feed, body, claim)

    async def _messages(self, request: Request, feed: Feed, body: bytes, claim: Claim) -> Response:
        """The acknowledgement is the answer, 200 when it accepts, else 400; 204 when none is wanted."""
        try:
            arrivals = [_arrival(message, feed, request) for message in messages_of(body)]
        except Unreadable as error:
            return Response(self._intake.refuse(_arrival(body, feed, request), error), 400, media_type=HL7)
        outcomes = await accept_all(arrivals, self._intake)
        claim.stored = any(isinstance(outcome, Receipt) for outcome in outcomes)
        good = all(isinstance(outcome, Receipt) for outcome in outcomes)
        said = b"".join(self._reply(arrival, outcome) for arrival, outcome in zip(arrivals, outcomes, strict=True))
        return Response(said, (200 if said else 204) if good else 400, media_type=HL7)

    def _reply(self, arrival: Arrival, outcome: Receipt | Refused) -> bytes:
        return outcome.reply if isinstance(outcome, Receipt) else self._intake.refuse(arrival, outcome)

    async def _files(self, request: Request, feed: Feed) -> Response:
        """Rows or a document, recorded as files are that are dropped into a folder: the ids of what is stored."""
        files = [file async for file in self._held(request)]
        ids: list[str] = []
        async with claimed(request, feed, _digest(files), self._intake) as claim:
            for name, body in files:
                label = printable("/".join(filter(None, (claim.key, name if len(files) > 1 or not claim.key else ""))))
                ids += (await self._store(body, label, request, feed, claim)).ids
        return JSONResponse({"stored": len(ids), "messages": ids})

    async def _store(self, body: bytes, label: str, request: Request, feed: Feed, claim: Claim) -> Taken:
        """One file to its end. Raises ``Unreadable`` where not all of it could be taken in."""
        limits = file_arrivals.Limits(self._limits.size)
        caps = Caps(unpacked=self._limits.size)
        way = Way(feed, origin(request), self._intake, limits, caps, want_ids=True)
        taken = await take_in(Source(label, lambda: BytesIO(body)), way)
        assert taken, "nobody stops it"
        claim.stored = claim.stored or taken.outcome is not FileOutcome.REFUSED
        if taken.outcome in (FileOutcome.REFUSED, FileOutcome.PARTLY):
            raise Unreadable(taken.reason)
        return taken

    async def _held(self, request: Request) -> AsyncIterator[File]:
        """The files of a form, else the body as one."""
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            yield request.query_params.get("name", "upload"), await body_of(request, self._limits)
            return
        self._check_form(request)
        try:
            async with in_time(self._limits), request.form(max_part_size=self._limits.size) as form:
                files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
                if not files:
                    raise Answer(400, "required", "the form holds no file")
                for file in files:
                    yield file.filename or "upload", await file.read()
        except HTTPException as error:
            raise Answer(400, "structure", "the form cannot be read") from error

    def _check_form(self, request: Request) -> None:
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Answer(415, "not-supported", "a form may not be packed")
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            raise Answer(411, "required", "a form must say how long it is")
        check_length(int(length), self._limits)


def _arrival(body: bytes, feed: Feed, request: Request) -> Arrival:
    return Arrival(feed.name, feed.format, body, origin(request), peer=peer(request))


def _digest(files: list[File]) -> str:
    """What makes two requests the same, whatever the boundary of their forms."""
    parts = [sha256(part).digest() for name, body in files for part in (name.encode(), body)]
    return sha256(b"".join(parts)).hexdigest()

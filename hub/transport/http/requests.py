"""Who sends a request, for which feed, and what it holds: read within limits of size and time."""

import asyncio
import hmac
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.requests import Request

from hub.model import Format
from hub.ports import Peer
from hub.settings import Feed
from hub.transport.http.answers import Answer

_ENCODINGS = {"", "identity", "gzip", "x-gzip"}
_GZIP = 31
"""The windowBits of zlib that mean gzip (RFC 1952)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one request: bytes of its body, packed and unpacked, and seconds in which it must have come."""

    size: int
    seconds: float


@dataclass(frozen=True)
class Gate:
    """The feeds of a listener, each with its tokens (SHA-256 hashes)."""

    feeds: Mapping[str, Feed]
    _by_token: dict[str, Feed] = field(init=False)

    def __post_init__(self) -> None:
        feeds = sorted(self.feeds.values(), key=lambda feed: feed.format is Format.FHIR)
        object.__setattr__(self, "_by_token", {token: feed for feed in feeds for token in feed.tokens})

    def named(self, request: Request) -> Feed:
        """The feed of the path, whose token the request must carry: who has none is not told which feeds there are."""
        feed = self.feeds.get(request.path_params["feed"])
        digest = token_hash(request)
        if feed is None or not any(hmac.compare_digest(known, digest) for known in feed.tokens):
            raise Answer(401, "security", "a token of this feed is needed: Authorization: Bearer …")
        return _admitted(feed, request)

    def owner(self, request: Request) -> Feed:
        """The feed whose token the request carries; one token of a feed that takes FHIR and of another means the
        first."""
        feed = self._by_token.get(token_hash(request))
        if feed is None:
            raise Answer(401, "security", "a token of a feed is needed: Authorization: Bearer …")
        if feed.format is not Format.FHIR:
            raise Answer(403, "forbidden", f"the feed of this token takes {feed.format} at /feeds/{feed.name}")
        return _admitted(feed, request)


def token_hash(request: Request) -> str:
    """The hash of the token that the request carries; no feed has that of an empty one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return sha256(token.strip().encode()).hexdigest() if scheme.lower() == "bearer" and token.strip() else ""


def _admitted(feed: Feed, request: Request) -> Feed:
    if not feed.admits(peer(request)):
        raise Answer(403, "forbidden", "this address may not send for this feed")
    return feed


def peer(request: Request) -> Peer:
    """Where the request comes from."""
    return Peer(request.client.host if request.client else "?")


def origin(request: Request) -> str:
    """The same as a message's origin."""
    return f"http/{peer(request).address}"


async def body_of(request: Request, limits: Limits) -> bytes:
    """The body, unpacked. Raises ``Answer`` for one that is too long, too slow, or packed as nobody here knows."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise Answer(415, "not-supported", "a body may be packed by gzip only (Content-Encoding)")
    check_declared(request, limits)
    async with in_time(limits):
        packed = await _read(request, limits)
    return packed if encoding in ("", "identity") else await asyncio.to_thread(_unpacked, packed, limits)


def check_declared(request: Request, limits: Limits) -> None:
    """A request that says that it is too long need not be read, and one that says its length in two ways could be two
    requests to somebody on the way (RFC 9112, section 6.1)."""
    if "content-length" in request.headers and "transfer-encoding" in request.headers:
        raise Answer(400, "structure", "a body has a length or comes in chunks")
    length = request.headers.get("content-length", "0")
    if length.isdigit():
        check_length(int(length), limits)


def check_length(length: int, limits: Limits) -> None:
    if length > limits.size:
        raise Answer(413, "too-long", f"a request has at most {limits.size} bytes")


class in_time:  # noqa: N801 - read as a statement: async with in_time(limits)
    """Whatever is in the block must be done within the limit's seconds; else 408."""

    def __init__(self, limits: Limits) -> None:
        self._seconds = limits.seconds
        self._timeout = asyncio.timeout(limits.seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *exception: object) -> None:
        try:
            await self._timeout.__aexit__(*exception)  # type: ignore[arg-type]
        except TimeoutError:
            raise Answer(408, "timeout", f"a request must have come within {self._seconds:g} seconds") from None


async def _read(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        check_length(len(body), limits)
    return bytes(body)


def _unpacked(packed: bytes, limits: Limits) -> bytes:
    """The whole of one gzip member; a bomb ends at the limit."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        body = unpacking.decompress(packed, limits.size + 1)
    except zlib.error:
        raise Answer(400, "structure", "the body is not packed by gzip") from None
    check_length(len(body), limits)
    if not unpacking.eof or unpacking.unused_data:
        raise Answer(400, "structure", "the packed body is cut off, or something follows it")
    return body

"""Idempotency keys (the IETF's Idempotency-Key header field): a request that is sent again is the same one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request

from hub.ports import Intake
from hub.settings import Feed
from hub.transport.http.answers import Answer

LONGEST = 255


@dataclass(slots=True)
class Claim:
    """A request by its ``key`` (empty without one); ``again`` says whether it has come before. ``stored`` is set once
    something of it is durable: from then on the key is taken."""

    key: str = ""
    again: bool = False
    stored: bool = False


@asynccontextmanager
async def claimed(request: Request, feed: Feed, digest: str, intake: Intake) -> AsyncIterator[Claim]:
    """The block is the work on a request whose contents have that hash. A key that was used for other contents is
    refused; one of which nothing came may be used again."""
    claim = Claim(_key(request))
    name = f"key:{claim.key}"
    if claim.key:
        said = (await intake.keys.claim(feed.name, {name: digest})).get(name, "")
        if said not in ("", digest):
            raise Answer(422, "conflict", "this Idempotency-Key has been used for other contents; nothing is stored")
        claim.again = bool(said)
    try:
        yield claim
    finally:
        if claim.key and not (claim.again or claim.stored):
            await intake.keys.release(feed.name, [name])


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST or not key.isprintable():
        raise Answer(400, "value", f"an Idempotency-Key has at most {LONGEST} printable characters")
    return key

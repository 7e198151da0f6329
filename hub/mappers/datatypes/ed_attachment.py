"""ED and RP → Attachment (HL7 v2.9, chapters 2A.3.24 and 2A.3.65)."""

import base64
import binascii
import hashlib

from hub.fhir.build import compact
from hub.fhir.ids import uri
from hub.fhir.order_codes import ATTACHMENT_TYPES
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.context import Context
from hub.model import Json

EMBEDDED_BYTES = 256 * 1024
"""A larger attachment stays in the raw message, and the bundle refers to it: stream records are small."""


def ed_attachment(ed: Repetition, ctx: Context, title: str = "") -> Json:
    """ED.2/.3 media type, .4 encoding, .5 data; data that is not what its encoding says gives nothing and a warning."""
    try:
        data = _decoded(ed[5], ed[4].upper())
    except (binascii.Error, ValueError):
        ctx.warn(f"{ed.path}.5", "value", "the data is not encoded as ED.4 says")
        return {}
    return attachment(data, media_type(ed[2], ed[3]), ctx, title) if data else {}


def rp_attachment(rp: Repetition, ctx: Context, title: str = "") -> Json:
    """RP.1 where it lies, .3/.4 media type."""
    if not rp[1]:
        return {}
    return compact({"contentType": media_type(rp[3], rp[4]), "url": uri(rp.whole(1)), "title": title})


def attachment(data: bytes, content_type: str, ctx: Context, title: str = "") -> Json:
    """The bytes with their size and SHA-1 (FHIR R4, Attachment.hash), embedded unless they are large."""
    large = len(data) > EMBEDDED_BYTES
    return compact(
        {
            "contentType": content_type,
            "data": "" if large else base64.b64encode(data).decode(),
            "url": original_url(ctx) if large else "",
            "size": len(data),
            "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode(),
            "title": title,
        }
    )


def original_url(ctx: Context) -> str:
    """Where the bytes of the message itself are kept: the raw log, under the message's id."""
    return f"urn:carering:message:{ctx.raw.id}"


def media_type(kind: str, subtype: str) -> str:
    """``AP^PDF`` and ``application^pdf`` → ``application/pdf``; ``image/tiff`` as it is; unknown: octets."""
    if "/" in subtype:
        return subtype.lower()
    kind = ATTACHMENT_TYPES.get(kind.upper(), kind.lower())
    if kind not in {"application", "audio", "image", "text", "video", "multipart"}:
        return "application/octet-stream"
    return f"{kind}/{subtype.lower() or ('plain' if kind == 'text' else 'octet-stream')}"


def _decoded(data: str, encoding: str) -> bytes:
    if encoding == "BASE64":
        return base64.b64decode("".join(data.split()), validate=True)
    if encoding == "HEX":
        return bytes.fromhex(data)
    return data.encode()

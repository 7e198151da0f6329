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
_ENCODINGS = {"BASE64", "HEX"}


def ed_attachment(ed: Repetition, ctx: Context, title: str = "") -> Json:
    """ED.2/.3 media type, .4 encoding, .5 data. Data that is not what its encoding says is left out, with a warning;
    its type is still said, as it is where the sender leaves the data out. Senders that leave a component out are
    understood by the name of their encoding."""
    encoding = next((at for at in (4, 3, 5, 2) if ed[at].upper() in _ENCODINGS), 4)
    kind, subtype = (ed[2], ed[3]) if encoding > 3 else ("", ed[2] if encoding == 3 else "")
    try:
        data = _decoded(ed[encoding + 1], ed[encoding].upper())
    except (binascii.Error, ValueError):
        ctx.warn(f"{ed.path}.{encoding + 1}", "value", f"the data is not encoded as ED.{encoding} says")
        data = b""
    if data:
        return attachment(data, media_type(kind, subtype), ctx, title)
    return compact({"contentType": media_type(kind, subtype), "title": title}) if kind or subtype else {}


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
        packed = "".join(data.split()).rstrip("=")
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    if encoding == "HEX":
        return bytes.fromhex(data)
    return data.encode()

"""How a row of a table becomes the body of a raw message, and what kind of document some bytes are."""

import base64
import mimetypes

import orjson

from hub.formats.delimited import Row

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def row_body(row: Row, name: str) -> bytes:
    """A row as the body of a raw message: JSON with ``fields``, ``line`` and ``file``; one with a ``problem`` keeps
    what was written in ``text``, or in ``base64`` when the bytes are not in the file's charset."""
    body: dict[str, object] = {"fields": row.fields, "line": row.line, "file": name}
    if row.problem:
        body["problem"] = row.problem
        body |= {"text": row.text} if row.text else {"base64": base64.b64encode(row.raw).decode()}
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def media_type(name: str, body: bytes) -> str:
    """What a document is, by its first bytes, else by its name."""
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    return mimetypes.guess_type(name, strict=True)[0] or "application/octet-stream"

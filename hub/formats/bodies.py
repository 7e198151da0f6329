"""What kind of document some bytes are."""

import mimetypes

_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def media_type(name: str, body: bytes) -> str:
    """What a document is, by its first bytes, else by its name."""
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    return mimetypes.guess_type(name, strict=True)[0] or "application/octet-stream"

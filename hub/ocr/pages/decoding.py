"""Documents of pictures, page by page, within limits that hold before a picture is unpacked.

TIFF (G3, G4 and others, TIFF 6.0), PNG and JPEG by Pillow; pages of PDFs are drawn by PDFium.
"""

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFile, UnidentifiedImageError

from hub.errors import Unreadable

PAGES_AT_MOST = 500
PIXELS_AT_MOST = 30_000_000
"""Of one page: letter paper at 500 dots an inch has 23 million."""
DRAWN_AT = 200
"""Dots an inch at which a page of a PDF is drawn; a fax has 204."""
FAX_WIDTHS = (1728, 2048, 2432)
"""Dots of a line (ITU-T T.4), to 1 % or so: some machines send 1734."""

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in grey (0 is black); ``stretch`` is how many times wider than tall its dots are packed: 2 for a fax of
    204 × 98 dots an inch. ``damaged`` where the end of its data is missing."""

    pixels: Pixels
    stretch: float = 1.0
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """``picture`` takes a page's number, from 1. Raises ``Unreadable``."""

    count: int
    picture: Callable[[int], Picture]


def open_document(body: bytes) -> Document:
    """Raises ``Unreadable`` for what is none, is encrypted, has no pages or too many of them."""
    document = _open_pdf(body) if body.startswith(b"%PDF-") else _open_image(body)
    if document.count > PAGES_AT_MOST:
        raise Unreadable(f"the document has {document.count} pages, more than {PAGES_AT_MOST}", code="too-many-pages")
    return document


def _open_image(body: bytes) -> Document:
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, with a word of its own
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # what came of a page that broke off is read, and said to be damaged
    warnings.filterwarnings("ignore", module="PIL")  # of tags that broke off; what that does to a page is seen there
    try:
        image = Image.open(io.BytesIO(body), formats=("TIFF", "PNG", "JPEG"))
        count = getattr(image, "n_frames", 1)
    except (UnidentifiedImageError, OSError, SyntaxError, TypeError, ValueError, KeyError, EOFError, MemoryError):
        raise Unreadable("the document is not a picture that can be opened", code="broken-image") from None
    return Document(count, lambda number: _frame(image, number))


def _frame(image: Image.Image, number: int) -> Picture:
    place = f"page {number}"
    try:
        image.seek(number - 1)
        _check_size(*image.size, place)
        dots = image.info.get("dpi") or ()
        grey = np.array(image.convert("L"))
    except (OSError, SyntaxError, TypeError, ValueError, KeyError, EOFError, IndexError):
        raise Unreadable("the page is broken", code="broken-page", path=place) from None
    return Picture(grey, _stretch(image.size, dots), _is_damaged(image))


def _is_damaged(image: Image.Image) -> bool:
    """Whether the strips of a TIFF reach beyond the end of the file."""
    tags = getattr(image, "tag_v2", {})
    offsets, sizes = tags.get(273, ()), tags.get(279, ())
    file = getattr(image, "fp", None)
    size = file.seek(0, io.SEEK_END) if file else math.inf
    return any(offset + length > size for offset, length in zip(offsets, sizes, strict=False))


def _stretch(size: tuple[int, int], dots: Any) -> float:
    """From the resolution that the picture states; one that states none has the width of a fax and too few lines."""
    across, down = (float(dots[0] or 0), float(dots[1] or 0)) if len(dots) == 2 else (0.0, 0.0)
    if across > 1 and down > 1 and not math.isclose(across, down, rel_tol=0.01):
        return min(max(across / down, 0.25), 4.0)
    wide, tall = size
    by_width = any(abs(wide - width) <= width * 0.01 for width in FAX_WIDTHS)
    return 2.0 if by_width and tall < wide * 0.9 else 1.0


def _open_pdf(body: bytes) -> Document:
    try:
        document = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
            raise Unreadable("the document is encrypted: a password is needed", code="password-needed") from None
        raise Unreadable("the document is not a PDF that can be opened", code="broken-pdf") from None
    return Document(len(document), lambda number: _drawn(document, number))


def _drawn(document: pdfium.PdfDocument, number: int) -> Picture:
    place = f"page {number}"
    try:
        page = document[number - 1]
        scale = DRAWN_AT / 72
        _check_size(round(page.get_width() * scale), round(page.get_height() * scale), place)
        grey = np.array(page.render(scale=scale, grayscale=True).to_numpy())
    except pdfium.PdfiumError:
        raise Unreadable("the page cannot be drawn", code="broken-page", path=place) from None
    return Picture(grey.reshape(grey.shape[0], grey.shape[1]))


def _check_size(wide: int, tall: int, place: str) -> None:
    if wide * tall > PIXELS_AT_MOST:
        reason = f"the page has {wide} × {tall} dots, more than {PIXELS_AT_MOST // 1_000_000} million"
        raise Unreadable(reason, code="too-many-pixels", path=place)
    if wide < 16 or tall < 16:
        raise Unreadable(f"the page has only {wide} × {tall} dots", code="broken-page", path=place)

"""The program that reads the text layer of a PDF: the document on standard input, JSON on standard output.

The answer is ``{"pages": [[[text, box], …], …]}``, or ``{"error": {"reason", "code", "path"}}`` for what cannot be
read.
"""

import sys
from collections.abc import Iterator

import orjson
import pypdfium2 as pdfium

from hub.errors import Unreadable
from hub.ocr.confinement import allow_cpu, confine_memory
from hub.ports import Box

PAGES_AT_MOST = 2000
CHARACTERS_AT_MOST = 10_000_000
"""Of all pages together: a library of text, but no answer that fills the memory of whoever asked."""


def pages(body: bytes) -> list[list[tuple[str, Box]]]:
    """The lines of each page, top to bottom. Raises ``Unreadable`` for what is no PDF or needs a password."""
    document = _open(body)
    try:
        if len(document) > PAGES_AT_MOST:
            reason = f"the document has {len(document)} pages, more than {PAGES_AT_MOST}"
            raise Unreadable(reason, code="too-many-pages")
        return list(_pages(document))
    finally:
        document.close()


def _pages(document: pdfium.PdfDocument) -> Iterator[list[tuple[str, Box]]]:
    left = CHARACTERS_AT_MOST
    for index in range(len(document)):
        lines = _lines(document, index)
        left -= sum(len(text) for text, _ in lines)
        if left < 0:
            reason = f"the document has more than {CHARACTERS_AT_MOST} characters"
            raise Unreadable(reason, code="too-costly", path=f"page {index + 1}")
        yield lines


def _open(body: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
            raise Unreadable("the document is encrypted: a password is needed", code="password-needed") from None
        # also a document without pages, which PDFium does not open either
        raise Unreadable("the document is not a PDF that can be opened", code="broken-pdf") from None


def _lines(document: pdfium.PdfDocument, index: int) -> list[tuple[str, Box]]:
    """What stands together on one height, from the left; PDFium gives runs of characters of one font."""
    try:
        page = document[index]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        raise Unreadable("the page cannot be read", code="broken-pdf", path=f"page {index + 1}") from None
    try:
        if text.count_chars() > CHARACTERS_AT_MOST:
            raise Unreadable("the page has too many characters", code="too-costly", path=f"page {index + 1}")
        return list(_placed(text, *page.get_size()))
    finally:
        text.close()
        page.close()


def _placed(text: pdfium.PdfTextPage, wide: float, tall: float) -> Iterator[tuple[str, Box]]:
    """The page's lines in the order in which PDFium reads them, each with the box of its characters."""
    at = 0
    whole = str(text.get_text_range())
    for line in whole.splitlines(keepends=True):
        if words := line.strip():
            first = at + line.index(words[0])
            boxes = [text.get_charbox(index) for index in (first, *range(first + 1, first + len(words)))]
            left, bottom = min(b[0] for b in boxes), min(b[1] for b in boxes)
            right, top = max(b[2] for b in boxes), max(b[3] for b in boxes)
            yield words, Box(left / wide, 1 - top / tall, right / wide, 1 - bottom / tall)
        at += len(line)


def main() -> None:
    """Reads, and answers."""
    confine_memory()
    allow_cpu(int(sys.argv[1]))
    try:
        answer: dict[str, object] = {"pages": pages(sys.stdin.buffer.read())}
    except Unreadable as error:
        answer = {"error": {"reason": str(error), "code": error.code, "path": error.path}}
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()

"""The program that reads the text layer of a PDF: the document on standard input, JSON on standard output.

The answer is ``{"pages": [[line, …], …]}``, or ``{"error": {"reason", "code", "path"}}`` for what cannot be read.
"""

import sys
from collections.abc import Iterator

import orjson
import pypdfium2 as pdfium

from hub.errors import Unreadable
from hub.ocr.confinement import confine_myself

PAGES_AT_MOST = 2000
CHARACTERS_AT_MOST = 10_000_000
"""Of all pages together: a library of text, but no answer that fills the memory of whoever asked."""


def pages(body: bytes) -> list[list[str]]:
    """The lines of each page, top to bottom. Raises ``Unreadable`` for what is no PDF or needs a password."""
    document = _open(body)
    try:
        if len(document) > PAGES_AT_MOST:
            reason = f"the document has {len(document)} pages, more than {PAGES_AT_MOST}"
            raise Unreadable(reason, code="too-many-pages")
        return list(_pages(document))
    finally:
        document.close()


def _pages(document: pdfium.PdfDocument) -> Iterator[list[str]]:
    left = CHARACTERS_AT_MOST
    for index in range(len(document)):
        written = _text(document, index)
        left -= len(written)
        if left < 0:
            reason = f"the document has more than {CHARACTERS_AT_MOST} characters"
            raise Unreadable(reason, code="too-costly", path=f"page {index + 1}")
        yield [line for raw in written.splitlines() if (line := raw.strip())]


def _open(body: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
            raise Unreadable("the document is encrypted: a password is needed", code="password-needed") from None
        # also a document without pages, which PDFium does not open either
        raise Unreadable("the document is not a PDF that can be opened", code="broken-pdf") from None


def _text(document: pdfium.PdfDocument, index: int) -> str:
    try:
        page = document[index]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        raise Unreadable("the page cannot be read", code="broken-pdf", path=f"page {index + 1}") from None
    try:
        return str(text.get_text_bounded())
    finally:
        text.close()
        page.close()


def main() -> None:
    """Reads, and answers."""
    confine_myself(int(sys.argv[1]))
    try:
        answer: dict[str, object] = {"pages": pages(sys.stdin.buffer.read())}
    except Unreadable as error:
        answer = {"error": {"reason": str(error), "code": error.code, "path": error.path}}
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()

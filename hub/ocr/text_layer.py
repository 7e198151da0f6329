"""The text layer of a PDF: no recognition, the characters as the document carries them."""

import pypdfium2 as pdfium

from hub.errors import Unreadable
from hub.ports import Page
from hub.registry import Kind, plugin

PAGES_AT_MOST = 2000


@plugin(Kind.OCR, "application/pdf")
class TextLayer:
    """Reads the text layer of PDF documents.

    A page without text gives a page without lines. An encrypted document opens with the empty password only.
    """

    def read(self, body: bytes) -> tuple[Page, ...]:
        """The pages in order. Raises ``Unreadable`` for what is no PDF, needs a password, or has no pages."""
        document = _open(body)
        try:
            if len(document) > PAGES_AT_MOST:
                reason = f"the document has {len(document)} pages, more than {PAGES_AT_MOST}"
                raise Unreadable(reason, code="too-many-pages")
            return tuple(Page(i + 1, _lines(document, i)) for i in range(len(document)))
        finally:
            document.close()


def _open(body: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium.raw.FPDF_ERR_PASSWORD:
            raise Unreadable("the document is encrypted: a password is needed", code="password-needed") from None
        # also a document without pages, which PDFium does not open either
        raise Unreadable("the document is not a PDF that can be opened", code="broken-pdf") from None


def _lines(document: pdfium.PdfDocument, index: int) -> tuple[str, ...]:
    try:
        page = document[index]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        raise Unreadable("the page cannot be read", code="broken-pdf", path=f"page {index + 1}") from None
    try:
        written = text.get_text_bounded()
    finally:
        text.close()
        page.close()
    return tuple(line for raw in written.splitlines() if (line := raw.strip()))

"""The text layer of a PDF: no recognition, the characters as the document carries them."""

from hub.errors import Unreadable
from hub.ocr.confinement import CPU_SECONDS, confined
from hub.ports import Page
from hub.registry import Kind, plugin

PROGRAM = "hub.ocr.pdf_text"


@plugin(Kind.OCR, "application/pdf")
class TextLayer:
    """Reads the text layer of PDF documents.

    A page without text gives a page without lines. An encrypted document opens with the empty password only.
    """

    cpu_seconds = CPU_SECONDS

    def read(self, body: bytes) -> tuple[Page, ...]:
        """The pages in order. Raises ``Unreadable`` for what is no PDF, needs a password, has no pages, or takes more
        time or memory than a document should."""
        answer = confined(PROGRAM, body, self.cpu_seconds)
        if error := answer.get("error"):
            raise Unreadable(error["reason"], code=error["code"], path=error["path"])
        return tuple(Page(number, tuple(lines)) for number, lines in enumerate(answer["pages"], 1))

"""The text layer of a PDF: no recognition, the characters as the document carries them."""

from collections.abc import Sequence

from hub.errors import Unreadable
from hub.ocr.confinement import CPU_SECONDS, confined
from hub.ports import Box, Line, Page
from hub.registry import Kind, plugin

PROGRAM = "hub.ocr.pdf_text"


@plugin(Kind.OCR, "text_layer")
class TextLayer:
    """Reads the text layer of PDF documents.

    A page without text gives a page without lines. An encrypted document opens with the empty password only.
    """

    name = "text_layer"
    media_types = frozenset({"application/pdf"})
    cpu_seconds = CPU_SECONDS
    available = True

    def count(self, body: bytes) -> int:
        """How many pages the document has. Raises ``Unreadable``."""
        return len(self.read(body))

    def close(self) -> None:
        """Nothing waits: each document has a process of its own."""

    def read(self, body: bytes, numbers: Sequence[int] = ()) -> tuple[Page, ...]:
        """The pages in order. Raises ``Unreadable`` for what is no PDF, needs a password, has no pages, or takes more
        time or memory than a document should."""
        answer = confined(PROGRAM, body, self.cpu_seconds)
        if error := answer.get("error"):
            raise Unreadable(error["reason"], code=error["code"], path=error["path"])
        pages = (
            Page(number, tuple(Line(text, Box(**box)) for text, box in lines), self.name)
            for number, lines in enumerate(answer["pages"], 1)
        )
        return tuple(page for page in pages if not numbers or page.number in numbers)

"""The cover sheet of a referral as a PDF: what a practice that has nothing but a fax machine gets, and sends back in
front of its note. The QR code on it (``referral_code``) says which referral the pages belong to."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

MARGIN, CODE_SIZE, LABEL_WIDTH = 20 * mm, 50 * mm, 40 * mm
FONT, BOLD, SIZE, LEADING = "Helvetica", "Helvetica-Bold", 12, 16


@dataclass(frozen=True, slots=True)
class CoverSheet:
    """What stands on the sheet: a ``title``, lines of label and text, the text of the ``code``, and what the receiver
    is asked to do with it."""

    title: str
    lines: Sequence[tuple[str, str]]
    code: str
    instruction: str


def cover_sheet(sheet: CoverSheet) -> bytes:
    """The sheet as a PDF of one page (US letter); the same sheet gives the same bytes. What the font has no sign for
    (beyond Windows-1252) stands as a question mark."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=LETTER, invariant=True)
    canvas.setTitle(sheet.title)
    width, height = LETTER
    _code(canvas, sheet.code, width - MARGIN - CODE_SIZE, height - MARGIN - CODE_SIZE)
    canvas.setFont(BOLD, 20)
    canvas.drawString(MARGIN, height - MARGIN - 20, _printable(sheet.title))
    at = _lines(canvas, sheet.lines, height - MARGIN - CODE_SIZE - 2 * LEADING)
    canvas.setFont(BOLD, SIZE)
    for line in simpleSplit(_printable(sheet.instruction), BOLD, SIZE, width - 2 * MARGIN):
        at -= LEADING
        canvas.drawString(MARGIN, at, line)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _code(canvas: Canvas, text: str, x: float, y: float) -> None:
    """Level Q of error correction: a fax loses dots, and a fold loses more."""
    widget = QrCodeWidget(text, barLevel="Q", barWidth=CODE_SIZE, barHeight=CODE_SIZE, barBorder=4)
    drawing = Drawing(CODE_SIZE, CODE_SIZE)
    drawing.add(widget)
    drawing.drawOn(canvas, x, y)


def _lines(canvas: Canvas, lines: Sequence[tuple[str, str]], at: float) -> float:
    width = LETTER[0] - 2 * MARGIN - LABEL_WIDTH
    for label, text in lines:
        canvas.setFont(BOLD, SIZE)
        canvas.drawString(MARGIN, at, label)
        canvas.setFont(FONT, SIZE)
        for line in simpleSplit(_printable(text), FONT, SIZE, width) or [""]:
            canvas.drawString(MARGIN + LABEL_WIDTH, at, line)
            at -= LEADING
    return at


def _printable(text: str) -> str:
    return text.encode("cp1252", "replace").decode("cp1252")

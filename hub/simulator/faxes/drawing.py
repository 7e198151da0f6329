"""A document drawn onto letter pages in a style: letterhead, labels, grids, tables, fonts and sizes differ."""

import io
from dataclasses import dataclass, field
from random import Random

from reportlab.lib.pagesizes import letter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from hub.simulator.faxes.content import Content
from hub.simulator.faxes.truth import Drawn

WIDTH, HEIGHT = letter
FONTS = (
    ("Helvetica", "Helvetica-Bold"),
    ("Times-Roman", "Times-Bold"),
    ("Courier", "Courier-Bold"),
    ("Helvetica", "Helvetica-Bold"),
)
PAIRS = ("rows", "column", "grid", "table", "stacked", "inline")


@dataclass(frozen=True, slots=True)
class Style:
    """How one sender's pages look. Lengths in points."""

    font: str
    bold: str
    size: float
    margin: float
    letterhead: str
    pairs: str
    about: str
    colon: str
    title_first: bool

    @classmethod
    def of(cls, rng: Random) -> "Style":
        font, bold = rng.choice(FONTS)
        return cls(
            font=font,
            bold=bold,
            size=rng.choice((9.5, 10, 11, 12)),
            margin=rng.uniform(40, 72),
            letterhead=rng.choice(("left", "center", "right", "line")),
            pairs=rng.choice(PAIRS),
            about=rng.choice(("rows", "column", "inline", "grid")),
            colon=rng.choice((":", ":", ":", " :", "")) if font != "Courier" else ":",
            title_first=rng.random() < 0.2,
        )


@dataclass(slots=True)
class Sheets:
    """The pages under the pen; ``drawn`` is what stands on each."""

    style: Style
    canvas: Canvas
    drawn: list[list[Drawn]] = field(default_factory=lambda: [[]])
    y: float = 0.0

    def text(self, x: float, words: str, bold: bool = False, size: float = 0.0) -> float:
        """Draws at the present line; returns where it ends."""
        font, size = (self.style.bold if bold else self.style.font), size or self.style.size
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.y, words)
        end = float(x + stringWidth(words, font, size))
        if words.strip():
            top, bottom = 1 - (self.y + 0.75 * size) / HEIGHT, 1 - (self.y - 0.2 * size) / HEIGHT
            self.drawn[-1].append(Drawn(words, x / WIDTH, top, end / WIDTH, bottom))
        return end

    def down(self, lines: float = 1.0) -> None:
        """Goes down, to the next page where this one is full."""
        self.y -= lines * self.style.size * 1.35
        if self.y < 50:
            self.next_page()

    def next_page(self) -> None:
        self.canvas.showPage()
        self.drawn.append([])
        self.y = HEIGHT - 70

    def wide(self, words: str, bold: bool = False) -> float:
        return float(stringWidth(words, self.style.bold if bold else self.style.font, self.style.size))


def draw(documents: list[Content], styles: list[Style]) -> tuple[bytes, list[list[Drawn]], list[int]]:
    """The PDF of all documents, what is drawn on each page, and the first page of each document."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=letter, invariant=1)
    sheets = Sheets(styles[0], canvas)
    firsts: list[int] = []
    for number, (document, style) in enumerate(zip(documents, styles, strict=True)):
        sheets.style = style
        if number:
            sheets.next_page()
        sheets.y = HEIGHT - 60
        firsts.append(len(sheets.drawn))
        _document(sheets, document)
    canvas.save()
    return file.getvalue(), sheets.drawn, firsts


def _document(sheets: Sheets, content: Content) -> None:
    style = sheets.style
    if style.title_first:
        _title(sheets, content.title)
        _letterhead(sheets, content)
    else:
        _letterhead(sheets, content)
        _title(sheets, content.title)
    for pairs, how in ((content.patient, style.pairs), (content.about, style.about)):
        if pairs:
            _PAIRS[how](sheets, pairs)
            sheets.down(0.8)
    if content.table:
        _rows(sheets, content.table)
    for heading, lines in content.sections:
        sheets.text(style.margin, heading + (":" if style.colon and len(heading) < 12 else ""), bold=True)
        sheets.down()
        for line in lines:
            _wrapped(sheets, line)
        sheets.down(0.6)
    if content.signature:
        sheets.down()
        _wrapped(sheets, content.signature)


def _letterhead(sheets: Sheets, content: Content) -> None:
    style = sheets.style
    lines = [
        content.sender,
        "120 Main Street, Kingston, NY 12401",
        f"Phone: {content.sender_phone}  Fax: (845) 555-0199",
    ]
    for number, line in enumerate(lines):
        size = style.size + 4 if number == 0 else style.size - 1
        wide = stringWidth(line, style.bold if number == 0 else style.font, size)
        x = {"left": style.margin, "center": (WIDTH - wide) / 2, "right": WIDTH - style.margin - wide}
        sheets.text(x.get(style.letterhead, style.margin), line, bold=number == 0, size=size)
        sheets.down()
    if style.letterhead == "line":
        sheets.canvas.line(style.margin, sheets.y + 8, WIDTH - style.margin, sheets.y + 8)
    sheets.down(0.6)


def _title(sheets: Sheets, title: str) -> None:
    size = sheets.style.size + 5
    wide = stringWidth(title, sheets.style.bold, size)
    sheets.text((WIDTH - wide) / 2, title, bold=True, size=size)
    sheets.down(2)


def _by_rows(sheets: Sheets, pairs: list[tuple[str, str]]) -> None:
    """Two pairs on a line, each in its half of the page."""
    style = sheets.style
    half = (WIDTH - 2 * style.margin) / 2
    column = 0
    for label, value in pairs:
        wide = sheets.wide(f"{label}{style.colon}  {value}  ") > half
        if wide and column:
            sheets.down()
            column = 0
        end = sheets.text(style.margin + column * half, label + style.colon, bold=True)
        sheets.text(end + 6, value)
        column = 0 if wide or column else 1
        if not column:
            sheets.down(1.1)
    if column:
        sheets.down(1.1)


def _by_column(sheets: Sheets, pairs: list[tuple[str, str]]) -> None:
    """A pair on each line, the values under one another."""
    tab = max(sheets.wide(label, bold=True) for label, _ in pairs) + 24
    for label, value in pairs:
        sheets.text(sheets.style.margin, label + sheets.style.colon)
        sheets.text(sheets.style.margin + tab, value)
        sheets.down(1.1)


def _by_grid(sheets: Sheets, pairs: list[tuple[str, str]]) -> None:
    """Boxes of a form: a small label above its value, two boxes side by side."""
    style = sheets.style
    half, tall = (WIDTH - 2 * style.margin) / 2, style.size * 2.6
    for start in range(0, len(pairs), 2):
        if sheets.y - tall < 60:
            sheets.next_page()
        top = sheets.y + style.size
        for column, (label, value) in enumerate(pairs[start : start + 2]):
            left = style.margin + column * half
            sheets.canvas.rect(left, top - tall, half, tall)
            sheets.y = top - style.size
            sheets.text(left + 4, label, size=style.size - 2)
            sheets.y = top - style.size * 2.3
            sheets.text(left + 4, value)
        sheets.y = top - tall - style.size
    sheets.down(0.4)


def _by_table(sheets: Sheets, pairs: list[tuple[str, str]]) -> None:
    """A head of labels and one row of values, three columns at a time."""
    style = sheets.style
    third = (WIDTH - 2 * style.margin) / 3
    for start in range(0, len(pairs), 3):
        part = pairs[start : start + 3]
        if any(sheets.wide(value) > third - 8 for _, value in part):
            _by_column(sheets, part)
            continue
        for bold, texts in ((True, [label for label, _ in part]), (False, [value for _, value in part])):
            for column, words in enumerate(texts):
                sheets.text(style.margin + column * third, words, bold=bold)
            sheets.down(1.2)


def _stacked(sheets: Sheets, pairs: list[tuple[str, str]]) -> None:
    """A label, and its value on the line below."""
    for label, value in pairs:
        sheets.text(sheets.style.margin, label + sheets.style.colon, bold=True)
        sheets.down()
        sheets.text(sheets.style.margin + 10, value)
        sheets.down(1.2)


def _inline(sheets: Sheets, pairs: list[tuple[str, str]]) -> None:
    """Pairs one after another, as in ``Patient: A  DOB: B``."""
    style = sheets.style
    x = style.margin
    for label, value in pairs:
        words = f"{label}: {value}"
        if x > style.margin and x + sheets.wide(words) > WIDTH - style.margin:
            sheets.down(1.1)
            x = style.margin
        x = sheets.text(x, words) + sheets.wide("    ")
    sheets.down(1.1)


_PAIRS = {
    "rows": _by_rows,
    "column": _by_column,
    "grid": _by_grid,
    "table": _by_table,
    "stacked": _stacked,
    "inline": _inline,
}


def _rows(sheets: Sheets, rows: list[tuple[str, ...]]) -> None:
    columns = (0.0, 0.3, 0.45, 0.56, 0.75)
    wide = WIDTH - 2 * sheets.style.margin
    for number, row in enumerate(rows):
        for share, cell in zip(columns, row, strict=True):
            sheets.text(sheets.style.margin + share * wide, cell, bold=number == 0)
        sheets.down(1.2)
    sheets.down(0.6)


def _wrapped(sheets: Sheets, words: str) -> None:
    style = sheets.style
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if sheets.wide(longer) > WIDTH - 2 * style.margin:
            sheets.text(style.margin, line)
            sheets.down()
            longer = word
        line = longer
    sheets.text(style.margin, line)
    sheets.down()

"""Lines on a page → labels with their values, by where these stand: beside the label, to its right, or below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.formats.fax.labels import Label, labels_in, section_of
from hub.ports import Box, Line, Page

INLINE, RIGHT, BELOW = "inline", "right", "below"
METHODS = {INLINE: 1.0, RIGHT: 0.98, BELOW: 0.96}
"""How far each place is to be trusted."""
REACH = 3.2
"""Heights of a line within which a value below its label stands."""


_PAGE_AT_END = re.compile(r"\b(?:page|pg|p)\s?[.:]?\s?\d{1,3}(?:\s?(?:/|of)\s?\d{1,3})?\W*$", re.IGNORECASE)
_SENT = re.compile(r"\d[:.]\d\d|\bfrom\b|\bfax\b|\d{3}\W?\d{4}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what stands beside it. ``score`` is how well the label does and the place is trusted, ``sure`` the
    confidence of the line that was read, ``label`` where the label stands and ``box`` where the value does."""

    key: str
    value: str
    page: int
    box: Box
    label: Box
    score: float
    sure: float
    method: str
    decided: bool
    """Whether it is a label without doubt; else only a value of the right kind makes it one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A line with its labels."""

    line: Line
    labels: tuple[Label, ...]

    @property
    def alone(self) -> bool:
        """Whether the line is a label and nothing else."""
        return len(self.labels) == 1 and not self.line.text[self.labels[0].end :].strip(" :._")

    @property
    def middle(self) -> float:
        return (self.line.box.top + self.line.box.bottom) / 2

    @property
    def height(self) -> float:
        return max(self.line.box.bottom - self.line.box.top, 0.005)


def cells_of(page: Page) -> list[Cell]:
    """The lines of a page with their labels; those that are not the page's own (see ``is_transport``) left out."""
    return [Cell(line, tuple(labels_in(line.text))) for line in page.lines if not is_transport(line)]


def is_transport(line: Line) -> bool:
    """Whether a line is what the sending machine printed along the edge of the page: time, number, page."""
    if 0.045 < line.box.top < 0.965:
        return False
    return bool(_PAGE_AT_END.search(line.text) and _SENT.search(line.text))


def pairs_of(page: Page, cells: Sequence[Cell]) -> Iterator[Pair]:
    """Every label of the page with its value, in reading order."""
    for cell in cells:
        ends = [*(label.start for label in cell.labels[1:]), len(cell.line.text)]
        for label, end in zip(cell.labels, ends, strict=False):
            value = cell.line.text[label.end : end].strip(" ,;|_:")
            if value:
                yield _pair(
                    label, value, page=page.number, at=cell.line, line=cell.line, method=INLINE, part=(label.end, end)
                )
            elif label is cell.labels[-1] and label.sure and (found := _beside(cell, label, cells)):
                method, line = found
                yield _pair(label, line.text.strip(" ,;|_"), page=page.number, at=cell.line, line=line, method=method)


def sections_of(cells: Sequence[Cell]) -> Iterator[tuple[str, Box]]:
    """The headings of the parts of a form, with whom each part is about."""
    for cell in cells:
        if owner := section_of(cell.line.text):
            yield owner, cell.line.box


def _pair(
    label: Label, value: str, *, page: int, at: Line, line: Line, method: str, part: tuple[int, int] | None = None
) -> Pair:
    box = _part(line, *part) if part else line.box
    sure = min(at.confidence, line.confidence)
    score = label.score * METHODS[method]
    return Pair(label.key, value, page, box, _part(at, label.start, label.end), score, sure, method, label.sure)


def _part(line: Line, start: int, end: int) -> Box:
    """Where characters of a line stand: letters are taken for equally wide."""
    wide, count = line.box.right - line.box.left, max(len(line.text), 1)
    left, right = line.box.left + wide * start / count, line.box.left + wide * min(end, count) / count
    return Box(round(left, 4), line.box.top, round(right, 4), line.box.bottom)


def _beside(cell: Cell, label: Label, cells: Sequence[Cell]) -> tuple[str, Line] | None:
    """The value to the right of a label, unless a label stands there; else the one below."""
    right = _right(cell, cells)
    if right and not _is_label(right):
        return RIGHT, right.line
    below = _below(cell, label, cells)
    return (BELOW, below.line) if below and not _is_label(below) else None


def _is_label(cell: Cell) -> bool:
    return bool(cell.labels) and cell.labels[0].start == 0 and (cell.labels[0].sure or cell.alone)


def _right(cell: Cell, cells: Sequence[Cell]) -> Cell | None:
    level = (
        other
        for other in cells
        if other is not cell
        and abs(other.middle - cell.middle) < 0.6 * min(cell.height, other.height)
        and other.line.box.left >= cell.line.box.right - 0.01
    )
    return min(level, key=lambda other: other.line.box.left, default=None)


def _below(cell: Cell, label: Label, cells: Sequence[Cell]) -> Cell | None:
    start = _part(cell.line, label.start, label.end).left
    tall = cell.height
    under = (
        other
        for other in cells
        if 0.3 * tall < other.middle - cell.middle < REACH * tall
        and other.line.box.left < start + 0.12
        and other.line.box.right > start - 0.01
        and abs(other.line.box.left - start) < 0.12
    )
    return min(
        under, key=lambda other: (round(other.middle - cell.middle, 2), abs(other.line.box.left - start)), default=None
    )

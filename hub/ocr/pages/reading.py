"""One picture → one page: prepared, upright, its lines in reading order, its barcodes."""

import statistics

import zxingcpp

from hub.ocr.pages.decoding import Picture
from hub.ocr.pages.engines import Engine, Pixels
from hub.ocr.pages.preparation import is_blank, prepared, turned
from hub.ports import Line, Page

UPRIGHT = 0.8
"""Mean confidence of the lines of a page that stands upright; upside down it has 0.7 at most."""
ENOUGH = 3
"""Lines from which a page's mean confidence says anything."""


def read_page(picture: Picture, number: int, engine: Engine, name: str) -> Page:
    """A blank page has no lines."""
    upright = prepared(picture.pixels, picture.stretch)
    if is_blank(upright):
        return Page(number, (), name)
    turn, lines = _best_turn(upright, engine)
    return Page(number, _in_order(lines), name, _codes(upright), turn)


def upright_picture(picture: Picture, turn: int) -> Pixels:
    """The page as it was read: what boxes refer to."""
    return turned(prepared(picture.pixels, picture.stretch), turn)


def _best_turn(page: Pixels, engine: Engine) -> tuple[int, list[Line]]:
    """As it came, if that reads well; else the other way up, else on its sides."""
    tried = {0: engine(page)}
    for turn in (180, 90, 270):
        if max(map(_sure, tried.values())) >= UPRIGHT:
            break
        tried[turn] = engine(turned(page, turn))
    best = max(tried, key=lambda turn: _sure(tried[turn]) * min(len(tried[turn]), ENOUGH))
    return best, tried[best]


def _sure(lines: list[Line]) -> float:
    return statistics.fmean(line.confidence for line in lines) if lines else 0.0


def _in_order(lines: list[Line]) -> tuple[Line, ...]:
    """By rows from the top, and in a row from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.box.top + one.box.bottom):
        middle = (line.box.top + line.box.bottom) / 2
        if rows and middle < rows[-1][0].box.bottom and middle > rows[-1][0].box.top:
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda one: one.box.left))


def _codes(page: Pixels) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.text for code in zxingcpp.read_barcodes(page) if code.valid and code.text))

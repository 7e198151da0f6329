"""Engines that recognise the characters of a prepared page: each gives lines with boxes and confidences."""

import csv
import io
import subprocess
import unicodedata
from collections.abc import Callable
from typing import Any, TypeAlias

import cv2
import numpy as np

from hub.ports import Box, Line

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Engine: TypeAlias = Callable[[Pixels], list[Line]]

_RAPIDOCR: dict[str, Any] = {
    "Global.log_level": "error",
    "Global.use_cls": False,  # the way up is found by the page, not by the line
    "Global.max_side_len": 4000,
    "Det.limit_type": "max",
    "Det.limit_side_len": 1600,  # lines are found on a smaller copy, in half the time, and read from the page itself
    "Rec.rec_batch_num": 1,  # lines of one batch are filled up to the longest
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
WIDE_GAP, WIDE_GAP_IN_CAPITALS = 0.7, 1.1
"""Share of a letter's width from which a gap before a capital is a blank. The places of letters are those of equally
wide ones, so that gaps within a word are as wide beside an ``m``."""
_WIDE_LETTERS = frozenset("mwMW%@")


def rapidocr() -> Engine:
    """PP-OCR by ONNX Runtime, with the models that RapidOCR's package holds, on one thread."""
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    engine = RapidOCR(params=_RAPIDOCR)

    def read(pixels: Pixels) -> list[Line]:
        found: Any = engine(pixels, return_word_box=True, return_single_char_box=True)
        if found.boxes is None or found.txts is None:
            return []
        tall, wide = pixels.shape
        return [
            Line(_folded(_spaced(text, letters)), _box(corners, wide, tall), round(float(score), 4))
            for corners, text, score, letters in zip(
                found.boxes, found.txts, found.scores, found.word_results, strict=True
            )
            if text.strip()
        ]

    return read


def tesseract() -> Engine:
    """Tesseract's own program, on one thread; it wants a page without specks, enlarged and a little blurred."""

    def read(pixels: Pixels) -> list[Line]:
        large = cv2.GaussianBlur(cv2.resize(pixels, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC), (0, 0), 0.8)
        picture = cv2.imencode(".png", large)[1].tobytes()
        command = ["tesseract", "stdin", "stdout", "--dpi", "300", "--psm", "11", "tsv"]
        done = subprocess.run(command, input=picture, capture_output=True, check=True)  # noqa: S603 - from PATH
        return _tesseract_lines(done.stdout.decode("utf-8", "replace"), large.shape[1], large.shape[0])

    return read


ENGINES: dict[str, Callable[[], Engine]] = {"rapidocr": rapidocr, "tesseract": tesseract}


def _box(corners: Any, wide: int, tall: int) -> Box:
    across, down = corners[:, 0], corners[:, 1]
    edges = (across.min() / wide, down.min() / tall, across.max() / wide, down.max() / tall)
    return Box(*(round(min(max(float(edge), 0.0), 1.0), 4) for edge in edges))


def _spaced(text: str, letters: Any) -> str:
    """With the blanks that recognition left out, where letters stand too far apart: ``HAROLDJ`` is two words."""
    places = [corners for _, _, corners in letters]
    if len(places) != sum(not c.isspace() for c in text) or len(places) < 2:
        return text
    left, right = [corners[0][0] for corners in places], [corners[1][0] for corners in places]
    pitch = float(np.median(np.subtract(right, left))) or 1.0
    made, at = "", 0
    for before, letter in zip(" " + text, text, strict=False):
        if letter.isspace():
            made += letter
            continue
        begins = letter.isupper() and before.isalnum() and before not in _WIDE_LETTERS
        least = WIDE_GAP_IN_CAPITALS if before.isupper() else WIDE_GAP
        wide = at > 0 and begins and left[at] - right[at - 1] > least * pitch
        made += f" {letter}" if wide else letter
        at += 1
    return made


def _folded(text: str) -> str:
    """Without marks that no Western European language puts on its letters: the models know many more languages, and
    take a speck for a mark."""
    return "".join(_letter(one) for one in text).strip()


def _letter(one: str) -> str:
    if one.isascii():
        return one
    try:
        one.encode("cp1252")
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", one)[0]
        return plain if plain.isascii() else one
    return one


def _tesseract_lines(table: str, wide: int, tall: int) -> list[Line]:
    """Words of one line, joined: Tesseract's table has a row a word."""
    lines: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["text"] and row["text"].strip() and float(row["conf"]) >= 0:
            lines.setdefault((row["block_num"], row["par_num"], row["line_num"]), []).append(row)
    return [_joined(words, wide, tall) for words in lines.values()]


def _joined(words: list[dict[str, str]], wide: int, tall: int) -> Line:
    edges = [[int(word[side]) for side in ("left", "top", "width", "height")] for word in words]
    box = Box(
        min(left for left, *_ in edges) / wide,
        min(top for _, top, *_ in edges) / tall,
        max(left + width for left, _, width, _ in edges) / wide,
        max(top + height for _, top, _, height in edges) / tall,
    )
    sure = sum(float(word["conf"]) * len(word["text"]) for word in words) / sum(len(word["text"]) for word in words)
    return Line(" ".join(word["text"] for word in words), box, round(sure / 100, 4))

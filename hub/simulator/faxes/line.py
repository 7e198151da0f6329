"""What a scanner and a telephone line make of a page: two colours, few dots, skew, specks, streaks (ITU-T T.4)."""

import io
from dataclasses import dataclass
from random import Random
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
ACROSS = 204
"""Dots an inch across; down the page a fax has 196 (fine) or 98 (standard)."""


@dataclass(frozen=True, slots=True)
class Noise:
    """``blur`` in dots, ``specks`` a page, ``skew`` at most in degrees, ``streaks`` at most, ``grain`` of grey."""

    blur: float
    specks: int
    skew: float
    streaks: int
    grain: float


NOISE = {
    "clean": Noise(0, 0, 0, 0, 0),
    "light": Noise(0.6, 600, 0.4, 0, 10),
    "medium": Noise(0.9, 10_000, 1.0, 1, 28),
    "poor": Noise(1.0, 20_000, 1.6, 3, 36),
}


def spoil(pdf: bytes, down: int, noise: Noise, *, turned: list[int], rng: Random, header: str = "") -> list[Pixels]:
    """The pages as a fax machine gets them, 0 is black; ``down`` is dots an inch down the page."""
    document = pdfium.PdfDocument(pdf)
    made = []
    for number, page in enumerate(document):
        grey = np.array(page.render(scale=ACROSS / 72, grayscale=True).to_numpy())
        grey = grey.reshape(grey.shape[0], grey.shape[1])
        shown = f"{header}  P.{number + 1:02}/{len(document):02}" if header else ""
        made.append(_spoil(grey, down, noise, turned=turned[number], rng=rng, header=shown))
    document.close()
    return made


def tiff(pages: list[Pixels], down: int, compression: str = "group4") -> bytes:
    """A TIFF of several pages; ``compression`` is ``group3`` or ``group4`` (Pillow's names)."""
    images = [Image.fromarray(page).convert("1") for page in pages]
    file = io.BytesIO()
    images[0].save(file, "TIFF", compression=compression, dpi=(ACROSS, down), save_all=True, append_images=images[1:])
    return file.getvalue()


def scanned_pdf(pages: list[Pixels], down: int) -> bytes:
    """A PDF of pictures, as many fax servers store faxes."""
    images = [Image.fromarray(page).resize((page.shape[1], page.shape[0] * ACROSS // down)) for page in pages]
    file = io.BytesIO()
    undated = {"creationDate": None, "modDate": None}  # the same pages, the same bytes
    images[0].save(file, "PDF", resolution=ACROSS, save_all=True, append_images=images[1:], **undated)
    return file.getvalue()


def _spoil(grey: Pixels, down: int, noise: Noise, *, turned: int, rng: Random, header: str) -> Pixels:
    random = np.random.default_rng(rng.randrange(2**32))
    grey = np.rot90(grey, turned // 90).copy()
    tall, wide = grey.shape
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), rng.uniform(-noise.skew, noise.skew), 1)
    grey = cv2.warpAffine(grey, turn, (wide, tall), borderValue=255).astype(np.uint8)
    grey = cv2.resize(grey, (wide, tall * down // ACROSS), interpolation=cv2.INTER_AREA).astype(np.uint8)
    if noise.blur:
        grey = cv2.GaussianBlur(grey, (0, 0), noise.blur, sigmaY=noise.blur * down / ACROSS).astype(np.uint8)
    shades = grey + random.normal(0, noise.grain, grey.shape) if noise.grain else grey
    page = np.where(shades < 150, 0, 255).astype(np.uint8)
    if header:
        _stamp(page, header)
    _specks(page, noise.specks, random)
    for _ in range(rng.randrange(noise.streaks + 1)):
        left = rng.randrange(wide)
        page[random.random(page.shape[0]) < 0.85, left : left + rng.randrange(1, 3)] = 0
    return page


def _specks(page: Pixels, count: int, random: np.random.Generator) -> None:
    tall, wide = page.shape
    rows, columns = random.integers(0, tall, count), random.integers(0, wide, count)
    page[rows, columns] = np.where(random.random(count) < 0.7, 0, 255)


def _stamp(page: Pixels, header: str) -> None:
    """The line that the sending machine prints above the page."""
    strip = Image.new("L", (page.shape[1], 34), 255)
    ImageDraw.Draw(strip).text((60, 4), header, fill=0, font=ImageFont.load_default(22))
    down = 34 * page.shape[0] * 17 // (page.shape[1] * 22)
    page[: max(down, 12)] = cv2.resize(np.array(strip), (page.shape[1], max(down, 12)), interpolation=cv2.INTER_AREA)
    page[: max(down, 12)] = np.where(page[: max(down, 12)] < 150, 0, 255)

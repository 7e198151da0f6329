"""A page made readable, by pure functions: square dots first, then what its noise calls for, then upright.

A page is an array of grey (0 is black); none of these changes the array that it is given.
"""

from typing import Any

import cv2
import numpy as np

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

SPECK = 3
"""Dots of a speck at most, on a page with square dots of about 200 an inch."""
NOISY = 15_000
"""Specks of a page from which they harm more than removing them does; a page of 200 dots an inch has 3.7 million."""
SKEW_AT_MOST = 5.0
"""Degrees. What stands more askew is no page that slipped in the feeder."""


def prepared(pixels: Pixels, stretch: float = 1.0) -> Pixels:
    """Square, without streaks, without specks where there are many, and level."""
    page = destreaked(squared(pixels, stretch))
    if specks(page) > NOISY * page.size / 3_740_000:
        page = despeckled(page)
    return levelled(page)


def squared(pixels: Pixels, stretch: float) -> Pixels:
    """As many dots an inch down as across; lines are added, none is lost."""
    if abs(stretch - 1) < 0.01:
        return pixels
    tall, wide = pixels.shape
    size = (wide, round(tall * stretch)) if stretch > 1 else (round(wide / stretch), tall)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def specks(pixels: Pixels) -> int:
    """How many spots of a few dots the page has."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(_ink(pixels), connectivity=8)
    return int(np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] <= SPECK))


def despeckled(pixels: Pixels) -> Pixels:
    """Without spots of a few dots; holes of one dot in letters are filled."""
    ink = _ink(pixels)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= SPECK
    small[0] = False
    cleaned = pixels.copy()
    cleaned[small[labels]] = 255
    return cv2.medianBlur(cleaned, 3).astype(np.uint8)


def destreaked(pixels: Pixels) -> Pixels:
    """Without the thin lines down the whole page that dirt on a scanner's glass draws; lines of forms stay, which end
    before the page does, and so do letters where a streak crosses them."""
    ink = _ink(pixels)
    tall = ink.shape[0]
    dense = ink.mean(axis=0) > 0.5
    if not dense.any() or dense.mean() > 0.05:
        return pixels
    cleaned = pixels.copy()
    for column in np.flatnonzero(dense):
        beside = _beside(dense, int(column))
        if beside is None:
            continue
        left, right = ink[:, beside[0]], ink[:, beside[1]]
        crossed = (left & right).astype(bool)  # ink on both sides: a stroke of a letter goes through
        cleaned[~crossed & (np.ones(tall) > 0), column] = 255
    return cleaned


def _beside(dense: "np.ndarray[Any, np.dtype[np.bool_]]", column: int) -> tuple[int, int] | None:
    """The nearest columns on both sides without a streak; none where the dark part is wide (an edge, a picture)."""
    left, right = column - 1, column + 1
    while left >= 0 and dense[left]:
        left -= 1
    while right < len(dense) and dense[right]:
        right += 1
    return (left, right) if left >= 0 and right < len(dense) and right - left <= 7 else None


def levelled(pixels: Pixels) -> Pixels:
    """Turned by the little that its lines of text are askew."""
    angle = skew(pixels)
    if abs(angle) < 0.1:
        return pixels
    tall, wide = pixels.shape
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle, 1.0)
    return cv2.warpAffine(pixels, turn, (wide, tall), flags=cv2.INTER_LINEAR, borderValue=(255,)).astype(np.uint8)


def skew(pixels: Pixels) -> float:
    """Degrees, counter-clockwise, by which the page must be turned for its lines to lie level: where the sums of ink by
    row differ most. Looked for on a small copy, first coarsely."""
    scale = 600 / max(pixels.shape)
    small = cv2.resize(_ink(pixels) * 255, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if not small.any():
        return 0.0
    coarse = max(np.arange(-SKEW_AT_MOST, SKEW_AT_MOST + 0.1, 0.5), key=lambda a: _sharpness(small, a))
    fine = max(np.arange(coarse - 0.4, coarse + 0.41, 0.1), key=lambda a: _sharpness(small, a))
    return float(fine) if _sharpness(small, fine) > 1.02 * _sharpness(small, 0.0) else 0.0


def turned(pixels: Pixels, degrees: int) -> Pixels:
    """Turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -degrees // 90))


def is_blank(pixels: Pixels) -> bool:
    """Whether there is hardly any ink: less than 1 in 5,000 dots once specks are gone."""
    return bool(_ink(cv2.medianBlur(pixels, 3).astype(np.uint8)).mean() < 0.0002)


def _sharpness(small: Any, angle: float) -> float:
    tall, wide = small.shape
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), float(angle), 1.0)
    rows = cv2.warpAffine(small, turn, (wide, tall)).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())


def _ink(pixels: Pixels) -> Pixels:
    return (pixels < 128).astype(np.uint8)

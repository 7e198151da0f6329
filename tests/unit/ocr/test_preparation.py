import cv2
import numpy as np
import pytest

from hub.ocr.pages.preparation import (
    despeckled,
    destreaked,
    is_blank,
    levelled,
    prepared,
    skew,
    specks,
    squared,
    turned,
)


def page(tall: int = 1100, wide: int = 850) -> np.ndarray:
    """Twelve lines of words on white."""
    pixels = np.full((tall, wide), 255, np.uint8)
    for row in range(12):
        cv2.putText(pixels, "Patient name and birth date", (60, 80 + row * 60), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    return pixels


def test_dots_become_square() -> None:
    """A page of 98 lines an inch gets twice as many; one that is square stays as it is."""
    assert squared(page(550), 2.0).shape == (1100, 850)
    assert squared(page(), 1.0).shape == (1100, 850)


def test_specks_go_and_letters_stay() -> None:
    """Spots of a few dots are taken away, strokes of letters are not."""
    noisy = page()
    rng = np.random.default_rng(1)
    noisy[rng.integers(0, 1100, 3000), rng.integers(0, 850, 3000)] = 0
    assert specks(noisy) > 2000
    cleaned = despeckled(noisy)
    assert specks(cleaned) < 20
    assert abs(int((cleaned < 128).sum()) - int((page() < 128).sum())) < 0.15 * (page() < 128).sum()


def test_a_streak_goes_and_a_border_stays() -> None:
    """A thin line down the whole page is dirt on the glass; the line of a form, which ends before it, is not."""
    streaked = page()
    streaked[:, 400:402] = 0
    streaked[300:600, 700:702] = 0
    cleaned = destreaked(streaked)
    assert (cleaned[850:, 400:402] == 255).all()
    assert (cleaned[300:600, 700:702] == 0).all()


@pytest.mark.parametrize("angle", [-2.0, -0.7, 0.7, 2.0])
def test_a_page_that_slipped_is_levelled(angle: float) -> None:
    """A page that is askew by a little is turned back, and then is level."""
    turn = cv2.getRotationMatrix2D((425, 550), angle, 1)
    askew = cv2.warpAffine(page(), turn, (850, 1100), borderValue=(255,))
    assert skew(askew) == pytest.approx(-angle, abs=0.25)
    assert abs(skew(levelled(askew))) < 0.25


def test_a_level_page_is_left_alone() -> None:
    """What needs nothing is not touched."""
    assert (prepared(page()) == page()).all()


def test_four_turns_are_none() -> None:
    """A quarter turn, four times, gives the page back; it is clockwise."""
    once = turned(page(), 90)
    assert once.shape == (850, 1100)
    assert (turned(turned(turned(once, 90), 90), 90) == page()).all()
    assert (turned(np.array([[1, 2], [3, 4]], np.uint8), 90) == [[3, 1], [4, 2]]).all()


def test_blank_pages() -> None:
    """A page with a few specks is blank, one with words is not."""
    blank = np.full((1100, 850), 255, np.uint8)
    blank[::97, ::89] = 0
    assert is_blank(blank)
    assert not is_blank(page())

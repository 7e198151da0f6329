"""Recognition itself: a few pages, because each takes seconds."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from hub.errors import Unreadable
from hub.ocr.rapidocr import RapidOcr
from hub.ocr.tesseract import Tesseract
from hub.simulator.faxes import faxes


@pytest.fixture(scope="module")
def engine() -> Iterator[RapidOcr]:
    engine = RapidOcr()
    if not engine.available:
        pytest.skip("the extra fax is not installed")
    yield engine
    engine.close()


def test_a_fax_is_read_upside_down_too(engine: RapidOcr) -> None:
    """A page of a synthetic fax gives its words, whichever way up it went into the machine."""
    (fax,) = (fax for fax in faxes(3, 2, "standard", "clean") if fax.name.startswith("fax-0002"))
    page = Image.open(io.BytesIO(fax.body))
    page.rotate(180).save(out := io.BytesIO(), "TIFF", compression="group4", dpi=page.info["dpi"])
    (read,) = engine.read(out.getvalue(), [1])
    wanted = {drawn.text for drawn in fax.pages[0].drawn}
    assert read.turned == (180 + fax.pages[0].turned) % 360
    squeezed = read.text.replace(" ", "").casefold()
    found = [text for text in wanted if text.replace(" ", "").casefold() in squeezed]
    assert len(found) >= 0.8 * len(wanted)


def test_a_blank_page_is_not_guessed(engine: RapidOcr) -> None:
    """A page with nothing on it has no lines."""
    Image.new("1", (1728, 2200), 1).save(out := io.BytesIO(), "TIFF", compression="group4")
    assert [page.lines for page in engine.read(out.getvalue())] == [()]


def test_what_costs_too_much_ends(engine: RapidOcr) -> None:
    """A page that takes more processor time than allowed is unreadable, and the next one is read."""
    hurried = RapidOcr()
    hurried.cpu_seconds = 0
    body = next(iter(faxes(3, 1, "fine", "clean"))).body
    with pytest.raises(Unreadable) as caught:
        hurried.read(body, [1])
    assert caught.value.code == "too-costly"
    assert hurried.count(body) > 0
    hurried.close()


def test_a_broken_file_disturbs_nobody(engine: RapidOcr) -> None:
    """What is no picture is unreadable by the same program that reads the next one."""
    with pytest.raises(Unreadable):
        engine.read(b"II*\x00nothing")
    assert engine.count(next(iter(faxes(3, 1, "fine", "clean"))).body) > 0


def test_the_fallback_says_whether_it_is_there() -> None:
    """Tesseract reads where its program is installed, and is left out where it is not."""
    engine = Tesseract()
    if not engine.available:
        pytest.skip("tesseract is not installed")
    fax = next(iter(faxes(3, 1, "fine", "clean")))
    assert engine.read(fax.body, [1])[0].lines
    engine.close()

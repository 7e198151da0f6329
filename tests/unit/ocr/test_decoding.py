import io
import struct
import zlib

import pytest
from PIL import Image

from hub.errors import Unreadable
from hub.ocr.pages.decoding import PAGES_AT_MOST, open_document


def picture(form: str, size: tuple[int, int] = (1728, 1078), pages: int = 1, **how: object) -> bytes:
    """Black over white, ``pages`` times."""
    image = Image.new("1", size, 1)
    image.paste(0, (0, 0, size[0], size[1] // 4))
    more = {"save_all": True, "append_images": [image] * (pages - 1)} if pages > 1 else {}
    image.save(out := io.BytesIO(), form, **more, **how)
    return out.getvalue()


@pytest.mark.parametrize("compression", ["group3", "group4", "packbits", "tiff_lzw"])
def test_a_fax_has_dots_that_are_not_square(compression: str) -> None:
    """A TIFF of 204 × 98 dots an inch says by how much, in whatever way it is packed."""
    document = open_document(picture("TIFF", pages=3, compression=compression, dpi=(204, 98)))
    page = document.picture(2)
    assert document.count == 3
    assert page.stretch == pytest.approx(204 / 98, rel=0.01)
    assert (page.pixels[0, 0], page.pixels[-1, -1]) == (0, 255)
    assert not page.damaged


def test_a_fax_that_does_not_say_its_resolution() -> None:
    """As wide as a fax and too few lines for a page: twice as many dots across as down."""
    assert open_document(picture("TIFF", compression="group4")).picture(1).stretch == 2.0
    assert open_document(picture("TIFF", (1728, 2200), compression="group4")).picture(1).stretch == 1.0


@pytest.mark.parametrize("form", ["PNG", "JPEG", "PDF"])
def test_other_pictures(form: str) -> None:
    """PNG, JPEG and PDFs of pictures have square dots."""
    page = open_document(picture(form, (850, 1100))).picture(1)
    assert page.stretch == 1.0
    assert page.pixels[2, 2] < 128 < page.pixels[-3, -3]


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"II*\x00", b"MM\x00*\x00\x00\x00\x08", b"\x89PNG\r\n\x1a\n", picture("TIFF")[:60], b"%PDF-1.4"],
)
def test_what_is_no_picture(body: bytes) -> None:
    """Anything that does not open is unreadable, with a reason."""
    with pytest.raises(Unreadable):
        open_document(body).picture(1)


def test_a_page_that_broke_off_is_kept() -> None:
    """A TIFF whose last strip is cut keeps what came of it, and says that it is damaged."""
    whole = picture("TIFF", compression="group4", dpi=(204, 98))
    noisy = Image.effect_noise((1728, 1078), 90).convert("1")
    noisy.save(out := io.BytesIO(), "TIFF", compression="group4")
    body = out.getvalue()
    offset = struct.unpack("<I", body[4:8])[0]
    if offset > len(body) // 2:  # the directory is last: without it nothing is there
        with pytest.raises(Unreadable):
            open_document(body[: len(body) // 2]).picture(1)
    else:
        assert open_document(body[: len(body) * 3 // 4]).picture(1).damaged
    assert not open_document(whole).picture(1).damaged


def test_a_bomb_is_stopped_before_it_is_unpacked() -> None:
    """A picture that says it has more dots than any page is refused by its head alone."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10))) + chunk(b"IEND", b"")
    with pytest.raises(Unreadable, match="more than 30 million") as caught:
        open_document(bomb).picture(1)
    assert (caught.value.code, caught.value.path) == ("too-many-pixels", "page 1")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_a_library_is_no_fax() -> None:
    """A document of very many pages is refused."""
    many = picture("TIFF", (32, 32), pages=PAGES_AT_MOST + 1, compression="group4")
    with pytest.raises(Unreadable) as caught:
        open_document(many)
    assert caught.value.code == "too-many-pages"

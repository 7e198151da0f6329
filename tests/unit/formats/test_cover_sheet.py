import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from hub.formats.cover_sheet import CoverSheet, cover_sheet
from hub.formats.referral_code import ReferralCode, decode, encode

CODE = ReferralCode("0f8fad5b-d9cb-469f-a165-70867728950e", "REF-2207")
LINES = [("To", "Dr. Laura Love, Love Cardiology Group"), ("Patient", "Harold Andrews"), ("Question", "Dyspnea? " * 40)]


def sheet(**more: object) -> bytes:
    known = {"title": "Referral REF-2207", "lines": LINES, "code": encode(CODE), "instruction": "Send it back. " * 20}
    return cover_sheet(CoverSheet(**{**known, **more}))  # type: ignore[arg-type]


def page(pdf: bytes) -> pypdfium2.PdfPage:
    (only,) = pypdfium2.PdfDocument(pdf)
    return only


@pytest.mark.parametrize("lines_an_inch", [300, 204, 98])
def test_the_code_is_read_from_a_fax(lines_an_inch: int) -> None:
    """The code on the sheet is read again, in black and white, down to the coarse lines of a fax."""
    image = page(sheet()).render(scale=lines_an_inch / 72).to_pil().convert("1")
    (found,) = zxingcpp.read_barcodes(image)
    assert decode(found.text) == CODE


def test_what_it_says_can_be_read() -> None:
    """The title and the lines stand on the sheet as text, long ones wrapped."""
    text = page(sheet()).get_textpage().get_text_range()
    assert "Referral REF-2207" in text
    assert "Dr. Laura Love, Love Cardiology Group" in text
    assert text.count("Dyspnea?") == 40


def test_the_same_sheet_is_the_same_file() -> None:
    """A sheet that is made again is the same, byte for byte."""
    assert sheet() == sheet()


@effort(max_examples=20, deadline=None)
@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_makes_a_sheet(label: str, text: str) -> None:
    """Whatever a sender calls his patients, there is a sheet."""
    assert sheet(lines=[("Patient", text)], title=label).startswith(b"%PDF")

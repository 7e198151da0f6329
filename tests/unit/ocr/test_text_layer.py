import zlib
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from hub.errors import Unreadable
from hub.ocr.text_layer import TextLayer


def pdf(*pages: tuple[str, ...], encrypt: StandardEncryption | None = None) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, encrypt=encrypt)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 720 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_pages_and_lines_in_order() -> None:
    """Each page has its number and its lines from top to bottom; a page without text has none."""
    document = pdf(("Consult note", "Patient: ANDREWS, Harold"), (), ("Plan",))
    pages = [(page.number, page.text) for page in TextLayer().read(document)]
    assert pages == [(1, "Consult note\nPatient: ANDREWS, Harold"), (2, ""), (3, "Plan")]


def test_where_a_line_stands() -> None:
    """A line's box is its share of the page, from the top left."""
    ((line,),) = (page.lines for page in TextLayer().read(pdf(("Plan",))))
    assert (round(line.box.left, 2), round(line.box.bottom, 2)) == (round(72 / 595, 2), round(1 - 720 / 842, 2))
    assert line.box.left < line.box.right < 0.2
    assert line.box.top < line.box.bottom


def test_an_empty_password_opens() -> None:
    """A document that anyone may open is read although it is encrypted."""
    document = pdf(("Plan",), encrypt=StandardEncryption("", ownerPassword="owner", canPrint=0))
    assert [page.text for page in TextLayer().read(document)] == ["Plan"]


def test_a_password_that_nobody_gave() -> None:
    """An encrypted document says that its password is missing."""
    with pytest.raises(Unreadable, match="a password is needed") as caught:
        TextLayer().read(pdf(("Plan",), encrypt=StandardEncryption("secret")))
    assert caught.value.code == "password-needed"


def without_pages() -> bytes:
    out = BytesIO()
    with pdfium.PdfDocument.new() as document:
        document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("body", [b"", b"hello", pdf(("Plan",))[:200], b"%PDF-1.4\n%%EOF", without_pages()])
def test_what_is_no_pdf(body: bytes) -> None:
    """Anything that does not open as a PDF with pages is unreadable."""
    with pytest.raises(Unreadable) as caught:
        TextLayer().read(body)
    assert caught.value.code == "broken-pdf"


def test_a_document_that_never_ends() -> None:
    """A document that unpacks to more than its reader may spend is unreadable; whoever asked goes on."""
    reader = TextLayer()
    reader.cpu_seconds = 1
    with pytest.raises(Unreadable, match="more time or memory") as caught:
        reader.read(bomb())
    assert caught.value.code == "too-costly"


def bomb() -> bytes:
    """One page whose contents are ten million times the same letter, packed into half a megabyte."""
    content = zlib.compress(b"BT /F1 12 Tf 10 10 Td (x) Tj ET\n" * 10_000_000, 9)
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F1 %b>>>>>>" % font,
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(content), content),
    )
    numbered = b"".join(b"%d 0 obj%b\nendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + numbered + b"trailer<</Root 1 0 R>>\n%%EOF"

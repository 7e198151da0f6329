"""Scanned pages by Tesseract, where RapidOCR is not installed; the pages are prepared as for that (extra ``fax``)."""

import shutil
from importlib.util import find_spec

from hub.ocr.pictures import PictureReader
from hub.registry import Kind, plugin

NEEDED = ("cv2", "PIL", "zxingcpp", "numpy")


@plugin(Kind.OCR, "tesseract")
class Tesseract(PictureReader):
    """Reads pictures of pages with the program `tesseract`, where that is installed and `rapidocr` is not."""

    name = "tesseract"

    @property
    def available(self) -> bool:
        return shutil.which("tesseract") is not None and all(find_spec(module) for module in NEEDED)

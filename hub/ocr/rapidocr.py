"""Scanned pages by RapidOCR: PP-OCR's models on ONNX Runtime, both in their packages (extra ``fax``)."""

from importlib.util import find_spec

from hub.ocr.pictures import PictureReader
from hub.registry import Kind, plugin

NEEDED = ("rapidocr", "onnxruntime", "cv2", "PIL", "zxingcpp", "numpy")


@plugin(Kind.OCR, "rapidocr")
class RapidOcr(PictureReader):
    """Reads pictures of pages: TIFF, PNG, JPEG, and PDFs without a text layer. Needs the extra `fax`."""

    name = "rapidocr"

    @property
    def available(self) -> bool:
        return all(find_spec(module) for module in NEEDED)

"""The pages of a document, by the engines that are installed: a text layer first, pictures by recognition.

A page that has been read is not read again: what was read is kept by the hash of the document, the number of the page
and the engine.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import orjson

from hub import registry
from hub.errors import Unreadable
from hub.ports import Box, Line, Ocr, Page
from hub.registry import Kind

VERSION = "4"
"""Of what the engines make of a page; raised when preparation changes, so that pages are read anew."""
LETTERS = 30
"""A page of a PDF with fewer letters in its text layer is a picture, perhaps with a stamp."""
PREFERRED = ("rapidocr", "tesseract")
TEXT_LAYER = "text_layer"


class PageCache:
    """Pages that were read, in a folder: one file a page, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Page | None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            said = orjson.loads(self._file(key).read_bytes())
            lines = tuple(Line(one["text"], Box(**one["box"]), one["confidence"]) for one in said["lines"])
            return Page(said["number"], lines, said["engine"], tuple(said["codes"]), said["turned"])
        return None

    def put(self, key: str, page: Page) -> None:
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_suffix(f".{id(page)}.part")
        part.write_bytes(orjson.dumps(page))
        part.replace(file)

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"


class PageReader:
    """Reads documents with the first engine that can."""

    def __init__(self, engines: Iterable[Ocr], cache: PageCache | None = None) -> None:
        usable = {engine.name: engine for engine in engines if engine.available}
        self._text = usable.pop(TEXT_LAYER, None)
        self._pictures = sorted(usable.values(), key=lambda engine: (_rank(engine), engine.name))
        self._cache = cache

    def read(self, body: bytes, media_type: str) -> tuple[Page, ...]:
        """All pages in order. Raises ``Unreadable``, with the code ``no-reader`` where no engine is installed that
        reads such documents."""
        layer = self._layer(body, media_type)
        engine = next((one for one in self._pictures if media_type in one.media_types), None)
        if layer and all(_has_text(page) for page in layer):
            return layer
        if engine is None:
            return self._without_engine(layer, media_type)
        pictures = [page.number for page in layer if not _has_text(page)]
        read = {page.number: page for page in self._recognised(engine, body, pictures)}
        return tuple(_fuller(page, read.get(page.number)) for page in layer) or tuple(read.values())

    def close(self) -> None:
        """Ends the programs that wait for work."""
        for engine in self._pictures:
            engine.close()

    def _layer(self, body: bytes, media_type: str) -> tuple[Page, ...]:
        readable = self._text and media_type in self._text.media_types
        return self._text.read(body) if self._text and readable else ()

    def _without_engine(self, layer: tuple[Page, ...], media_type: str) -> tuple[Page, ...]:
        if any(page.lines for page in layer):
            return layer
        if layer:
            reason = "no text layer, and no engine that reads scanned pages is installed: install the extra fax"
            raise Unreadable(reason, code="no-reader")
        raise Unreadable(f"no reader for documents of type {media_type} is installed", code="no-reader")

    def _recognised(self, engine: Ocr, body: bytes, numbers: list[int]) -> Iterable[Page]:
        document = hashlib.sha256(body).hexdigest()
        wanted = numbers or range(1, engine.count(body) + 1)
        known = {number: self._kept(document, number, engine) for number in wanted}
        if missing := [number for number in wanted if known[number] is None]:
            for page in engine.read(body, missing):
                known[page.number] = page
                if self._cache:
                    self._cache.put(_key(document, page.number, engine), page)
        return [page for page in known.values() if page]

    def _kept(self, document: str, number: int, engine: Ocr) -> Page | None:
        return self._cache.get(_key(document, number, engine)) if self._cache else None


@cache
def shared_reader() -> PageReader:
    """The reader of those who only look at files: one for the whole process, without a cache."""
    return page_reader()


def page_reader(kept: PageCache | None = None) -> PageReader:
    """A reader with all engines that are installed."""
    registry.load_all()
    return PageReader((plugin.factory() for plugin in registry.plugins(Kind.OCR)), kept)


def _rank(engine: Ocr) -> int:
    return PREFERRED.index(engine.name) if engine.name in PREFERRED else len(PREFERRED)


def _key(document: str, number: int, engine: Ocr) -> str:
    return hashlib.sha256(f"{document}/{number}/{engine.name}/{VERSION}".encode()).hexdigest()


def _has_text(page: Page) -> bool:
    return sum(character.isalnum() for character in page.text) >= LETTERS


def _fuller(layer: Page, recognised: Page | None) -> Page:
    """What was recognised, unless the text layer says more."""
    return recognised if recognised and len(recognised.text) >= len(layer.text) else layer

"""Pictures of pages, read by programs of their own: what the engines that recognise characters have in common."""

import base64
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import LifoQueue
from typing import Any

from hub.errors import Unreadable
from hub.ocr.confinement import Worker
from hub.ports import Box, Line, Page

PROGRAM = "hub.ocr.pages"
MEDIA_TYPES = frozenset({"application/pdf", "image/tiff", "image/png", "image/jpeg"})
CPU_SECONDS = 60
"""Of one page; an ordinary one takes 2 to 5, one that is read in all four directions four times that."""
MEMORY = 3 * 1024 * 1024 * 1024
"""Bytes of address space, of which models and a page of letter size fill a third."""
WALL_SECONDS = 180.0
AT_ONCE = 2
"""Pages that are read side by side, each by a program on one thread."""


class PictureReader:
    """Reads pages with the engine of the program that has this ``name``. Its programs start with the first page."""

    name = ""
    media_types = MEDIA_TYPES
    cpu_seconds = CPU_SECONDS

    def __init__(self) -> None:
        self._idle: LifoQueue[Worker] = LifoQueue()
        self._room = threading.Semaphore(AT_ONCE)

    def read(self, body: bytes, numbers: Sequence[int] = ()) -> tuple[Page, ...]:
        """The pages of those numbers; all of them where none is named. Raises ``Unreadable``; a page that breaks off
        keeps the pages before it."""
        wanted = numbers or range(1, self.count(body) + 1)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return tuple(pool.map(lambda number: self._page(body, number), wanted))

    def count(self, body: bytes) -> int:
        """How many pages the document has. Raises ``Unreadable``."""
        return int(self._ask({"page": 0}, body)["count"])

    def picture(self, body: bytes, number: int, turned: int) -> bytes:
        """The page as it was read, as PNG. Raises ``Unreadable``."""
        return base64.b64decode(self._ask({"page": number, "turned": turned}, body)["picture"])

    def close(self) -> None:
        """Ends the programs that wait for work."""
        while not self._idle.empty():
            self._idle.get().close()

    def _page(self, body: bytes, number: int) -> Page:
        said = self._ask({"page": number}, body)["page"]
        lines = tuple(Line(one["text"], Box(**one["box"]), one["confidence"]) for one in said["lines"])
        return Page(number, lines, said["engine"], tuple(said["codes"]), said["turned"])

    def _ask(self, job: dict[str, Any], body: bytes) -> Any:
        with self._worker() as worker:
            answer = worker.ask({"engine": self.name, "cpu": self.cpu_seconds, **job}, body)
        if error := answer.get("error"):
            raise Unreadable(error["reason"], code=error["code"], path=error.get("path", ""))
        return answer

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        with self._room:
            worker = Worker(PROGRAM, MEMORY, WALL_SECONDS) if self._idle.empty() else self._idle.get()
            try:
                yield worker
            finally:
                self._idle.put(worker)

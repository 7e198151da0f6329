"""The program that reads pictures of pages: jobs on standard input, answers on standard output, until it is closed.

A job is a line of JSON, ``{"engine", "page", "size", "cpu"}``, and ``size`` bytes of the document; ``page`` is 0 for
the number of pages alone. With ``"turned"`` the picture is wanted, not its text. An answer is a line of JSON:
``{"count", "page"}``, ``{"picture"}`` (PNG, base64) or ``{"error": {"reason", "code", "path"}}``.
"""

import base64
import functools
import sys
from typing import Any

import cv2
import orjson

from hub.errors import Unreadable
from hub.ocr.confinement import allow_cpu, confine_memory
from hub.ocr.pages.decoding import open_document
from hub.ocr.pages.engines import ENGINES, Engine
from hub.ocr.pages.reading import read_page, upright_picture


@functools.cache
def _engine(name: str) -> Engine:
    return ENGINES[name]()


def answer(job: dict[str, Any], body: bytes) -> dict[str, Any]:
    """What is asked of one document."""
    try:
        document = open_document(body)
        if not job["page"]:
            return {"count": document.count}
        picture = document.picture(job["page"])
        if "turned" in job:
            png = cv2.imencode(".png", upright_picture(picture, job["turned"]))[1]
            return {"picture": base64.b64encode(png.tobytes()).decode()}
        page = read_page(picture, job["page"], _engine(job["engine"]), job["engine"])
    except Unreadable as error:
        return {"error": {"reason": str(error), "code": error.code, "path": error.path}}
    except (MemoryError, cv2.error):
        return {"error": {"reason": "the page takes more memory to read than any should", "code": "too-costly"}}
    return {"page": page, "damaged": picture.damaged}


def main() -> None:
    """Answers until its input ends. A document that takes too much processor time ends the program."""
    confine_memory(int(sys.argv[1]))
    while line := sys.stdin.buffer.readline():
        job = orjson.loads(line)
        allow_cpu(job["cpu"])
        sys.stdout.buffer.write(orjson.dumps(answer(job, sys.stdin.buffer.read(job["size"]))) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

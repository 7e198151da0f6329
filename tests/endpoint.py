"""A practice's own server: a real HTTP endpoint that remembers what it was posted and answers as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

import orjson

SECONDS = 20


@dataclass
class Posted:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Endpoint:
    """What came, and the statuses that are answered: those listed one by one, then ``otherwise``."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    otherwise: int = 200
    on_post: Callable[[Posted], None] = lambda _: None
    _changed: Condition = field(default_factory=Condition)

    def take(self, posted: Posted) -> int:
        self.on_post(posted)
        with self._changed:
            self.posted.append(posted)
            self._changed.notify_all()
            return self.statuses.pop(0) if self.statuses else self.otherwise

    def wait_for(self, count: int) -> list[Posted]:
        """The requests, once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.posted) >= count, SECONDS), f"{len(self.posted)} came"
            return list(self.posted)


@contextmanager
def listening() -> Iterator[Endpoint]:
    """Serves on a free port of loopback until the end of the block."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = endpoint.take(Posted(dict(self.headers.items()), body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join(SECONDS)

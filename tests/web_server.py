"""A real web server in a thread, for tests of the console."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

from tests.waiting import PATIENCE_SECONDS


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serves the application on a free port of loopback until the end of the block; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes connections before the server does
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()

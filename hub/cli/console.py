"""The web servers of the console and of the FHIR end: on sockets that are open before anything else, ready when they
answer."""

import errno
import os
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from hub.errors import PermanentError

GRACE_SECONDS = 5
"""How long a request under way may take when the hub stops."""


def listen(what: str, host: str, port: int, variable: str) -> socket.socket:
    """The socket of a server. Raises ``PermanentError`` naming the setting when its port cannot be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = f"the port is taken; set {variable} to another" if taken else os.strerror(error.errno or 0)
        raise PermanentError(f"no {what} on {host}:{port}: {why}") from None


def serve(app: Any, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serves until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE_SECONDS
    )
    _Server(config, ready).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

"""The console's web server: on a socket that is open before anything else, ready when it answers."""

import errno
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import uvicorn

from hub.errors import PermanentError

if TYPE_CHECKING:
    from hub.settings import Settings

GRACE_SECONDS = 5
"""How long a request under way may take when the hub stops."""


def listen(settings: "Settings") -> socket.socket:
    """The console's socket. Raises ``PermanentError`` naming the setting when its port cannot be had."""
    address = (settings.host, settings.http_port)
    try:
        return socket.create_server(address, family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "the port is taken; set HUB_HTTP_PORT to another" if taken else os.strerror(error.errno or 0)
        raise PermanentError(f"no console on {settings.host}:{settings.http_port}: {why}") from None


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

"""Clients that leave nothing open when they fail, which kafka-python (3.0.12) does: a socket for each attempt while a
broker is away, and a thread for each client that could not be made."""

import logging
import socket
from collections.abc import Callable
from typing import Any, TypeVar

from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

from hub.streams.kafka.address import Address

Client = TypeVar("Client")

logging.getLogger("kafka").setLevel(logging.CRITICAL)
"""What goes wrong comes as an error, and is told once; the client logs each of its attempts."""

_DIRECT = "direct://"
"""Told to the client as ``proxy_url``: by its scheme it finds the class below, as it finds those of its proxies."""


def opened(kind: Callable[..., Client], address: Address, **more: Any) -> Client:
    """A client of that class. Raises ``KafkaError``; then all of it is closed."""
    made: list[Any] = []

    def connect(**settings: Any) -> Any:
        made.append(KafkaNetClient(**settings))
        return made[-1]

    try:
        return kind(**address.connecting(), proxy_url=_DIRECT, kafka_client=connect, **more)
    except BaseException:
        for each in made:
            each.close()
        raise


class DirectSocket(KafkaNetSocket):  # type: ignore[misc]
    """A connection without a proxy."""

    SCHEMES = ("direct",)

    async def sock_connect(self, net: Any, sock: socket.socket, *where: Any, **how: Any) -> socket.socket:
        """The connected socket, or none that is left open."""
        try:
            connected: socket.socket = await super().sock_connect(net, sock, *where, **how)
        except BaseException:
            sock.close()
            raise
        return connected

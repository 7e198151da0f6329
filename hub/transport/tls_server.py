"""TLS of one connection on the serving side, between the socket and the protocol that is spoken over it.

The event loop's own TLS ends a connection as soon as its peer says that it will send nothing more. Here either side may
close its direction alone (RFC 8446, section 6.1): who half-closes after the last message still gets the answers.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from typing import Any, cast

_RECORD = 16384
"""Bytes of a TLS record at most."""


class TlsConnection(asyncio.Protocol):
    """Speaks TLS with the peer, and to ``inner`` as a bare connection would, once the handshake is done.

    A peer that has not finished its handshake after ``handshake_seconds`` is cut off.
    """

    def __init__(self, inner: asyncio.Protocol, context: ssl.SSLContext, handshake_seconds: float) -> None:
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._handshake_seconds = handshake_seconds
        self._deadline: asyncio.TimerHandle | None = None
        self._said_its_last = False
        self.transport: asyncio.Transport

    @property
    def _begun(self) -> bool:
        """Whether the handshake is done, and the inner protocol knows of the connection."""
        return self._deadline is None

    # --- called by the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        self._deadline = asyncio.get_running_loop().call_later(self._handshake_seconds, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        self._incoming.write(data)
        try:
            if not self._begun:
                self._shake_hands()
            if self._begun:
                self._read()
        except ssl.SSLError:
            self._flush()  # the alert that says why
            self.transport.close()

    def eof_received(self) -> bool:
        """The peer closed without a word of TLS; its last word may have come before."""
        if not self._begun:
            return False
        self._end()
        return not self.transport.is_closing()

    def pause_writing(self) -> None:
        if self._begun:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._begun:
            self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        else:
            self._inner.connection_lost(error)

    # --- called by the inner protocol, through its transport ---

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self._tls.write(data)
            self._flush()

    def close(self) -> None:
        """Says goodbye, and closes when everything is sent."""
        if not self.transport.is_closing():
            with contextlib.suppress(ssl.SSLError):  # the peer's own goodbye is not waited for
                self._tls.unwrap()
            self._flush()
            self.transport.close()

    def peer_certificate(self) -> Any:
        return self._tls.getpeercert()

    # --- TLS ---

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        finally:
            self._flush()
        assert self._deadline
        self._deadline.cancel()
        self._deadline = None
        self._inner.connection_made(_InnerTransport(self))

    def _read(self) -> None:
        if data := b"".join(self._records()):
            self._inner.data_received(data)
        self._flush()
        if self._said_its_last:
            self._inner.eof_received()

    def _records(self) -> Iterator[bytes]:
        """What can be read now."""
        while not self._said_its_last and (self._incoming.pending or self._tls.pending()):
            try:
                record = self._tls.read(_RECORD)
            except ssl.SSLWantReadError:
                return
            except ssl.SSLZeroReturnError:
                record = b""
            self._said_its_last = not record
            yield record

    def _end(self) -> None:
        if not self._said_its_last:
            self._said_its_last = True
            self._inner.eof_received()

    def _flush(self) -> None:
        if self._outgoing.pending and not self.transport.is_closing():
            self.transport.write(self._outgoing.read())


class _InnerTransport(asyncio.Transport):
    """What the inner protocol takes for its connection."""

    def __init__(self, connection: TlsConnection) -> None:
        super().__init__()
        self._connection = connection
        self._bare = connection.transport

    def write(self, data: Any) -> None:
        self._connection.write(data)

    def close(self) -> None:
        self._connection.close()

    def abort(self) -> None:
        self._bare.abort()

    def is_closing(self) -> bool:
        return self._bare.is_closing()

    def pause_reading(self) -> None:
        self._bare.pause_reading()

    def resume_reading(self) -> None:
        self._bare.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._connection.peer_certificate() if name == "peercert" else self._bare.get_extra_info(name, default)

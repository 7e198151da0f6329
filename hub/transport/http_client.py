"""Posting to somebody else's endpoint: one lasting connection, and addresses that may be posted to."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Self
from urllib.parse import urlsplit

from hub.errors import EndpointGone, EndpointUnavailable, Undeliverable

ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer that are read; the connection ends when there are more."""

REFUSED = frozenset({401, 403, 404, 405, 413, 415, 422})
"""Answers after which the same again is of no use; 429 and all others of 5xx mean later."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses may be posted to: those of the internet, and the ``networks`` that the site has named. Only
    within these ``http:`` will do."""

    networks: tuple[Network, ...] = ()
    everywhere: bool = False
    """The site itself has written the address down."""

    def check(self, address: IPv4Address | IPv6Address, scheme: str) -> None:
        """Raises ``Undeliverable`` for an address that may not be posted to."""
        mapped = getattr(address, "ipv4_mapped", None) or address
        if self.everywhere or any(mapped in network for network in self.networks):
            return
        if not mapped.is_global:
            raise Undeliverable(f"{address} is no address of the internet (HUB_PRIVATE_ENDPOINTS)")
        if scheme != "https":
            raise Undeliverable("an endpoint on the internet must be https")


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer and the beginning of its body."""

    status: int
    body: bytes


class HttpEndpoint:
    """One URL that is posted to, again and again. ``seconds`` is the deadline of each step of one request."""

    def __init__(
        self, url: str, reach: Reach, *, seconds: float = 10.0, headers: Mapping[str, str] | None = None
    ) -> None:
        parts = urlsplit(url)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._reach, self._seconds, self._headers = reach, seconds, dict(headers or {})
        self._connection: HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Posts; returns any answer of 2xx. Raises ``EndpointUnavailable`` when it may be tried again,
        ``EndpointGone`` for 410 and ``Undeliverable`` for another refusal. A redirection is not followed."""
        kept = self._connection is not None
        try:
            return self._judged(self._exchange(body, headers))
        except (OSError, HTTPException) as error:
            self.close()
            if not kept or isinstance(error, TimeoutError):
                raise EndpointUnavailable(_why(error)) from error
        try:  # the other side had closed a connection that was kept: that says nothing of it
            return self._judged(self._exchange(body, headers))
        except (OSError, HTTPException) as error:
            self.close()
            raise EndpointUnavailable(_why(error)) from error

    def close(self) -> None:
        """Ends the connection; the next post makes another."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        if self._connection is None:
            self._connection = self._connected()
        self._connection.request("POST", self._path, body, {**self._headers, **headers})
        response = self._connection.getresponse()
        answer = Answer(response.status, response.read(ANSWER_LIMIT))
        if not _ended(response):
            self.close()
        return answer

    def _connected(self) -> HTTPConnection:
        """A connection to an address that was checked itself, not looked up again (DNS rebinding)."""
        secure = self._scheme == "https"
        kind = HTTPSConnection if secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=self._seconds)
        plain = self._dialled()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=self._host) if secure else plain
        )
        return connection

    def _dialled(self) -> socket.socket:
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        addresses = [entry[4] for entry in found]
        for address in addresses:
            self._reach.check(ip_address(str(address[0]).partition("%")[0]), self._scheme)
        return socket.create_connection((str(addresses[0][0]), self._port), self._seconds)

    def _judged(self, answer: Answer) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        if answer.status == 410:
            raise EndpointGone("HTTP 410")
        if answer.status in REFUSED or 300 <= answer.status < 400:
            raise Undeliverable(f"HTTP {answer.status}")
        raise EndpointUnavailable(f"HTTP {answer.status}")


def check_reachable(url: str, reach: Reach) -> None:
    """Raises ``Undeliverable`` when the URL leads where may not be posted to, or nowhere."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Undeliverable(f"nobody knows the host {parts.hostname}") from None
    for entry in found:
        reach.check(ip_address(str(entry[4][0]).partition("%")[0]), parts.scheme)


def _ended(response: HTTPResponse) -> bool:
    return response.isclosed()


def _why(error: Exception) -> str:
    """In words, without what the other side may have said."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or type(error).__name__}"
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__

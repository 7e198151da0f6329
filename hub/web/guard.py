"""What stands before every page: who may call it, and what a browser may do with it.

The console has no login; it listens on loopback by default. What is left to refuse there is a web site that makes
the browser of somebody here call the console: under a name of its own (DNS rebinding), or from another origin.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.settings import Settings

log = structlog.get_logger()

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ANY_ADDRESS = "*"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site for a page of the console itself and for what its user typed."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def names_of(settings: Settings) -> frozenset[str]:
    """The hosts by which the console may be called. Where it listens on all addresses, any address is one of them:
    only a name can be made to point here by somebody else."""
    listening = settings.host.lower()
    everywhere = {ANY_ADDRESS} if listening in ("0.0.0.0", "::") else set()  # noqa: S104 - compared, not bound
    more = {name.strip().lower() for name in settings.console_names.split(",")} - {""}
    return LOOPBACK | {listening} | everywhere | more


class Guard:
    """Refuses foreign hosts and cross-site changes, answers what breaks, and adds the headers to every answer."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, private=not scope["path"].startswith("/static/"))
        refusal = self._refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - the last resort
            # the text of an unknown error may name a patient: only its class is logged
            log.error("console", error=type(error).__name__, method=scope["method"])  # noqa: TRY400
            if not answer.begun:
                await _line(500, "Something went wrong in the console.")(scope, receive, answer)

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if not self._known(host):
            return _line(421, "The console is not called by this host name (HUB_CONSOLE_NAMES).")
        if method not in SAFE_METHODS and not _same_site(host, headers):
            return _line(403, "A change must come from a page of the console.")
        return None

    def _known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (ANY_ADDRESS in self._names and _is_address(name))


class _Answer:
    """The way back, with the headers that every answer has."""

    def __init__(self, send: Send, *, private: bool) -> None:
        self._send = send
        self._headers = HEADERS | {"Cache-Control": "no-store" if private else "no-cache"}
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            MutableHeaders(scope=message).update(self._headers)
        await self._send(message)


def _same_site(host: str, headers: Headers) -> bool:
    """Whether the request comes from a page of this very origin; programs send neither header."""
    origin = headers.get("origin")
    if headers.get("sec-fetch-site", "same-origin") not in OWN_SITES:
        return False
    return origin is None or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _line(status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(f"{text}\n", status)

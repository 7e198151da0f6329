"""HTTP clients that wait as long as any test does: on a busy machine an answer may take longer than their own 5 s."""

from typing import Any

import httpx

from tests.waiting import PATIENCE_SECONDS


def http_client(url: str | httpx.URL, **given: Any) -> httpx.Client:
    """A client of the server at that address."""
    return httpx.Client(base_url=url, timeout=PATIENCE_SECONDS, **given)


def async_http_client(url: str | httpx.URL, **given: Any) -> httpx.AsyncClient:
    """The same on an event loop."""
    return httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, **given)

from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from hub.services.context import Hub
from hub.settings import load_settings
from hub.web import app
from hub.web.guard import names_of
from tests.unit.web.conftest import console
from tests.waiting import PATIENCE_SECONDS
from tests.web_server import serving

CHANGE = "/referrals/REF-2207/reopen"
"""A change that the state does not allow: 409 says that it got past the guard."""


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_change_from_another_site_is_refused(view: httpx.Client, headers: dict[str, str]) -> None:
    """A POST that another origin makes the browser send is answered 403 in one line, whichever header tells."""
    answer = view.post(CHANGE, headers=headers)
    assert (answer.status_code, answer.text) == (403, "A change must come from a page of the console.\n")


def test_a_change_from_the_console_is_taken(view: httpx.Client, running: str) -> None:
    """A page of the console, and a program that is no browser, may ask for changes."""
    for headers in ({}, {"Origin": running}, {"Origin": running, "Sec-Fetch-Site": "same-origin"}):
        assert view.post(CHANGE, headers=headers).status_code == 409


def test_both_headers_must_agree(view: httpx.Client, running: str) -> None:
    """A browser that calls the request cross-site is believed, whatever the origin says."""
    assert view.post(CHANGE, headers={"Origin": running, "Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_link_from_elsewhere_is_followed(view: httpx.Client) -> None:
    """Looking is allowed from wherever a link stood."""
    assert view.get("/tasks", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1", "", "[::1"]
)
def test_a_foreign_host_name_is_refused(view: httpx.Client, host: str) -> None:
    """A name that somebody else makes point here gets nothing, on any path."""
    for path in ("/", "/health", "/static/console.css"):
        answer = view.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert answer.text.count("\n") == 1


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"])
def test_loopback_has_its_names(view: httpx.Client, host: str) -> None:
    """Loopback is called by its names, with any port."""
    assert view.get("/health", headers={"Host": host}).status_code == 200


def test_more_names_are_a_setting(told: Hub) -> None:
    """The names of a reverse proxy are taken from the settings, and with them its origin."""
    settings = told.settings.model_copy(update={"console_names": "hub.example.org, other.example.org"})
    with serving(app(replace(told, settings=settings))) as address:
        named = {"Host": "hub.example.org"}
        assert httpx.get(f"{address}/health", timeout=PATIENCE_SECONDS, headers=named).status_code == 200
        from_there = named | {"Origin": "https://hub.example.org"}
        assert httpx.post(f"{address}{CHANGE}", timeout=PATIENCE_SECONDS, headers=from_there).status_code == 409


def test_a_console_that_listens_everywhere_is_called_by_address() -> None:
    """On all addresses any address will do, but not any name."""
    settings = load_settings().model_copy(update={"host": "0.0.0.0"})
    assert "*" in names_of(settings)
    assert "*" not in names_of(load_settings())


def test_every_answer_has_its_headers(view: httpx.Client) -> None:
    """No page runs anything but the console's own script, none is framed, none with a patient on it is kept."""
    for path, kept in {"/": "no-store", "/nothing": "no-store", "/static/console.css": "no-cache"}.items():
        headers = view.get(path).headers
        assert "script-src 'self'; style-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == kept


def test_pages_have_nothing_inline_and_nothing_from_elsewhere(view: httpx.Client) -> None:
    """Scripts and styles are files of the console."""
    page = view.get("/messages/MERCY-A03-1").text
    assert page.count("<script") == 1
    assert '<script src="/static/htmx-2.0.11.min.js" defer></script>' in page
    assert all(word not in page for word in ("style=", "onclick=", "<style", "//cdn", "https://unpkg"))
    for file in ("htmx-2.0.11.min.js", "console.css", "icon.svg"):
        assert view.get(f"/static/{file}").status_code == 200


def test_what_breaks_is_one_line_and_names_nobody(told: Hub) -> None:
    """An unknown error is answered 500 in one line and logged by its class alone."""

    def broken(*_: object) -> None:
        raise RuntimeError("Harold Andrews")

    with console(replace(told, clock=broken)) as client, capture_logs() as logs:  # type: ignore[arg-type]
        answer = client.get("/")
    assert (answer.status_code, answer.text) == (500, "Something went wrong in the console.\n")
    assert [entry["error"] for entry in logs] == ["AttributeError"]

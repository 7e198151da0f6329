"""A running hub that has been told most of the demo's story, and a real browser in front of its console."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from hub.demo.playing import play_step
from hub.demo.running import running_hub
from hub.demo.story import Confirm, Replay, Review, story
from hub.services.context import Hub

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REQUIRED = "HUB_TEST_BROWSER_REQUIRED"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MILLISECONDS = 15_000


@pytest.fixture(scope="module")
def executable() -> str:
    """Where Chromium is; without one the tests are skipped, or fail where it is required."""
    if CHROMIUM is None:
        assert not os.environ.get(REQUIRED), f"{REQUIRED} is set and there is no Chromium"
        pytest.skip("no Chromium on the path (Debian: apt-get install chromium)")
    return CHROMIUM


@pytest.fixture(scope="module")
def hub(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """All roles of a hub in processes of their own; the last note waits for somebody's decision."""
    with running_hub(tmp_path_factory.mktemp("browser")) as running:
        for step in (step for chapter in story() for step in chapter.steps):
            if not isinstance(step, Confirm | Review | Replay):
                play_step(step, running)
        yield running


@pytest.fixture(scope="module")
def chromium(executable: str, hub: Hub) -> Iterator[Browser]:
    """Chromium, without a window and without calls of its own. While it is there an event loop runs in this thread:
    what needs another, like the playing of the story, comes before."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, hub: Hub, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page on the console. The test fails on any error of the page, be it a script's or a resource that is missing
    or that the content security policy refuses."""
    options = getattr(request, "param", {})
    context = chromium.new_context(base_url=f"http://{hub.settings.host}:{hub.settings.http_port}", **options)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if _is_error(message) else None)
    yield opened
    context.close()
    assert wrong == []


def _is_error(message: ConsoleMessage) -> bool:
    """Whether the browser complains of something else than an act that the hub refused."""
    return message.type == "error" and "409" not in message.text

"""Settings and the open hub, as commands use them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.services.context import Hub
    from hub.settings import Feed, Settings


def load_settings() -> "Settings":
    """The settings of this installation, with logging set up as they say."""
    from hub.services.operations import logs
    from hub.settings import load_settings

    settings = load_settings()
    logs.configure(settings.log_level)
    return settings


@contextmanager
def opened_hub() -> Iterator["Hub"]:
    """The hub of this installation, open for the time of one command."""
    from hub.wiring import open_hub

    hub = open_hub(load_settings())
    try:
        yield hub
    finally:
        hub.close()


def known_feed(name: str) -> "Feed":
    """The configuration of a feed. Raises ``NotFound`` for one that nobody configured."""
    from hub.errors import NotFound
    from hub.settings import load_settings, load_site

    site = load_site(load_settings())
    names = [feed.name for feed in site.feeds]
    if name and name not in names:
        raise NotFound(f"no feed is called {name!r}; there are: {', '.join(names)}")
    return site.feed(name or "any")

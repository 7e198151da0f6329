"""Which feeds share an adapter, and which of them a message belongs to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from pydantic import ValidationError

from hub import registry
from hub.errors import ConfigurationError
from hub.model import Format
from hub.registry import Kind, Plugin
from hub.settings import AdapterOptions, Feed, Settings, Site

ANY = "*"


@dataclass(frozen=True, slots=True)
class Inlet:
    """One place where messages come in: an adapter with its options and the feeds that share it."""

    plugin: Plugin
    options: AdapterOptions
    feeds: tuple[Feed, ...]


def inlets(site: Site, settings: Settings) -> list[Inlet]:
    """The inlets of a site. Raises ``ConfigurationError`` for wrong options and for feeds that claim one sender."""
    found: dict[tuple[str, str], Inlet] = {}
    for feed in site.feeds:
        plugin = registry.find(Kind.ADAPTER, feed.adapter.kind, file=f"feed {feed.name}", key="adapter.kind")
        options = _options(feed, plugin).settled(settings)
        for key, allowed in options.problems(feed):
            raise ConfigurationError(f"feed {feed.name}", key, allowed)
        inlet = found.setdefault((plugin.name, options.place), Inlet(plugin, options, ()))
        if inlet.options != options:
            raise ConfigurationError(
                f"feed {feed.name}", "adapter", f"{inlet.feeds[0].name} sets {options.place} otherwise"
            )
        _check_tokens(feed, inlet.feeds)
        rivals = inlet.feeds if options.by_sender else ()
        found[plugin.name, options.place] = replace(inlet, feeds=(*inlet.feeds, _unrivalled(feed, rivals)))
    return list(found.values())


def chooser(feeds: Iterable[Feed]) -> Callable[[str], Feed | None]:
    """For ``application|facility`` the feed that claims it: the pair itself before a pattern with ``*``, and both
    before the feed that names no senders; none when nobody takes it."""
    claims = [(sender.split("|", 1), feed) for feed in feeds for sender in feed.senders or ("*|*",)]
    claims.sort(key=lambda claim: claim[0].count(ANY))

    @lru_cache(maxsize=1024)
    def choose(sender: str) -> Feed | None:
        parts = sender.split("|", 1)
        return next((feed for claim, feed in claims if _covers(claim, parts)), None)

    return choose


def _covers(claim: list[str], sender: list[str]) -> bool:
    return all(wanted in (ANY, part) for wanted, part in zip(claim, sender, strict=True))


def _options(feed: Feed, plugin: Plugin) -> AdapterOptions:
    try:
        options = plugin.options(**feed.adapter.options)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(("adapter", *map(str, first["loc"])))
        raise ConfigurationError(f"feed {feed.name}", key, first["msg"]) from error
    assert isinstance(options, AdapterOptions), f"the options of {plugin.name} are no AdapterOptions"
    return options


def _check_tokens(feed: Feed, others: tuple[Feed, ...]) -> None:
    """At ``/fhir`` the token says which feed it is."""
    for other in others:
        if feed.format is other.format is Format.FHIR and set(feed.tokens) & set(other.tokens):
            raise ConfigurationError(f"feed {feed.name}", "tokens", f"feed {other.name} has the same one at this place")


def _unrivalled(feed: Feed, others: tuple[Feed, ...]) -> Feed:
    """The feed, whose senders must be well formed and its own."""
    for sender in feed.senders:
        if sender.count("|") != 1:
            raise ConfigurationError(f"feed {feed.name}", "senders", f"{sender!r} must be APPLICATION|FACILITY")
    for other in others:
        shared = set(feed.senders) & set(other.senders)
        if shared or not (feed.senders or other.senders):
            what = min(shared) if shared else "all senders that no other feed names"
            raise ConfigurationError(
                f"feed {feed.name}", "senders", f"feed {other.name} takes {what} at the same place"
            )
    return feed

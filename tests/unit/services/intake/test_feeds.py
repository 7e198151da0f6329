from pathlib import Path

import pytest

from hub import registry
from hub.errors import ConfigurationError
from hub.services.intake.feeds import chooser, inlets
from hub.settings import Feed, PluginUse, Settings, Site


def feed(name: str, *senders: str, kind: str = "mllp", **options: object) -> Feed:
    return Feed(name=name, adapter=PluginUse(kind=kind, **options), senders=senders)  # type: ignore[arg-type]


def site(*feeds: Feed) -> Site:
    registry.load_all()
    return Site(feeds=feeds, rules=(), practices=())


def test_feeds_on_one_port_share_an_inlet(tmp_path: Path) -> None:
    """A port that is named and the same port by default are one place; another port is another."""
    found = inlets(
        site(feed("a"), feed("b", "LAB|X", port=2575), feed("c", port=2576), feed("d", kind="folder", path="d")),
        Settings(data=tmp_path),
    )
    assert [[f.name for f in inlet.feeds] for inlet in found] == [["a", "b"], ["c"], ["d"]]


@pytest.mark.parametrize(
    ("feeds", "key", "said"),
    [
        ((feed("a"), feed("b")), "senders", "takes all senders that no other feed names"),
        ((feed("a", "LAB|X"), feed("b", "LAB|X", "LAB|Y")), "senders", r"takes LAB\|X"),
        ((feed("a", "LAB"),), "senders", "must be APPLICATION"),
        ((feed("a", kind="pigeon"),), "adapter.kind", "there are: folder, http, mllp"),
        ((feed("a", port="x"),), "adapter.port", "integer"),
        ((feed("a", wings=2),), "adapter.wings", "not permitted"),
        ((feed("a"), feed("b", "LAB|X", connections=2)), "adapter", "a sets 127.0.0.1:2575 otherwise"),
    ],
)
def test_feeds_that_contradict_each_other(feeds: tuple[Feed, ...], key: str, said: str, tmp_path: Path) -> None:
    """A configuration that leaves open where a message belongs is refused in one line that names feed and key."""
    with pytest.raises(ConfigurationError, match=said) as caught:
        inlets(site(*feeds), Settings(data=tmp_path))
    assert caught.value.key == key
    assert caught.value.file.startswith("feed ")


def test_the_most_exact_claim_wins() -> None:
    """The pair goes before a pattern, a pattern before everything, whatever the order of the feeds."""
    choose = chooser((feed("rest"), feed("app", "LAB|*"), feed("pair", "LAB|X")))
    names = [found.name for sender in ("LAB|X", "LAB|Y", "ADT|X", "|") if (found := choose(sender))]
    assert names == ["pair", "app", "rest", "rest"]
    assert chooser((feed("pair", "LAB|X"),))("ADT|X") is None

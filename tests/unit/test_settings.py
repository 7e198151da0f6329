from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.settings import Feed, PluginUse, load_settings, load_site


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A setting from the environment that is not allowed is reported as that variable, with what is allowed."""
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path))
    monkeypatch.setenv("HUB_MLLP_PORT", "99999")
    with pytest.raises(ConfigurationError, match=r"^environment: HUB_MLLP_PORT: .*less than or equal to 65535$"):
        load_settings()


def test_a_wrong_line_of_the_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A setting from hub.yaml that is not allowed is reported with the file and the key."""
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path))
    (tmp_path / "hub.yaml").write_text("batch: many\n")
    with pytest.raises(ConfigurationError, match=r"hub\.yaml: batch: .*integer"):
        load_settings()


def test_an_unknown_key_lists_what_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key that is no setting is reported with the settings that there are."""
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path))
    (tmp_path / "hub.yaml").write_text("mlp_port: 2575\n")
    with pytest.raises(ConfigurationError, match=r"hub\.yaml: mlp_port: no such setting; there are: .*mllp_port"):
        load_settings()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable overrides what hub.yaml says."""
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path))
    monkeypatch.setenv("HUB_BATCH", "7")
    (tmp_path / "hub.yaml").write_text("batch: 9\nhttp_port: 9090\n")
    settings = load_settings()
    assert (settings.batch, settings.http_port) == (7, 9090)


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    """A file that is not YAML is reported with the line where reading ended."""
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "a.yaml").write_text("name: a\nadapter: [\n")
    with pytest.raises(ConfigurationError, match=r"a\.yaml: line \d: not valid YAML"):
        load_site(load_settings(config=tmp_path))


def test_a_folder_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A configuration folder that was asked for and is not there is an error, not the defaults."""
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "confg"))
    with pytest.raises(ConfigurationError, match=r"HUB_CONFIG: .*confg is no folder"):
        load_settings()


def test_what_a_site_does_not_configure_falls_back(tmp_path: Path) -> None:
    """Without a folder of its own a site has the feeds that ship with the hub."""
    assert [feed.name for feed in load_site(load_settings(config=tmp_path)).feeds] == ["any"]


@pytest.mark.parametrize(
    ("senders", "name"),
    [((), "any/MERCY"), (("*|*",), "any/MERCY"), (("ADT|MERCY", "ADT|LAKESIDE"), "any/MERCY"), (("*|MERCY",), "any")],
)
def test_a_feed_of_several_facilities_is_not_one_authority(senders: tuple[str, ...], name: str) -> None:
    """What a message numbers without naming an authority is its facility's, unless the feed has only that one."""
    feed = Feed(name="any", adapter=PluginUse(kind="mllp"), senders=senders)
    assert feed.within("ADT|MERCY").name == name
    assert feed.within("ADT|").name == feed.within("").name == "any"


def test_a_file_that_would_be_passed_over_is_named(tmp_path: Path) -> None:
    """A file whose name ends in .yml is not silently left out."""
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "mercy.yml").write_text("name: mercy\nadapter: {kind: mllp}\n")
    with pytest.raises(ConfigurationError, match=r"mercy\.yml: is not read: the name must end in \.yaml$"):
        load_site(load_settings(config=tmp_path))

"""Typed settings: ``HUB_*`` variables over ``config/hub.yaml``, and the site's feeds, rules and practices.

A folder of the configuration that is missing falls back to the defaults that ship with the hub; one that exists
is the site's own word. Everything wrong is one ``ConfigurationError`` naming file, key and what is allowed.
"""

import os
import re
from collections.abc import Callable
from functools import cached_property
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from hub.errors import ConfigurationError
from hub.model import Format, Role, Urgency
from hub.ports import Peer

_PACKAGE = Path(__file__).parent
_INSTALLED = (_PACKAGE / "_config").is_dir()

DEFAULT_CONFIG = _PACKAGE / "_config" if _INSTALLED else _PACKAGE.parent / "config"
"""The configuration that ships with the hub: in an installed wheel beside the code, in a checkout ``config/``."""

DEFAULT_FIXTURES = _PACKAGE / "_fixtures" if _INSTALLED else _PACKAGE.parent / "fixtures" / "messages"
"""The synthetic messages that the tests of rules name, installed and found in the same way."""

MIB = 1024 * 1024

SENDERS = 1000
"""So many senders are kept in mind."""


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError):
        raise ValueError(f"{name!r} is not an IANA time zone such as America/New_York") from None
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PluginUse(BaseModel, extra="allow", frozen=True):
    """A plug-in by its ``kind`` with its own options beside it."""

    kind: str

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class AdapterOptions(BaseModel, extra="forbid", frozen=True):
    """What the options of every adapter can say."""

    formats: ClassVar[tuple[Format, ...]] = tuple(Format)
    """What can come in by this adapter."""

    by_sender: ClassVar[bool] = True
    """Whether MSH-3 and MSH-4 choose among the feeds of one place; else the adapter knows the feed of each arrival."""

    def settled(self, settings: "Settings") -> Self:
        """These options, with what the settings say where they say nothing."""
        return self

    @property
    def place(self) -> str:
        """Where arrivals come in: feeds of one adapter kind with the same place share one adapter."""
        return self.model_dump_json()


class Feed(_Strict):
    """One source of messages and what the hub knows of it that the messages do not say.

    ``senders`` are ``application|facility`` pairs (MSH-3|MSH-4, ``*`` for any); a feed without senders takes what
    no other feed on the same adapter claims. ``columns`` maps field names to CSV headers (several allowed ones with
    ``|`` between them; a file may lack those in ``optional``), ``constants`` fills fields.

    Over a connection, ``addresses`` (``10.20.0.0/16``, ``2001:db8::5``) and ``certificates`` (names on a client's
    certificate) say who may send for this feed; empty ones leave it open. ``tokens`` are the SHA-256 hashes of what
    HTTP knows its senders by (``hub feed token`` makes one).
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    adapter: PluginUse
    format: Format = Format.HL7V2
    type: str = ""
    senders: tuple[str, ...] = ()
    addresses: tuple[IPv4Network | IPv6Network, ...] = ()
    certificates: tuple[str, ...] = ()
    tokens: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    time_zone: str = "UTC"
    charset: str = "ascii"
    namespaces: dict[str, str] = {}
    coding_systems: dict[str, str] = {}
    columns: dict[str, str] = {}
    optional: tuple[str, ...] = ()
    constants: dict[str, str] = {}
    date_format: str = "%Y-%m-%d"

    _zone = field_validator("time_zone")(_time_zone)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def admits(self, peer: Peer) -> bool:
        """Whether the other side of a connection may send for this feed."""
        return (not self.addresses or self._is_near(peer.address)) and (
            not self.certificates or not peer.names.isdisjoint(map(str.lower, self.certificates))
        )

    def _is_near(self, address: str) -> bool:
        try:
            its = ip_address(address.partition("%")[0])
        except ValueError:  # a socket without an address
            return False
        if isinstance(its, IPv6Address) and its.ipv4_mapped:  # an IPv4 client of a socket that listens on both
            its = its.ipv4_mapped
        return any(its in network for network in self.addresses)

    def within(self, sender: str) -> Self:
        """This feed as the authority of what a message of the sender (``application|facility``) numbers without naming
        one: under ``feed/facility``, unless the feed has one facility only."""
        facility = sender.rpartition("|")[2]
        return self.model_copy(update={"name": f"{self.name}/{facility}"}) if facility and self._shared else self

    @cached_property
    def _shared(self) -> bool:
        """Whether several facilities send by this feed, who may give the same number to two people."""
        facilities = {sender.rpartition("|")[2] for sender in self.senders}
        return len(facilities) != 1 or "*" in facilities


class Notify(_Strict):
    """Who hears of it, how soon, and in which words (a name in ``routing.wording``)."""

    who: tuple[Role, ...]
    urgency: Urgency = Urgency.MEDIUM
    wording: str

    @field_validator("who", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class RuleTest(_Strict):
    """A message (or several, in order) under ``fixtures/messages``, and whom the last one notifies by this rule."""

    given: str | tuple[str, ...]
    notifies: tuple[Role, ...]


class Rule(_Strict):
    """When a care event of one of the types ``on`` satisfies ``when`` (CEL over the flat projection), notify."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    why: str
    on: tuple[str, ...]
    when: str = "true"
    notify: Notify
    tests: tuple[RuleTest, ...] = ()


class Clinician(_Strict):
    npi: str = Field(pattern=r"^\d{10}$")
    name: str


class Practice(_Strict):
    """Who can be told: a practice, its clinicians and the channels by which it hears."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    time_zone: str = "UTC"
    clinicians: tuple[Clinician, ...] = ()
    channels: tuple[PluginUse, ...] = (PluginUse(kind="inbox"),)

    _zone = field_validator("time_zone")(_time_zone)


class Settings(BaseSettings):
    """The hub's own settings. Paths are relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="forbid", frozen=True)

    config: Path = Field(Path("config"), description="folder with hub.yaml, feeds/, rules/ and practices/")
    data: Path = Field(Path("var"), description="folder of databases and files")
    database_url: str = Field("", description="SQLAlchemy URL; default: SQLite under HUB_DATA")
    streams_url: str = Field("embedded:", description="embedded: (a log in the database)")
    host: str = Field("127.0.0.1", description="address to listen on")
    mllp_port: int = Field(2575, ge=0, le=65535, description="port of MLLP feeds that name none")
    http_port: int = Field(8080, ge=0, le=65535, description="port of the console")
    http_intake_port: int = Field(8081, ge=0, le=65535, description="port of HTTP feeds that name none")
    console_names: str = Field("", description="host names, comma-separated, by which browsers may call the console")
    mllp_frame_limit: int = Field(16 * MIB, ge=1024, description="bytes; a longer frame is refused")
    mllp_frame_seconds: float = Field(30.0, gt=0, description="deadline for an unfinished frame")
    batch: int = Field(100, ge=1, le=500, description="records a stage takes in one transaction")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what ``load`` passes from ``hub.yaml``."""
        return env_settings, init_settings

    @property
    def main_url(self) -> str:
        """The database of everything but intake."""
        return self.database_url or f"sqlite:///{self.data / 'hub.db'}"

    @property
    def intake_url(self) -> str:
        """The database of the intake log: with SQLite a file of its own, so that receiving never waits for routing."""
        return self.database_url or f"sqlite:///{self.data / 'intake.db'}"


class Site(_Strict):
    """All that a site has configured."""

    feeds: tuple[Feed, ...]
    rules: tuple[Rule, ...]
    practices: tuple[Practice, ...]

    def feed(self, name: str) -> Feed:
        """The feed of that name; a message of a feed that is no longer configured is read with the defaults."""
        return self._feeds.get(name) or Feed(name=name, adapter=PluginUse(kind="mllp"))

    def feed_within(self, name: str, sender: str) -> Feed:
        """The feed of that name, as the authority of what a message of the sender numbers without naming one; the same
        object each time."""
        known = self._within
        if (name, sender) not in known:
            if len(known) >= SENDERS:
                known.clear()
            known[name, sender] = self.feed(name).within(sender)
        return known[name, sender]

    def practice(self, practice_id: str) -> Practice:
        """The practice of that id; one that only a panel names has the inbox and nothing else."""
        return self._practices.get(practice_id) or Practice.model_construct(id=practice_id, name=practice_id)

    @cached_property
    def _within(self) -> dict[tuple[str, str], Feed]:
        return {}

    @cached_property
    def _feeds(self) -> dict[str, Feed]:
        return {f.name: f for f in self.feeds}

    @cached_property
    def _practices(self) -> dict[str, Practice]:
        return {p.id: p for p in self.practices}


def load_settings(**overrides: Any) -> Settings:
    """Settings from ``hub.yaml`` under the environment; ``overrides`` (from the command line) win over both."""
    file = Path(overrides.get("config") or _config_folder()) / "hub.yaml"
    written = _read_yaml(file) if file.exists() else {}
    if "config" in overrides or variable("config") in os.environ:
        _must_be_there(file.parent)
    try:
        settings = Settings(**{k: v for k, v in written.items() if k != "config"})
    except ValidationError as error:
        raise _bad_setting(error, file) from error
    return settings.model_copy(update={k: v for k, v in overrides.items() if v is not None})


def load_site(settings: Settings) -> Site:
    """The site's feeds, rules and practices."""
    return Site(
        feeds=tuple(_load_each(settings.config, "feeds", Feed)),
        rules=tuple(_load_each(settings.config, "rules", Rule)),
        practices=tuple(_load_each(settings.config, "practices", Practice)),
    )


def variable(setting: str) -> str:
    """The name of a setting in the environment."""
    return f"HUB_{setting.upper()}"


def _config_folder() -> Path:
    return Path(os.environ.get(variable("config"), "config"))


def _must_be_there(folder: Path) -> None:
    """Nobody names a folder and means the defaults."""
    if not folder.is_dir():
        raise ConfigurationError("settings", variable("config"), f"{folder} is no folder")


def _bad_setting(error: ValidationError, file: Path) -> ConfigurationError:
    first = error.errors()[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return ConfigurationError(str(file), name, f"no such setting; there are: {', '.join(Settings.model_fields)}")
    if variable(name) in {v.upper() for v in os.environ}:
        return ConfigurationError("environment", variable(name), first["msg"])
    return ConfigurationError(str(file), name, first["msg"])


M = TypeVar("M", bound=BaseModel)


def files_of(config: Path, room: str) -> list[Path]:
    """The files of one room (``feeds``, ``rules``, ``practices``): the site's, else those that ship with the hub.

    Raises ``ConfigurationError`` for a file that would be passed over.
    """
    folder = config / room
    if not folder.is_dir():
        folder = DEFAULT_CONFIG / room
    for other in folder.glob("*.yml"):
        raise ConfigurationError(str(other), "", "is not read: the name must end in .yaml")
    return sorted(folder.glob("*.yaml"))


def load_file(file: Path, model: type[M]) -> M:
    """One file of the configuration. Raises ``ConfigurationError``."""
    return _validated(lambda: model(**_read_yaml(file)), str(file))


def name_of(item: BaseModel) -> str:
    """What no two files of a room may both be called."""
    return item.id if isinstance(item, Practice) else str(getattr(item, "name", ""))


def _load_each(config: Path, room: str, model: type[M]) -> list[M]:
    loaded: dict[str, M] = {}
    for file in files_of(config, room):
        item = load_file(file, model)
        if name_of(item) in loaded:
            key = "id" if model is Practice else "name"
            raise ConfigurationError(str(file), key, f"{name_of(item)!r} is taken by another file in {file.parent}")
        loaded[name_of(item)] = item
    return list(loaded.values())


class _Loader(yaml.SafeLoader):
    """YAML 1.2: only ``true`` and ``false`` are booleans, so that a rule's key ``on`` is a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.IGNORECASE), list("tTfF"))


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        raise ConfigurationError(str(file), where, "not valid YAML") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(file), "", f"cannot be read as UTF-8 text ({type(error).__name__})") from error
    if not isinstance(content or {}, dict):
        raise ConfigurationError(str(file), "", "must be a mapping of keys to values")
    return content or {}


R = TypeVar("R")


def _validated(build: Callable[[], R], file: str) -> R:
    try:
        return build()
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        raise ConfigurationError(file, key, first["msg"]) from error
    except TypeError as error:
        raise ConfigurationError(file, "", str(error)) from error

"""The hub's own settings: ``HUB_*`` variables over ``config/hub.yaml``."""

import os
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from hub.errors import ConfigurationError
from hub.model import Format
from hub.settings.feed import Feed
from hub.settings.files import load_each, load_file, read_yaml
from hub.settings.parts import ReturnAddress
from hub.settings.referrals import Referrals
from hub.settings.site import Practice, Rule, Site

MIB = 1024 * 1024


class Settings(BaseSettings):
    """The hub's own settings. Paths are relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="forbid", frozen=True)

    config: Path = Field(Path("config"), description="folder with hub.yaml, feeds/, rules/ and practices/")
    data: Path = Field(Path("var"), description="folder of databases and files")
    database_url: str = Field("", description="SQLAlchemy URL; default: SQLite under HUB_DATA")
    streams_url: str = Field("embedded:", description="embedded: (a log in the database) or kafka://host:port")
    host: str = Field("127.0.0.1", description="address to listen on")
    mllp_port: int = Field(2575, ge=0, le=65535, description="port of MLLP feeds that name none")
    http_port: int = Field(8080, ge=0, le=65535, description="port of the console")
    http_intake_port: int = Field(8081, ge=0, le=65535, description="port of HTTP feeds that name none")
    fhir_port: int = Field(8082, ge=0, le=65535, description="port of the FHIR end for practices")
    fhir_url: str = Field(
        "", description="URL by which practices reach it, when that is not HUB_HOST and HUB_FHIR_PORT"
    )
    private_endpoints: str = Field(
        "", description="networks beside the internet, comma-separated (10.1.0.0/16), that practices may subscribe from"
    )
    console_names: str = Field("", description="host names, comma-separated, by which browsers may call the console")
    mllp_frame_limit: int = Field(16 * MIB, ge=1024, description="bytes; a longer frame is refused")
    mllp_frame_seconds: float = Field(30.0, gt=0, description="deadline for an unfinished frame")
    batch: int = Field(100, ge=1, le=500, description="records a stage takes in one transaction")
    lag_limit: int = Field(
        0, ge=0, description="messages waiting for conversion, beyond which none is taken in; 0: any"
    )
    disk_free: int = Field(1024, ge=0, description="MiB; with less on the disk of HUB_DATA an alarm opens")
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

    @field_validator("private_endpoints")
    @classmethod
    def _networks(cls, text: str) -> str:
        for part in filter(None, map(str.strip, text.split(","))):
            ip_network(part)
        return text

    @property
    def private_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks beside the internet that may be posted to."""
        return tuple(ip_network(part.strip()) for part in self.private_endpoints.split(",") if part.strip())

    @property
    def fhir_base(self) -> str:
        """The base URL of the FHIR end for practices."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.fhir_url.rstrip("/") or f"http://{host}:{self.fhir_port}/fhir"

    @property
    def main_url(self) -> str:
        """The database of everything but intake."""
        return self.database_url or f"sqlite:///{self.data / 'hub.db'}"

    @property
    def intake_url(self) -> str:
        """The database of the intake log: with SQLite a file of its own, so that receiving never waits for routing."""
        return self.database_url or f"sqlite:///{self.data / 'intake.db'}"


class AdapterOptions(BaseModel, extra="forbid", frozen=True):
    """What the options of every adapter can say."""

    formats: ClassVar[tuple[Format, ...]] = tuple(Format)
    """What can come in by this adapter."""

    by_sender: ClassVar[bool] = True
    """Whether MSH-3 and MSH-4 choose among the feeds of one place; else the adapter knows the feed of each arrival."""

    def settled(self, settings: Settings) -> Self:
        """These options, with what the settings say where they say nothing."""
        return self

    def problems(self, feed: Feed) -> Iterator[tuple[str, str]]:
        """What is wrong in these settled options for this feed beyond their shape: the key and what is allowed."""
        return iter(())

    @property
    def return_address(self) -> ReturnAddress | None:
        """Where application acknowledgements go; None: back over the connection by which their message came."""
        return None

    @property
    def place(self) -> str:
        """Where arrivals come in: feeds of one adapter kind with the same place share one adapter."""
        return self.model_dump_json()


def load_settings(**overrides: Any) -> Settings:
    """Settings from ``hub.yaml`` under the environment; ``overrides`` (from the command line) win over both."""
    file = Path(overrides.get("config") or _config_folder()) / "hub.yaml"
    written = read_yaml(file) if file.exists() else {}
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
        feeds=tuple(load_each(settings.config, "feeds", Feed)),
        rules=tuple(load_each(settings.config, "rules", Rule)),
        practices=tuple(load_each(settings.config, "practices", Practice)),
        referrals=load_referrals(settings.config),
    )


def load_referrals(config: Path) -> Referrals:
    """How the site follows its referrals; a site without the file has what ships."""
    file = referrals_file(config)
    return load_file(file, Referrals) if file.exists() else Referrals()


def referrals_file(config: Path) -> Path:
    return config / "referrals.yaml"


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

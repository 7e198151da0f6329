"""Where the cluster is and how it is spoken to: ``kafka://host:port,host:port/PREFIX?option=value``."""

from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, Field, ValidationError, model_validator

from hub.errors import ConfigurationError

SCHEME = "kafka"
MIB = 1024 * 1024
SETTING = "HUB_STREAMS_URL"


class Address(BaseModel, extra="forbid", frozen=True):
    """A cluster, the hub's topics on it, and what its client is told of TLS and SASL (by the client's own names)."""

    brokers: tuple[str, ...] = Field(min_length=1)
    prefix: str = Field("", max_length=100, pattern=r"^[A-Za-z0-9._-]*$")
    """What the names of topics, groups and transactions begin with."""
    partitions: int = Field(6, ge=1, le=1000)
    """Of topics that are created; as many workers of a stage can share its work."""
    replication: int = Field(1, ge=1, le=9)
    create: bool = True
    """Whether topics that are missing are created."""
    compression: Literal["none", "lz4", "zstd", "gzip"] = "lz4"
    record_mib: int = Field(20, ge=1, le=90)
    """The longest record."""
    session_timeout_ms: int = Field(10_000, ge=1000)
    """A worker that is silent for so long loses its partitions."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_plain_username: str | None = None
    sasl_plain_password: str | None = None
    ssl_cafile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_check_hostname: bool = True

    @model_validator(mode="after")
    def _credentials_go_with_sasl(self) -> Self:
        named = self.sasl_mechanism and self.sasl_plain_username and self.sasl_plain_password
        if self.security_protocol.startswith("SASL") and not named:
            raise ValueError("SASL needs sasl_mechanism, a user and a password")
        return self

    @property
    def record_bytes(self) -> int:
        return self.record_mib * MIB

    def topic(self, stream: str) -> str:
        """The topic of a stream."""
        return f"{self.prefix}{stream}"

    def group(self, stage: str) -> str:
        """The consumer group of a stage; the hub's transactions have names that begin so."""
        return f"{self.prefix}hub.{stage}"

    def connecting(self) -> dict[str, Any]:
        """What every client is told."""
        said = self.model_dump(include={name for name in type(self).model_fields if name[:4] in ("sasl", "ssl_")})
        return {
            "bootstrap_servers": list(self.brokers),
            "security_protocol": self.security_protocol,
            "client_id": "carering",
            "reconnect_backoff_max_ms": 1000,
            "bootstrap_timeout_ms": 5000,
            **said,
        }


def parse(url: str) -> Address:
    """The address that a URL says. Raises ``ConfigurationError``."""
    parts = urlsplit(url)
    userinfo, _, hosts = parts.netloc.rpartition("@")
    said: dict[str, Any] = {"prefix": parts.path.removeprefix("/"), **dict(parse_qsl(parts.query))}
    if userinfo:
        said["sasl_plain_username"], _, said["sasl_plain_password"] = map(unquote, userinfo.partition(":"))
    brokers = [host for host in hosts.split(",") if host]
    for broker in brokers:
        if not broker.rpartition(":")[2].isdecimal() or not broker.rpartition(":")[0]:
            raise ConfigurationError("settings", SETTING, "each broker must be host:port")
    try:
        return Address(brokers=tuple(brokers), **said)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise ConfigurationError("settings", SETTING, f"{name}: {first['msg']}" if name else first["msg"]) from None

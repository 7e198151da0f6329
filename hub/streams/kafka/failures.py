"""The client's errors by the hub's names."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from kafka import errors

from hub.errors import ConfigurationError, StreamUnavailable
from hub.streams.kafka.address import SETTING, Address

_REFUSED = (
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.AuthorizationError,
)


_LETS_NOBODY_IN = "takes connections and does not answer: it is busy, or security_protocol, user or password are wrong"

KNOCK_SECONDS = 1.0


@contextmanager
def named_errors(address: Address) -> Iterator[None]:
    """Whatever the client raises is a ``StreamUnavailable`` that says which cluster it is about."""
    try:
        yield
    except errors.KafkaError as error:
        raise StreamUnavailable(explained(address, error)) from error


@contextmanager
def opening(address: Address) -> Iterator[None]:
    """The same at the start, when credentials that are refused are a mistake in the settings."""
    try:
        yield
    except _REFUSED as error:
        raise ConfigurationError("settings", SETTING, explained(address, error)) from error
    except errors.KafkaError as error:
        raise StreamUnavailable(explained(address, error)) from error


def explained(address: Address, error: errors.KafkaError) -> str:
    """In words, without what was to be written."""
    where = ", ".join(address.brokers)
    if isinstance(error, _REFUSED):
        return f"Kafka at {where} refuses these credentials, or what they may do ({type(error).__name__})"
    if isinstance(error, errors.UnknownTopicOrPartitionError):
        return f"a topic of the hub is not there any more on Kafka at {where}"
    if isinstance(error, errors.KafkaTimeoutError | errors.KafkaConnectionError):
        return f"no Kafka broker answers at {where}" if not _listens(address) else f"Kafka at {where} {_LETS_NOBODY_IN}"
    return f"Kafka at {where}: {type(error).__name__}"


def _listens(address: Address) -> bool:
    """Whether a port is open: the client does not say that it was let in and then turned away."""
    for broker in address.brokers:
        host, _, port = broker.rpartition(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), KNOCK_SECONDS):
            return True
    return False
